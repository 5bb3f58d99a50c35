"""Tags and pins: names that snapshots are given, and what every policy keeps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chatcask.advice import Advice, AdviceCode
from chatcask.errors import AmbiguousError, InvalidInputError, NotFoundError
from chatcask.ops.browse.find_chat import find_chat
from chatcask.ops.retention import label

if TYPE_CHECKING:
    from chatcask.monitor import Monitor
    from chatcask.repository.keys import SnapshotReference
    from chatcask.workbench.bench import Bench
    from chatcask.workbench.snapshots import Snapshots


@dataclass(frozen=True, slots=True)
class TagChange:
    """A snapshot with the tags that it has now, and the snapshots that a tag was taken from."""

    snapshot: SnapshotReference
    tags: tuple[str, ...]
    moved_from: tuple[SnapshotReference, ...] = ()


class LabelsView:
    """The tags and pins of a workbench's store."""

    def __init__(self, bench: Bench, snapshots: Snapshots) -> None:
        self._bench = bench
        self._snapshots = snapshots

    def tag(self, name: str, tag: str) -> TagChange:
        """Give a snapshot a tag; another snapshot that had it has it no more.

        Raises:
            NotFoundError: there is no such snapshot.
            InvalidInputError: it cannot be a tag.
        """
        reference, _ = self._snapshots.find(name)
        moved_from = label.tag_snapshot(self._bench.repository, reference, tag)
        return TagChange(reference, self.tags(reference), moved_from)

    def untag(self, name: str, tag: str) -> TagChange:
        """Take a tag of a snapshot away.

        Raises:
            NotFoundError: there is no such snapshot, or it has no such tag.
        """
        reference, _ = self._snapshots.find(name)
        label.untag_snapshot(self._bench.repository, reference, tag)
        return TagChange(reference, self.tags(reference))

    def tags(self, reference: SnapshotReference) -> tuple[str, ...]:
        """Return a snapshot's tags."""
        repository = self._bench.repository
        return tuple(repository.labels().tags(reference.id, repository.load(reference).tags))

    def pinned(self) -> tuple[list[SnapshotReference], list[str]]:
        """Return the snapshots that are pinned, and the ids of the chats that are."""
        labels = self._bench.repository.labels()
        snapshots = self._bench.repository.snapshots()
        return [one for one in snapshots if labels.is_pinned(one.id)], sorted(labels.pinned_sessions)

    def pin(self, name: str, monitor: Monitor) -> SnapshotReference | str:
        """Pin the snapshot, or the chat, that a person named; return the snapshot or the chat's id.

        Raises:
            NotFoundError: neither is there.
            AmbiguousError: several answer to the name.
        """
        found = self._named(name, monitor)
        if isinstance(found, str):
            label.pin_chat(self._bench.repository, found)
        else:
            label.pin_snapshot(self._bench.repository, found)
        return found

    def unpin(self, name: str, monitor: Monitor) -> SnapshotReference | str:
        """Take a pin away, also of a chat that no snapshot holds any more; return what was pinned.

        Raises:
            NotFoundError: neither is there.
            AmbiguousError: several answer to the name.
        """
        pinned = self._bench.repository.labels().pinned_sessions
        found = self._named(name, monitor, known=name if name in pinned else None)
        if isinstance(found, str):
            label.unpin_chat(self._bench.repository, found)
        else:
            label.unpin_snapshot(self._bench.repository, found)
        return found

    def _named(self, name: str, monitor: Monitor, known: str | None = None) -> SnapshotReference | str:
        """Return the snapshot or the chat of that name; `known` is a chat that answers to it for certain."""
        reference = self._snapshot(name)
        session = known or self._session(name, monitor)
        if reference is not None and session is not None:
            raise AmbiguousError(
                f"{name!r} names snapshot {reference.id[:12]} and chat {session}",
                what="snapshot or chat",
                name=name,
                candidates=(reference.id, session),
                advice=Advice(AdviceCode.WRITE_MORE_OF_ID),
            )
        found = reference or session
        if found is None:
            raise NotFoundError(
                f"no snapshot and no chat {name!r}",
                what="snapshot or chat",
                name=name,
                advice=Advice(AdviceCode.LIST_SNAPSHOTS_AND_CHATS),
            )
        return found

    def _snapshot(self, name: str) -> SnapshotReference | None:
        try:
            return self._snapshots.find(name)[0]
        except AmbiguousError:
            raise
        except (NotFoundError, InvalidInputError):
            return None

    def _session(self, name: str, monitor: Monitor) -> str | None:
        try:
            history = self._snapshots.history(monitor)
            return find_chat(self._bench.catalog, name, history, monitor).file.session
        except AmbiguousError:
            raise
        except NotFoundError:
            return None
