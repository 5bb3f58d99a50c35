"""Two snapshots or folders of them beside each other: which files and chats differ, and in which turns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chatcask.errors import DamagedError
from chatcask.monitor import Monitor, OnceMonitor, Problem
from chatcask.ops.browse.chat_change import ChatChange, ChatChangeKind, TurnText
from chatcask.ops.browse.diff_chats import diff_chats, turn_texts
from chatcask.ops.browse.diff_files import ChangedFile, diff_trees
from chatcask.ops.browse.find_chat import find_chat
from chatcask.ops.browse.related import RelatedChat, find_related
from chatcask.ops.browse.snapshot_folder import SnapshotFolder, snapshot_folder
from chatcask.repository.addressing import split_path

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chatcask.catalog.catalog import Catalog
    from chatcask.repository.repository import Repository
    from chatcask.repository.snapshots import StoredSnapshot
    from chatcask.workbench.bench import Bench


@dataclass(frozen=True, slots=True)
class ComparedChat:
    """A chat that differs, and for a new one the older chats that it comes from, the likeliest first."""

    change: ChatChange
    related: Sequence[RelatedChat] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two folders of snapshots, `after` the newer one. What cannot be read is a problem for the monitor."""

    repository: Repository
    catalog: Catalog
    before: SnapshotFolder
    after: SnapshotFolder
    monitor: Monitor

    @property
    def snapshots(self) -> list[StoredSnapshot]:
        """The snapshots that are compared, the newer one first."""
        return [side.stored for side in (self.after, self.before) if side.stored]

    def files(self) -> list[ChangedFile]:
        """Return the files that differ."""
        return list(diff_trees(self.repository, self.before, self.after, self.monitor))

    def chats(self, name: str | None = None) -> list[ComparedChat]:
        """Return the chats that differ, or only one; none for folders that are not the same on both sides.

        Raises:
            NotFoundError: neither side holds a chat of that name.
            AmbiguousError: several chats answer to it.
        """
        catalog, session = self.catalog, None
        if name is not None:
            session = find_chat(catalog, name, self.snapshots, self.monitor).file.session
        if self.before.path != self.after.path:
            return []
        changes = diff_chats(catalog, self.before, self.after, session=session, monitor=self.monitor)
        return [ComparedChat(change, self._related(change)) for change in changes]

    def texts(self, change: ChatChange) -> list[TurnText]:
        """Return the turns of a chat that differ, with their text."""
        try:
            return list(turn_texts(self.catalog, change))
        except DamagedError as error:
            self.monitor.problem(Problem(change.side.file.path, "damaged", error.message))
            return []

    def _related(self, change: ChatChange) -> Sequence[RelatedChat]:
        # Against nothing every chat is new, and none comes from a chat that was there.
        if change.kind is not ChatChangeKind.ADDED or self.before.stored is None:
            return ()
        oldest_first = reversed(self.snapshots)
        return find_related(self.catalog, change.side.file, oldest_first, self.monitor)


def compare(
    bench: Bench, find: Callable[[str], StoredSnapshot], before: str, after: str | None, monitor: Monitor
) -> Comparison:
    """Compare `A[:PATH]` and `B[:PATH]`; without B it is A's parent and A, a first snapshot with nothing.

    Raises:
        NotFoundError: there is no such snapshot.
        InvalidInputError: a path is a file.
    """
    newer = _side(bench, find, after or before)
    if after is not None:
        older = _side(bench, find, before)
    elif newer.stored is not None and newer.stored.snapshot.parent is not None:
        older = _side(bench, find, f"{newer.stored.snapshot.parent}:{newer.path}")
    else:
        older = SnapshotFolder(path=newer.path)
    return Comparison(bench.repository, bench.catalog, older, newer, OnceMonitor(monitor))


def _side(bench: Bench, find: Callable[[str], StoredSnapshot], place: str) -> SnapshotFolder:
    name, path = split_path(place)
    return snapshot_folder(bench.repository, find(name), path)
