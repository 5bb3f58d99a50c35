"""Carry chats out of a store and into it: bundles for stores, documents for people."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, BinaryIO

from chatcask.errors import DamagedError, InvalidInputError
from chatcask.monitor import OnceMonitor
from chatcask.ops.browse.find_chat import find_chat
from chatcask.ops.browse.selection import ChatSelection
from chatcask.repository.snapshots import StoredSnapshot

if TYPE_CHECKING:
    from pathlib import Path

    from chatcask.catalog.chat_file import ChatFile
    from chatcask.monitor import Monitor
    from chatcask.ops.bundle.read_in import ImportResult
    from chatcask.ops.bundle.write import ExportResult
    from chatcask.ops.documents.export import ExportedChats
    from chatcask.ops.editing.import_copies import ImportedCopy
    from chatcask.repository.keys import SnapshotReference
    from chatcask.workbench.bench import Bench
    from chatcask.workbench.snapshots import Snapshots


@dataclass(frozen=True, slots=True)
class ExportWishes:
    """What to carry out of a store. Whatever is empty or None chooses everything.

    Attributes:
        snapshots: Names of snapshots; without any, and without `every`, the newest of each machine.
        every: Take all snapshots of the store.
        sessions: Chats, by id or title.
        workspaces: Ids of workspaces, beginnings of ids, names of folders, or `empty-window`.
        since: Only chats changed at this time or later.
        until: Only chats changed at this time or earlier.
    """

    snapshots: Sequence[str] = ()
    every: bool = False
    sessions: Sequence[str] = ()
    workspaces: Sequence[str] = ()
    since: datetime | None = None
    until: datetime | None = None


class Bundles:
    """What leaves and enters a workbench's store."""

    def __init__(self, bench: Bench, snapshots: Snapshots) -> None:
        self._bench = bench
        self._snapshots = snapshots

    def select(self, wishes: ExportWishes, monitor: Monitor) -> ChatSelection:
        """Return the selection that wishes stand for.

        Raises:
            InvalidInputError: wishes contradict each other.
            NotFoundError: there is no such snapshot or chat.
            AmbiguousError: several answer to a name.
        """
        snapshots = self._chosen(wishes, monitor)
        return ChatSelection(
            snapshots=snapshots,
            sessions=self._sessions(snapshots, wishes.sessions, OnceMonitor(monitor)),
            workspaces=tuple(wishes.workspaces),
            since=wishes.since,
            until=wishes.until,
        )

    def export(
        self,
        selection: ChatSelection,
        write: Callable[[bytes], object],
        monitor: Monitor,
        *,
        with_paths: bool = False,
    ) -> ExportResult:
        """Write a bundle, which `import_bundle` of any store reads (docs/bundle.md).

        Args:
            selection: What to carry.
            write: Takes the bundle's bytes, piece by piece.
            monitor: Told of progress and of what cannot be read.
            with_paths: Carry `workspace.json` as it is, with paths of folders.
        """
        from chatcask.ops.bundle.write import ExportOptions, export_bundle  # noqa: PLC0415 - an import writes none

        machine = self._bench.machine
        options = ExportOptions(machine.clock(), machine.program, with_paths=with_paths)
        return export_bundle(self._bench.repository, selection, write, options, monitor=monitor)

    def find_chats(self, selection: ChatSelection, monitor: Monitor) -> list[ChatFile]:
        """Return the chats of a selection, each as its newest snapshot has it; damage is reported.

        Raises:
            NotFoundError: there is no such chat or workspace.
            DamagedError: no snapshot can be read.
        """
        from chatcask.ops.documents.export import find_chats  # noqa: PLC0415 - a bundle needs none of it

        return find_chats(self._bench.repository, self._bench.catalog, selection, monitor)

    def export_documents(
        self,
        chats: Sequence[ChatFile],
        folder: Path,
        format_name: str,
        monitor: Monitor,
        *,
        overwrite: bool = False,
    ) -> ExportedChats:
        """Write one document a chat into a folder.

        Raises:
            InvalidInputError: a file is there already, and `overwrite` is false.
        """
        from chatcask.ops.documents.export import export_chats  # noqa: PLC0415

        catalog = self._bench.catalog
        return export_chats(catalog, chats, folder, format_name, overwrite=overwrite, monitor=monitor)

    def export_document(
        self,
        chat: ChatFile,
        open_output: Callable[[], AbstractContextManager[BinaryIO]],
        format_name: str,
    ) -> int:
        """Write one chat as a document; return its size in bytes.

        `open_output` is called when the chat has been read, so nothing is written for one that cannot be.

        Raises:
            DamagedError: no chat can be read from its bytes.
        """
        from chatcask.ops.documents.export import export_chat  # noqa: PLC0415

        return export_chat(self._bench.catalog, chat, open_output, format_name)

    def import_bundle(
        self, read: Callable[[int], bytes], tags: Sequence[str], monitor: Monitor
    ) -> ImportResult:
        """Read a bundle into the store; its snapshots stand beside those of this machine.

        Args:
            read: Gives at most as many bytes as asked for, and none at the end.
            tags: Names for the newest imported snapshot.
            monitor: Told of progress and of what is damaged.

        Raises:
            InvalidInputError: a tag cannot be one, or this is no bundle.
        """
        from chatcask.ops.bundle.read_in import ImportOptions, import_bundle  # noqa: PLC0415 - an export reads none
        from chatcask.repository.addressing import check_tag  # noqa: PLC0415

        machine = self._bench.machine
        options = ImportOptions(machine.program, tuple(check_tag(tag) for tag in tags))
        return import_bundle(self._bench.repository, read, options, clock=machine.clock, monitor=monitor)

    def import_copies(self, path: Path, tags: Sequence[str], monitor: Monitor) -> list[ImportedCopy]:
        """Store what a copy of an editor's folder holds, or files of chats; each dated by its files.

        Args:
            path: A folder, a zip file, or the file of one chat, also one that the editor exported.
            tags: Names for the newest copy that is found.
            monitor: Told of what cannot be read.

        Raises:
            InvalidInputError: a tag cannot be one, no chat is in it, or it is an editor's own folder.
            EditorRunningError: an editor uses the folder; nothing was touched.
        """
        from chatcask.ops.editing.import_copies import import_copies  # noqa: PLC0415 - few have copies
        from chatcask.repository.addressing import check_tag  # noqa: PLC0415
        from chatcask.workbench.sources import choose_sources, keep_out_of_editors  # noqa: PLC0415

        machine = self._bench.machine
        keep_out_of_editors(machine, path, "a copy to import")
        names = tuple(check_tag(tag) for tag in tags)
        for folder in (path.absolute(), *path.absolute().parents):
            if (folder / "User").is_dir():  # it may be the folder of an editor that is not found by itself
                machine.guard.require_closed(choose_sources(machine, folder, None)[0])
        return import_copies(
            self._bench.repository,
            path,
            machine.platform,
            machine.guard,
            machine.program,
            names,
            clock=machine.clock,
            monitor=monitor,
        )

    def _chosen(self, wishes: ExportWishes, monitor: Monitor) -> tuple[SnapshotReference, ...]:
        if wishes.every and wishes.snapshots:
            raise InvalidInputError("all snapshots and named ones contradict each other")
        if wishes.every and (references := tuple(self._bench.repository.snapshots())):
            return references
        newest = self._snapshots.newest_of_each
        found = [self._snapshots.find(name) for name in wishes.snapshots] or newest(monitor)
        return tuple(stored.reference for stored in found)

    def _sessions(
        self, snapshots: Sequence[SnapshotReference], names: Sequence[str], monitor: Monitor
    ) -> tuple[str, ...]:
        """Return the ids of the chats that were named by id or title."""
        if not names:
            return ()
        loaded = []
        for reference in sorted(snapshots, reverse=True):
            with suppress(DamagedError):  # the export names it
                loaded.append(StoredSnapshot(reference, self._bench.repository.load(reference)))
        return tuple(find_chat(self._bench.catalog, name, loaded, monitor).file.session for name in names)
