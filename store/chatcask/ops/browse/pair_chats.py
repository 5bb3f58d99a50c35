"""Which chat of one snapshot belongs to which of another: by place, else by id."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from chatcask.catalog.catalog import Catalog
from chatcask.catalog.chat_file import ChatFile
from chatcask.monitor import Monitor, Problem
from chatcask.ops.browse.chat_change import ChatChangeKind
from chatcask.ops.browse.in_snapshot import chats_in, is_hidden
from chatcask.ops.browse.snapshot_folder import SnapshotFolder


@dataclass(frozen=True, slots=True)
class Pair:
    """A chat that may differ: what happened to it, its files, and where one that is gone still is."""

    kind: ChatChangeKind
    before: ChatFile | None
    after: ChatFile | None
    elsewhere: tuple[ChatFile, ...] = ()

    @property
    def session(self) -> str:
        """The chat's id."""
        return self.file.session

    @property
    def file(self) -> ChatFile:
        """The newer file, or the older one of a chat that is gone."""
        return cast("ChatFile", self.after or self.before)

    @property
    def has_equal_bytes(self) -> bool:
        """Tell whether both files have the same bytes in the same form."""
        one, other = self.before, self.after
        return bool(one and other and (one.content, one.name) == (other.content, other.name))


def pair_chats(
    catalog: Catalog, before: SnapshotFolder, after: SnapshotFolder, monitor: Monitor
) -> list[Pair]:
    """Return the chats that may differ between two snapshots, sorted by path.

    Only chats below the folder of the newer one count, and none of which damage hides what became of it.
    """
    pairs = _pairs(_side(catalog, before, monitor), _side(catalog, after, monitor))
    return sorted((pair for pair in pairs if _is_within(pair, after.path)), key=lambda pair: pair.file.path)


@dataclass(frozen=True, slots=True)
class _Side:
    """The chats that a snapshot is known to hold, and the parts of it of which nothing is known."""

    files: Sequence[ChatFile]
    gaps: Sequence[Problem]

    def hides(self, file: ChatFile) -> bool:
        return is_hidden(file.path, self.gaps)


def _side(catalog: Catalog, folder: SnapshotFolder, monitor: Monitor) -> _Side:
    if folder.stored is None:
        return _Side((), ())
    return _Side(chats_in(catalog, folder.stored, monitor), catalog.gaps(folder.stored.snapshot.root))


def _is_within(pair: Pair, folder: str) -> bool:
    prefix = f"{folder}/" if folder else ""
    return any(file.path.startswith(prefix) for file in (pair.before, pair.after) if file)


def _pairs(before: _Side, after: _Side) -> list[Pair]:
    """Return what belongs together on both sides: by place, else by id; equal pairs in one place are not."""
    old = {file.place: file for file in before.files}
    new = {file.place: file for file in after.files}
    free = {place: file for place, file in old.items() if place not in new and not after.hides(file)}
    pairs = []
    for place, file in new.items():
        if place in old:
            pair = Pair(ChatChangeKind.CHANGED, old[place], file)
            pairs += [] if pair.has_equal_bytes else [pair]
        elif not before.hides(file):
            pairs.append(_newcomer(file, free, before.files))
    for file in free.values():
        elsewhere = tuple(other for other in after.files if other.session == file.session)
        pairs.append(Pair(ChatChangeKind.REMOVED, file, None, elsewhere))
    return pairs


def _newcomer(file: ChatFile, free: dict[tuple[str, str, str], ChatFile], before: Sequence[ChatFile]) -> Pair:
    """Return what a chat in a new place is: moved from a place that is empty now, copied, or new."""
    origin = next((old for old in free.values() if old.session == file.session), None)
    if origin is not None:
        del free[origin.place]
        return Pair(ChatChangeKind.MOVED, origin, file)
    copies = [old for old in before if old.session == file.session]
    if copies:
        return Pair(ChatChangeKind.COPIED, max(copies, key=lambda old: old.mtime_ns), file)
    return Pair(ChatChangeKind.ADDED, None, file)
