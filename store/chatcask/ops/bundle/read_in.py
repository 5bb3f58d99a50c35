"""Read a bundle into a store: a snapshot for each one that it holds, under an origin of its own.

Order of writing as for every run: chunks, index, then the snapshots. What an interrupted import leaves is
garbage, or the first of its snapshots; the same import run again completes it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from blake3 import blake3

from chatcask.errors import DamagedError
from chatcask.format.bundle import BundleFile, FileKind
from chatcask.format.snapshot import MAXIMUM_PROBLEMS, Snapshot, Totals
from chatcask.format.tree import EMPTY, Content
from chatcask.monitor import Monitor, Problem
from chatcask.ops.bundle.reader import BundleReader
from chatcask.ops.bundle.root_trees import RootTree, make_root_trees
from chatcask.repository.chunk_writer import ChunkWriter, WriteTotals
from chatcask.repository.keys import SnapshotReference
from chatcask.repository.repository import Repository

_HOST = "bundle"
_BUNDLE = "bundle"
_ORIGIN_DIGITS = 16
_STATE_FOLDERS = frozenset({"state", "state-backup"})
_LARGEST_VALUE = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """Who imports, and which tags the newest imported snapshot of each origin gets."""

    program: str
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import did. `present` are snapshots that the store had from an earlier import."""

    exported_at: datetime
    committed: tuple[SnapshotReference, ...]
    present: tuple[SnapshotReference, ...]
    files: int
    files_lost: int
    bytes_read: int
    bytes_new: int
    bytes_stored: int
    problems: tuple[Problem, ...]


def import_bundle(
    repository: Repository,
    read: Callable[[int], bytes],
    *,
    clock: Callable[[], datetime],
    options: ImportOptions,
    monitor: Monitor,
) -> ImportResult:
    """Store what a bundle holds and commit its snapshots.

    Args:
        repository: The store.
        read: Gives at most as many bytes of the bundle as asked for, and none at its end.
        clock: Tells the time; how long the import takes is what counts.
        options: Tags, and the program's name.
        monitor: Told of bytes read, of damage, and of files that were lost by it.

    Raises:
        InvalidInputError: this is no bundle; nothing was written.
        UnsupportedFormatError: a newer program wrote it; nothing was written.
        DamagedError: its manifest cannot be trusted; nothing was written.
        TransportError: the store cannot be written; run the import again.
    """
    return _Import(repository, clock, options, monitor).run(read)


@dataclass(slots=True)
class _KnownOrigin:
    """One origin that is imported to: what it has, and the newest of it."""

    origin: str
    known: dict[tuple[datetime, Content], SnapshotReference]
    newest: SnapshotReference | None


