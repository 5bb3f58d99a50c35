"""Read a bundle into a store: a snapshot for each one that it holds, under an origin of its own.

Order of writing as for every run: chunks, index, then the snapshots. What an interrupted import leaves is
garbage, or the first of its snapshots; the same import run again completes it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from blake3 import blake3

from chatcask.errors import DamagedError
from chatcask.format.bundle import BundleFile, FileKind
from chatcask.format.snapshot import MAXIMUM_PROBLEMS, Snapshot, Totals
from chatcask.format.tree import EMPTY, Content
from chatcask.monitor import KeepingMonitor, Monitor, Problem
from chatcask.ops.bundle.reader import BundleReader
from chatcask.ops.bundle.root_trees import LostFiles, RootTree, make_root_trees
from chatcask.repository.chunk_writer import ChunkWriter, WriteTotals
from chatcask.repository.keys import SnapshotReference
from chatcask.repository.repository import Repository
from chatcask.repository.run import Run

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
    options: ImportOptions,
    *,
    clock: Callable[[], datetime],
    monitor: Monitor,
) -> ImportResult:
    """Store what a bundle holds and commit its snapshots.

    Args:
        repository: The store.
        read: Gives at most as many bytes of the bundle as asked for, and none at its end.
        options: Tags, and the program's name.
        clock: Tells the time; how long the import takes is what counts.
        monitor: Told of bytes read, of damage, and of files that were lost by it.

    Raises:
        InvalidInputError: this is no bundle; nothing was written.
        UnsupportedFormatError: a newer program wrote it; nothing was written.
        DamagedError: its manifest cannot be trusted; nothing was written.
        TransportError: the store cannot be written; run the import again.
    """
    told = KeepingMonitor(monitor)
    run = repository.begin()  # before the snapshots are listed: docs/format.md section 10
    setting = _Setting(repository, run, options, clock, clock(), told)
    bundle = BundleReader(read, lambda message: told.problem(Problem(_BUNDLE, "damaged", message)))
    manifest = bundle.manifest
    told.phase("importing", manifest.byte_count)
    lost = LostFiles(told)
    writer = run.writer()
    try:
        stored = _store(bundle, writer, lost)
        trees = list(make_root_trees(manifest, stored.contents, writer.add_tree, lost))
        totals = writer.finish()
    finally:
        writer.abandon()
    committed, present = _commit(setting, trees, _shares(stored.new, totals, len(trees)))
    count = sum(file.kind is not FileKind.FOLDER for file in manifest.files)
    return ImportResult(
        exported_at=manifest.exported_at,
        committed=tuple(committed),
        present=tuple(present),
        files=count - len(lost.problems),
        files_lost=len(lost.problems),
        bytes_read=manifest.byte_count,
        bytes_new=totals.bytes_new,
        bytes_stored=totals.bytes_stored,
        problems=tuple(told.problems),
    )


@dataclass(frozen=True, slots=True)
class _Setting:
    """Where the snapshots go and who imports: what `import_bundle` was given, and when it began."""

    repository: Repository
    run: Run
    options: ImportOptions
    clock: Callable[[], datetime]
    began: datetime
    monitor: Monitor


@dataclass(frozen=True, slots=True)
class _Stored:
    """The content of each file, None for a lost one; and the new bytes of each snapshot."""

    contents: Sequence[Content | None]
    new: Mapping[int, int]


@dataclass(slots=True)
class _KnownOrigin:
    """One origin that is imported to: what it has, and the newest of it."""

    origin: str
    known: dict[tuple[datetime, Content], SnapshotReference]
    newest: SnapshotReference | None


def _store(bundle: BundleReader, writer: ChunkWriter, lost: LostFiles) -> _Stored:
    """Store the content of every file that is what the manifest speaks of."""
    contents: list[Content | None] = []
    new: Counter[int] = Counter()
    for number, file in enumerate(bundle.manifest.files):
        before = writer.bytes_new
        try:
            contents.append(_content(bundle, writer, number, contents))
        except DamagedError as error:
            lost.note(number, file, error.message)
            contents.append(None)
        if file.snapshots:
            new[file.snapshots[0][0]] += writer.bytes_new - before
        if contents[-1] is None:
            lost.note(number, file, "the file whose rows it shares was lost")
        lost.monitor.advance(file.bytes if file.content_of is None else 0)
    bundle.finish()
    return _Stored(contents, new)


def _content(
    bundle: BundleReader, writer: ChunkWriter, number: int, earlier: Sequence[Content | None]
) -> Content | None:
    file = bundle.manifest.files[number]
    if file.kind is FileKind.FOLDER:
        return EMPTY
    if file.content_of is not None:
        return earlier[file.content_of]
    rows = bundle.rows_of(number)
    return writer.add_bytes(rows.read_all()) if _is_value(file) else writer.add_stream(rows)[0]


def _shares(new: Mapping[int, int], totals: WriteTotals, count: int) -> list[WriteTotals]:
    """Return what each snapshot added: its new bytes, and as much of what was stored as those took."""
    every = sum(new.values())
    return [
        WriteTotals(new.get(place, 0), totals.bytes_stored * new.get(place, 0) // every if every else 0, ())
        for place in range(count)
    ]


def _commit(
    setting: _Setting, trees: Sequence[RootTree], shares: Sequence[WriteTotals]
) -> tuple[list[SnapshotReference], list[SnapshotReference]]:
    """Commit the snapshots that the store lacks, in their order; return those, and those it had."""
    committed: list[SnapshotReference] = []
    present: list[SnapshotReference] = []
    known: dict[str, _KnownOrigin] = {}
    last = {tree.described.origin: tree for tree in trees}
    for tree, share in zip(trees, shares, strict=True):
        described = tree.described
        into = known.get(described.origin) or _known_origin(setting, described.origin)
        known[described.origin] = into
        found = into.known.get((described.taken_at, tree.root))
        if found is not None:
            present.append(found)
            continue
        tags = setting.options.tags if last[described.origin] is tree else ()
        into.newest = setting.run.commit(into.origin, _snapshot(setting, tree, into.newest, share, tags))
        committed.append(into.newest)
    return committed, present


def _known_origin(setting: _Setting, exported: str) -> _KnownOrigin:
    # Hashed once more, so that no bundle can name the origin of this machine.
    origin = blake3(f"chatcask import\0{exported}".encode()).hexdigest()[:_ORIGIN_DIGITS]
    known = {}
    references = setting.run.snapshots(origin)
    for reference in references:
        try:
            snapshot = setting.repository.load(reference)
        except DamagedError as error:
            setting.monitor.problem(Problem(reference.key, "damaged_snapshot", error.message))
            continue
        known[snapshot.taken_at, snapshot.root] = reference
    return _KnownOrigin(origin, known, references[-1] if references else None)


def _snapshot(
    setting: _Setting,
    tree: RootTree,
    parent: SnapshotReference | None,
    share: WriteTotals,
    tags: tuple[str, ...],
) -> Snapshot:
    described = tree.described
    return Snapshot(
        taken_at=described.taken_at,
        # The run that a store judges the age of is this one.
        finished_at=described.taken_at + (setting.clock() - setting.began),
        host=_HOST,
        program=setting.options.program,
        parent=parent.id if parent else None,
        root=tree.root,
        sources=described.sources,
        complete=described.complete and not tree.problems,
        problems=tree.problems[:MAXIMUM_PROBLEMS],
        problem_count=len(tree.problems),
        totals=Totals(
            files=tree.files,
            files_extracted=tree.files_new,
            bytes_new=share.bytes_new,
            bytes_stored=share.bytes_stored,
            workspaces=tree.workspaces,
        ),
        tags=tags,
    )


def _is_value(file: BundleFile) -> bool:
    """Tell whether a run stores this as a small value: a link's target or a row of a state database."""
    folder = file.path.rpartition("/")[0].rpartition("/")[2]
    return file.bytes <= _LARGEST_VALUE and (file.kind is FileKind.LINK or folder in _STATE_FOLDERS)
