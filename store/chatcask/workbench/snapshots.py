"""Take, find and read snapshots, as files and folders."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from chatcask.advice import Advice, AdviceCode
from chatcask.errors import DamagedError, InvalidInputError
from chatcask.format.tree import Entry, EntryKind
from chatcask.monitor import Monitor, Problem
from chatcask.repository.snapshots import StoredSnapshot

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from chatcask.ops.files.restore_files import RestoredFiles
    from chatcask.ops.snapshot.capture_sources import Request
    from chatcask.ops.snapshot.take import SnapshotOptions, SnapshotResult
    from chatcask.repository.keys import SnapshotReference
    from chatcask.workbench.bench import Bench
    from chatcask.workbench.comparison import Comparison


class SnapshotPath(NamedTuple):
    """A folder or file of a snapshot, with its path there."""

    stored: StoredSnapshot
    path: str
    entry: Entry


class Snapshots:
    """The snapshots of a workbench's store."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    def take(self, requests: Sequence[Request], options: SnapshotOptions, monitor: Monitor) -> SnapshotResult:
        """Capture sources and keep what was seen.

        Raises:
            InvalidInputError: a tag cannot be one, or the store lies in a folder that is to be captured.
            NotFoundError: there is nothing to capture.
            EditorRunningError: the editor of every source runs; nothing was touched or written.
        """
        from chatcask.ops.snapshot.take import take_snapshot  # noqa: PLC0415 - readers take none

        machine = self._bench.machine
        self._bench.keep_out([request.source for request in requests])
        if not options.dry_run:
            self._bench.keep_identity()
        return take_snapshot(
            self._bench.repository,
            requests,
            options,
            identity=self._bench.identity,
            guard=machine.guard,
            clock=machine.clock,
            monitor=monitor,
        )

    def find(self, text: str) -> StoredSnapshot:
        """Return the snapshot that a person named (docs/cli.md, "Snapshots").

        Raises:
            NotFoundError: none answers to that name.
            AmbiguousError: several do.
            InvalidInputError: it is no name of a snapshot.
        """
        from chatcask.repository.addressing import parse_snapshot_address  # noqa: PLC0415
        from chatcask.repository.resolve import resolve_snapshot  # noqa: PLC0415 - a run names no snapshot

        machine, repository = self._bench.machine, self._bench.repository
        address = parse_snapshot_address(text, machine.local_now())
        reference = resolve_snapshot(repository, address, self._own()[::-1])
        return StoredSnapshot(reference, repository.load(reference))

    def newest(self, limit: int | None = None) -> tuple[list[StoredSnapshot], list[DamagedError]]:
        """Return the store's snapshots, newest first, and an error for each whose manifest is damaged."""
        repository = self._bench.repository
        loaded, damaged = [], []
        for reference in list(reversed(repository.snapshots()))[:limit]:
            try:
                loaded.append(StoredSnapshot(reference, repository.load(reference)))
            except DamagedError as error:
                damaged.append(error)
        return loaded, damaged

    def newest_of_each(self, monitor: Monitor) -> list[StoredSnapshot]:
        """Return the newest snapshot of each user and machine: this one's first, then the newest first.

        A damaged manifest is a problem, and the one before it serves.

        Raises:
            NotFoundError: the store has no snapshots.
            DamagedError: none can be read.
        """
        from chatcask.repository.origins import newest_of_each_origin  # noqa: PLC0415 - a run lists its own alone

        found = newest_of_each_origin(self._bench.repository, {self._bench.origin}, monitor.problem)
        return found or [self.find("latest")]

    def named_or_newest(self, name: str | None, monitor: Monitor) -> list[StoredSnapshot]:
        """Return the snapshot of that name, or without a name the newest of each user and machine.

        Raises:
            NotFoundError: there is none.
        """
        return self.newest_of_each(monitor) if name is None else [self.find(name)]

    def history(self, monitor: Monitor, until: StoredSnapshot | None = None) -> Iterator[StoredSnapshot]:
        """Yield the snapshots that can be read, newest first; a damaged one is a problem.

        Args:
            monitor: Told of damaged manifests.
            until: The newest to yield, with those before it on its machine; without it, all of the store:
                this machine's first, then those of others.
        """
        from chatcask.repository.origins import snapshots_up_to  # noqa: PLC0415

        repository = self._bench.repository
        for reference in snapshots_up_to(repository, until) if until else self._everything():
            try:
                yield StoredSnapshot(reference, repository.load(reference))
            except DamagedError as error:
                monitor.problem(Problem(reference.key, error.kind, error.message))

    def newest_on_machine_of(self, reference: SnapshotReference, monitor: Monitor) -> SnapshotReference:
        """Return the newest snapshot of the machine whose past a snapshot belongs to: of ours, if it may."""
        from chatcask.repository.origins import snapshots_up_to  # noqa: PLC0415

        repository = self._bench.repository
        for newest in self.newest_of_each(monitor):
            if reference in snapshots_up_to(repository, newest):
                return newest.reference
        return reference

    def own_origins(self) -> frozenset[str]:
        """Return this user's origin on this machine, and those that it goes on from."""
        return frozenset((self._bench.origin, *(reference.origin for reference in self._own())))

    def _own(self) -> list[SnapshotReference]:
        """Return this machine's snapshots, newest first, with those that they go on from."""
        from chatcask.repository.origins import first_readable, snapshots_up_to  # noqa: PLC0415

        repository = self._bench.repository
        newest_first = repository.snapshots(self._bench.origin)[::-1]
        newest = first_readable(repository, newest_first, lambda _: None)
        if newest is None:
            return newest_first
        followed = [each for each in snapshots_up_to(repository, newest) if each.origin != self._bench.origin]
        return newest_first + followed

    def _everything(self) -> list[SnapshotReference]:
        own = self._own()
        return own + sorted(set(self._bench.repository.snapshots()).difference(own), reverse=True)

    def path(self, place: str) -> SnapshotPath:
        """Return what stands at `SNAP:PATH`; without a path the snapshot's whole tree.

        Raises:
            NotFoundError: there is no such snapshot or path.
        """
        from chatcask.repository.addressing import split_path  # noqa: PLC0415

        name, path = split_path(place)
        stored = self.find(name)
        return SnapshotPath(stored, path, self._bench.repository.entry(stored.snapshot.root, path))

    def entries(self, found: SnapshotPath, *, recursive: bool = False) -> Iterator[tuple[str, Entry]]:
        """Yield what a folder holds with its path in the snapshot, or the file itself."""
        path, repository = found.path.strip("/"), self._bench.repository
        prefix = f"{path}/" if path else ""
        if found.entry.kind is not EntryKind.FOLDER:
            yield path, found.entry
        elif recursive:
            yield from repository.walk(found.entry.content, prefix)
        else:
            for child in repository.tree(found.entry.content):
                yield f"{prefix}{child.name}", child

    def read(self, place: str) -> Iterator[bytes]:
        """Return the exact bytes of the file at `SNAP:PATH`, piece by piece.

        Raises:
            NotFoundError: there is no such snapshot or path.
            InvalidInputError: it is a folder.
        """
        found = self.path(place)
        if found.entry.kind is EntryKind.FOLDER:
            name = found.path or place
            raise InvalidInputError(
                f"{name} is a folder",
                what="path",
                value=place,
                advice=Advice(AdviceCode.LIST_THIS_FOLDER, place=place),
            )
        return self._bench.repository.reader.read(found.entry.content, found.entry.size)

    def write_files(
        self, found: SnapshotPath, output: Path, monitor: Monitor, *, overwrite: bool = False
    ) -> RestoredFiles:
        """Write a folder or file of a snapshot into a folder, byte for byte.

        Raises:
            InvalidInputError: the folder is inside an editor's.
            RestoreRefusedError: something is there already; nothing was written.
        """
        from chatcask.ops.files.restore_files import restore_files  # noqa: PLC0415
        from chatcask.workbench.sources import keep_out_of_editors  # noqa: PLC0415

        keep_out_of_editors(self._bench.machine, output, "the output")
        return restore_files(
            self._bench.repository, found.entry, output, overwrite=overwrite, monitor=monitor
        )

    def compare(self, before: str, after: str | None, monitor: Monitor) -> Comparison:
        """Return a comparison of two snapshots or folders of them; without `after`, with its parent.

        Raises:
            NotFoundError: there is no such snapshot.
            InvalidInputError: a path is a file.
        """
        from chatcask.workbench.comparison import compare  # noqa: PLC0415

        return compare(self._bench, self.find, before, after, monitor)
