"""What is measured of a store: the values that `stats` returns."""

from __future__ import annotations

from dataclasses import dataclass

from chatcask.monitor import Problem


@dataclass(frozen=True, slots=True)
class ObjectSizes:
    """Bytes and number of the store's objects of one kind."""

    count: int = 0
    size: int = 0


@dataclass(frozen=True, slots=True)
class ChunkSizes:
    """The chunks of one kind that the indexes name: how many, their bytes, their bytes when compressed."""

    count: int = 0
    raw: int = 0
    stored: int = 0


@dataclass(frozen=True, slots=True)
class FolderSizes:
    """Files below a folder: how many, and their bytes."""

    files: int = 0
    size: int = 0


@dataclass(frozen=True, slots=True)
class WorkspaceSizes:
    """One workspace in the newest snapshot of its line. `name` is that of its folder, if known."""

    source: str
    workspace: str
    name: str
    chats: int
    files: int
    size: int


@dataclass(frozen=True, slots=True)
class EditorSizes:
    """One source in the newest snapshots that have it, its workspaces added up."""

    source: str
    workspaces: int
    chats: int
    files: int
    size: int


@dataclass(frozen=True, slots=True)
class ChatSize:
    """One chat in the newest snapshot of its line: where it is, its title if listed, its bytes."""

    source: str
    workspace: str
    session: str
    title: str
    path: str
    size: int


@dataclass(frozen=True, slots=True)
class MonthGrowth:
    """What the runs of one month (UTC, `2026-11`) added: new bytes of chats, and bytes of the store."""

    month: str
    snapshots: int
    bytes_new: int
    bytes_stored: int


@dataclass(frozen=True, slots=True)
class StoreStats:
    """The sizes of a store.

    Attributes:
        objects: By kind: `packs`, `index`, `snapshots`, `forgotten`, `condemned`.
        chunks: By kind: `data`, `list`, `tree`.
        snapshots: How many snapshots could be read.
        logical: All files of all snapshots, as many times as they stand there.
        workspaces: Largest first.
        months: Oldest first.
        largest: The largest chats, largest first.
        problems: What could not be read.
    """

    objects: dict[str, ObjectSizes]
    chunks: dict[str, ChunkSizes]
    snapshots: int
    logical: FolderSizes
    workspaces: tuple[WorkspaceSizes, ...]
    months: tuple[MonthGrowth, ...]
    largest: tuple[ChatSize, ...]
    problems: tuple[Problem, ...]

    @property
    def editors(self) -> tuple[EditorSizes, ...]:
        """The sources, largest first."""
        found: dict[str, list[WorkspaceSizes]] = {}
        for place in self.workspaces:
            found.setdefault(place.source, []).append(place)
        editors = (
            EditorSizes(
                source,
                len(places),
                sum(place.chats for place in places),
                sum(place.files for place in places),
                sum(place.size for place in places),
            )
            for source, places in found.items()
        )
        return tuple(sorted(editors, key=lambda editor: (-editor.size, editor.source)))

    @property
    def stored(self) -> int:
        """Bytes of all objects."""
        return sum(kind.size for kind in self.objects.values())

    @property
    def dedup_ratio(self) -> float | None:
        """How many times each stored byte of the files stands in the snapshots; None for an empty store."""
        raw = self.chunks["data"].raw
        return self.logical.size / raw if raw else None

    @property
    def compression_ratio(self) -> float | None:
        """How many bytes one compressed byte stands for; None for an empty store."""
        raw = sum(kind.raw for kind in self.chunks.values())
        stored = sum(kind.stored for kind in self.chunks.values())
        return raw / stored if stored else None