class _Import:
    def __init__(
        self,
        repository: Repository,
        clock: Callable[[], datetime],
        options: ImportOptions,
        monitor: Monitor,
    ) -> None:
        self._repository = repository
        self._run = repository.begin()  # before the snapshots are listed: docs/format.md section 10
        self._clock = clock
        self._options = options
        self._monitor = monitor
        self._began = clock()
        self._problems: list[Problem] = []
        self._new: Counter[int] = Counter()
        self._lost: dict[int, Problem] = {}

    def run(self, read: Callable[[int], bytes]) -> ImportResult:
        bundle = BundleReader(read, lambda message: self._report(Problem(_BUNDLE, "damaged", message)))
        manifest = bundle.manifest
        self._monitor.phase("importing", manifest.byte_count)
        writer = self._run.writer()
        try:
            contents = self._store(bundle, writer)
            trees = list(make_root_trees(manifest, contents, writer.add_tree, self._lose))
            totals = writer.finish()
        finally:
            writer.abandon()
        committed, present = self._commit(trees, totals)
        count = sum(file.kind is not FileKind.FOLDER for file in manifest.files)
        return ImportResult(
            exported_at=manifest.exported_at,
            committed=tuple(committed),
            present=tuple(present),
            files=count - len(self._lost),
            files_lost=len(self._lost),
            bytes_read=manifest.byte_count,
            bytes_new=totals.bytes_new,
            bytes_stored=totals.bytes_stored,
            problems=tuple(self._problems),
        )

    def _store(self, bundle: BundleReader, writer: ChunkWriter) -> list[Content | None]:
        """Store the content of every file; None for one that is not what the manifest speaks of."""
        contents: list[Content | None] = []
        for number, file in enumerate(bundle.manifest.files):
            before = writer.bytes_new
            contents.append(self._content(bundle, writer, number, contents))
            if file.snapshots:
                self._new[file.snapshots[0][0]] += writer.bytes_new - before
            if contents[-1] is None:
                self._lose(number, file, "the file whose rows it shares was lost")
            self._monitor.advance(file.bytes if file.content_of is None else 0)
        bundle.finish()
        return contents

    def _content(
        self, bundle: BundleReader, writer: ChunkWriter, number: int, earlier: Sequence[Content | None]
    ) -> Content | None:
        file = bundle.manifest.files[number]
        if file.kind is FileKind.FOLDER:
            return EMPTY
        if file.content_of is not None:
            return earlier[file.content_of]
        rows = bundle.rows_of(number)
        try:
            return writer.add_bytes(rows.read_all()) if _is_value(file) else writer.add_stream(rows)[0]
        except DamagedError as error:
            self._lose(number, file, error.message)
            return None

    def _lose(self, number: int, file: BundleFile, message: str) -> Problem:
        """Note once that a file is lost."""
        if number not in self._lost:
            self._lost[number] = Problem(f"{file.source}/{file.path}", "damaged", message)
            self._report(self._lost[number])
        return self._lost[number]

    def _commit(
        self, trees: Sequence[RootTree], totals: WriteTotals
    ) -> tuple[list[SnapshotReference], list[SnapshotReference]]:
        """Commit the snapshots that the store lacks, in their order; return those, and those it had."""
        committed: list[SnapshotReference] = []
        present: list[SnapshotReference] = []
        known: dict[str, _KnownOrigin] = {}
        last = {tree.described.origin: tree for tree in trees}
        for place, tree in enumerate(trees):
            described = tree.described
            into = known.get(described.origin) or self._known_origin(described.origin)
            known[described.origin] = into
            found = into.known.get((described.taken_at, tree.root))
            if found is not None:
                present.append(found)
                continue
            tags = self._options.tags if last[described.origin] is tree else ()
            snapshot = self._snapshot(tree, into.newest, self._share(place, totals), tags)
            into.newest = self._run.commit(into.origin, snapshot)
            committed.append(into.newest)
        return committed, present

    def _share(self, place: int, totals: WriteTotals) -> WriteTotals:
        """Return what one snapshot added: its new bytes, and as much of what was stored as those took."""
        new, every = self._new[place], self._new.total()
        return WriteTotals(new, totals.bytes_stored * new // every if every else 0, ())

    def _known_origin(self, exported: str) -> _KnownOrigin:
        # Hashed once more, so that no bundle can name the origin of this machine.
        origin = blake3(f"chatcask import\0{exported}".encode()).hexdigest()[:_ORIGIN_DIGITS]
        known = {}
        references = self._run.snapshots(origin)
        for reference in references:
            try:
                snapshot = self._repository.load(reference)
            except DamagedError as error:
                self._report(Problem(reference.key, "damaged_snapshot", error.message))
                continue
            known[snapshot.taken_at, snapshot.root] = reference
        return _KnownOrigin(origin, known, references[-1] if references else None)

    def _snapshot(
        self,
        tree: RootTree,
        parent: SnapshotReference | None,
        totals: WriteTotals,
        tags: tuple[str, ...],
    ) -> Snapshot:
        described = tree.described
        return Snapshot(
            taken_at=described.taken_at,
            # The run that a store judges the age of is this one.
            finished_at=described.taken_at + (self._clock() - self._began),
            host=_HOST,
            program=self._options.program,
            parent=parent.id if parent else None,
            root=tree.root,
            sources=described.sources,
            complete=described.complete and not tree.problems,
            problems=tree.problems[:MAXIMUM_PROBLEMS],
            problem_count=len(tree.problems),
            totals=Totals(
                files=tree.files,
                files_extracted=tree.files_new,
                bytes_new=totals.bytes_new,
                bytes_stored=totals.bytes_stored,
                workspaces=tree.workspaces,
            ),
            tags=tags,
        )

    def _report(self, problem: Problem) -> None:
        self._problems.append(problem)
        self._monitor.problem(problem)


def _is_value(file: BundleFile) -> bool:
    """Tell whether a run stores this as a small value: a link's target or a row of a state database."""
    folder = file.path.rpartition("/")[0].rpartition("/")[2]
    return file.bytes <= _LARGEST_VALUE and (file.kind is FileKind.LINK or folder in _STATE_FOLDERS)
