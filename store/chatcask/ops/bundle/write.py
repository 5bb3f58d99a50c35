"""Write a bundle: chosen files of chosen snapshots as one stream (docs/bundle.md).

Everything is read twice, since the manifest comes first: once to count and hash, once to write. What is
held in memory grows with the number of files, not with their bytes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from blake3 import blake3

from chatcask.assistants import chat_path
from chatcask.errors import DamagedError
from chatcask.format.bundle import (
    MAXIMUM_DEPTH,
    BundleFile,
    BundleManifest,
    BundleSnapshot,
    FileKind,
    encode_manifest,
)
from chatcask.format.bundle_rows import Row, cut_rows, encode_row
from chatcask.format.gzip_lines import GzipLineWriter
from chatcask.format.snapshot import Snapshot
from chatcask.format.times import time_text
from chatcask.format.tree import EMPTY, Content, Entry, EntryKind, sort_key
from chatcask.monitor import Monitor, Problem
from chatcask.ops.browse.names import WORKSPACE_FILE_LIMIT
from chatcask.ops.browse.selection import (
    ChatSelection,
    ChosenChats,
    choose,
    is_workspace_file,
    tree_changes,
)
from chatcask.ops.bundle.privacy import reduce_workspace
from chatcask.repository.keys import SnapshotReference
from chatcask.repository.repository import Repository
from chatcask.repository.snapshots import StoredSnapshot

_ORIGIN_DIGITS = 16
_KINDS = {EntryKind.FILE: FileKind.FILE, EntryKind.LINK: FileKind.LINK, EntryKind.FOLDER: FileKind.FOLDER}


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """Who writes the bundle, when, and whether `workspace.json` is carried with its paths."""

    exported_at: datetime
    program: str
    with_paths: bool = False


@dataclass(frozen=True, slots=True)
class ExportResult:
    """What a bundle holds: counts, raw bytes, bytes written, and what could not be read."""

    snapshots: int
    files: int
    rows: int
    bytes_read: int
    bytes_written: int
    problems: tuple[Problem, ...]


def export_bundle(
    repository: Repository,
    selection: ChatSelection,
    write: Callable[[bytes], object],
    *,
    options: ExportOptions,
    monitor: Monitor,
) -> ExportResult:
    """Write a bundle of what is chosen.

    Args:
        repository: The store; nothing in it is changed.
        selection: What to carry.
        write: Takes the bytes of the bundle in order.
        options: What the manifest says of this export.
        monitor: Told of bytes done, and of files that are damaged in the store and left out.

    Raises:
        NotFoundError: there is no such chat or workspace; nothing was written.
        AmbiguousError: the beginning of an id fits several; nothing was written.
        InvalidInputError: there are too many files for one bundle; nothing was written.
        DamagedError: no snapshot can be read, or a file was damaged while it was written.
    """
    return _Export(repository, options, monitor).run(selection, write)


@dataclass(slots=True)
class _Item:
    """One state of one path, and the snapshots in which it was so; the last range may be open."""

    path: str
    entry: Entry
    ranges: list[tuple[int, int]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Measured:
    """A file of the manifest and where its bytes come from."""

    file: BundleFile
    item: _Item


class _Export:
    def __init__(self, repository: Repository, options: ExportOptions, monitor: Monitor) -> None:
        self._repository = repository
        self._options = options
        self._monitor = monitor
        self._problems: list[Problem] = []
        self._gaps: set[int] = set()
        self._gap_from: int | None = None
        self._place = 0
        self._written = 0

    def run(self, selection: ChatSelection, write: Callable[[bytes], object]) -> ExportResult:
        loaded = self._load(selection.snapshots)
        roots = [stored.snapshot.root for stored in loaded]
        chosen = choose(selection, roots, self._tree, self._repository.reader)
        measured = list(self._measure(self._items(roots, chosen)))
        files = tuple(entry.file for entry in measured)
        described = self._describe(selection, chosen)
        everything = chosen.sessions is None and chosen.workspaces is None
        shown = {file.source for file in files} if not everything else None
        snapshots = [self._snapshot(*pair, described, shown) for pair in loaded]
        manifest = BundleManifest(
            self._options.exported_at, self._options.program, described, self._marked(snapshots), files
        )
        self._write(manifest, measured, write)
        count = sum(file.kind is not FileKind.FOLDER for file in files)
        return ExportResult(
            len(snapshots),
            count,
            manifest.row_count,
            manifest.byte_count,
            self._written,
            tuple(self._problems),
        )

    def _load(self, references: Iterable[SnapshotReference]) -> list[StoredSnapshot]:
        loaded = []
        failure: DamagedError | None = None
        for reference in sorted(set(references), key=lambda found: (found.origin, found)):
            try:
                loaded.append(StoredSnapshot(reference, self._repository.load(reference)))
            except DamagedError as error:
                failure = error
                self._report(Problem(reference.key, "damaged_snapshot", error.message))
        if failure and not loaded:
            raise failure
        return loaded

    def _tree(self, content: Content, path: str) -> tuple[Entry, ...]:
        """Read a tree; a damaged one counts as empty and is reported once."""
        try:
            return self._repository.tree(content)
        except DamagedError as error:
            name = content.id.hex()[:16] if content.id else ""
            problem = Problem(path or f"tree {name}", "damaged", error.message)
            if problem not in self._problems:
                self._report(problem)
            self._gap_from = self._place if self._gap_from is None else min(self._gap_from, self._place)
            return ()

    def _items(self, roots: Sequence[Content], chosen: ChosenChats) -> list[_Item]:
        """Return what is chosen, sorted by path, each state of a path once."""
        items: dict[tuple[str, Entry], _Item] = {}
        began: dict[str, tuple[int, Entry]] = {}
        before = EMPTY
        self._gap_from = None
        for place, root in enumerate([*roots, EMPTY]):
            self._place = place
            for change in tree_changes(self._tree, before, root):
                if not chosen.has(change.path) or not self._can_carry(change.path):
                    continue
                if change.before is not None and change.path in began:
                    start, entry = began.pop(change.path)
                    item = items.setdefault((change.path, entry), _Item(change.path, entry))
                    item.ranges.append((start, place - 1))
                if change.after is not None:
                    began[change.path] = (place, change.after)
            before = root
        return sorted(items.values(), key=lambda item: (sort_key(item.path), item.ranges))

    def _can_carry(self, path: str) -> bool:
        if 1 < len(path.split("/")) <= MAXIMUM_DEPTH:
            return True
        self._report(Problem(path[:200], "name", "its path is too long for a bundle"))
        return False

    def _measure(self, items: Sequence[_Item]) -> Iterator[_Measured]:
        """Yield what can be read, counted and hashed; equal content is counted once."""
        self._monitor.phase("counting", sum(item.entry.size for item in items))
        first: dict[tuple[Content, FileKind, bool], int] = {}
        number = 0
        for item in items:
            try:
                file = self._measured(item, first, number)
            except DamagedError as error:
                self._report(Problem(item.path, "damaged", error.message))
                self._gaps.update(place for a, b in item.ranges for place in range(a, b + 1))
                continue
            number += 1
            yield _Measured(file, item)

    def _measured(
        self, item: _Item, first: dict[tuple[Content, FileKind, bool], int], number: int
    ) -> BundleFile:
        entry = item.entry
        source, _, path = item.path.partition("/")
        bare = BundleFile(
            source, path, _KINDS[entry.kind], 0, 0, "", entry.mtime_ns, tuple(item.ranges),
            carried=entry.carried, reduced=self._reduces(item),
        )  # fmt: skip
        if entry.kind is EntryKind.FOLDER:
            return replace(bare, size=entry.size)
        hasher, size, count = blake3(), 0, 0
        for data in self._rows(item):
            hasher.update(data)
            size, count = size + len(data), count + 1
            self._monitor.advance(len(data))
        file = replace(bare, bytes=size, count=count, blake3=hasher.hexdigest())
        if size:
            number_of_first = first.setdefault((entry.content, file.kind, file.reduced), number)
            if number_of_first != number:
                return replace(file, count=0, content_of=number_of_first)
        return file

    def _reduces(self, item: _Item) -> bool:
        return not self._options.with_paths and is_workspace_file(chat_path(item.path), item.entry)

    def _rows(self, item: _Item) -> Iterator[bytes]:
        read = self._repository.reader.read
        content = item.entry.content
        if not self._reduces(item):
            return cut_rows(read(content), item.path)
        small = item.entry.size <= WORKSPACE_FILE_LIMIT
        data = b"".join(read(content)) if small else b""
        return cut_rows([reduce_workspace(data)], item.path)

    def _describe(self, selection: ChatSelection, chosen: ChosenChats) -> dict[str, Any]:
        return {
            "sessions": sorted(chosen.sessions or ()) if selection.sessions else [],
            "workspaces": sorted(chosen.workspaces or ()),
            "since": time_text(selection.since) if selection.since else None,
            "until": time_text(selection.until) if selection.until else None,
            "withPaths": self._options.with_paths,
        }

    def _snapshot(
        self,
        reference: SnapshotReference,
        snapshot: Snapshot,
        described: dict[str, Any],
        shown: set[str] | None,
    ) -> BundleSnapshot:
        # The store's id is random, so nobody can find user and host by trying.
        asked = json.dumps(described, sort_keys=True)
        seed = f"chatcask bundle\0{self._repository.config.store_id}\0{reference.origin}\0{asked}"
        origin = blake3(seed.encode()).hexdigest()[:_ORIGIN_DIGITS]
        states = tuple(state for state in snapshot.sources if shown is None or state.id in shown)
        return BundleSnapshot(origin, snapshot.taken_at, snapshot.complete, states)

    def _marked(self, snapshots: Sequence[BundleSnapshot]) -> tuple[BundleSnapshot, ...]:
        """Return the snapshots, those that lack something marked as incomplete."""
        cut = len(snapshots) if self._gap_from is None else self._gap_from
        return tuple(
            replace(snapshot, complete=False) if place in self._gaps or place >= cut else snapshot
            for place, snapshot in enumerate(snapshots)
        )

    def _write(
        self, manifest: BundleManifest, measured: Sequence[_Measured], write: Callable[[bytes], object]
    ) -> None:
        def counted(data: bytes) -> None:
            write(data)
            self._written += len(data)

        line = encode_manifest(manifest)
        self._monitor.phase("writing", manifest.byte_count)
        output = GzipLineWriter(counted)
        output.line(line)
        output.end_member()
        for number, entry in enumerate(measured):
            if not entry.file.count:
                continue
            shown = entry.file.shown_path
            for place, data in enumerate(self._rows(entry.item)):
                output.line(encode_row(Row(entry.file.source, shown, number, place, data)))
                self._monitor.advance(len(data))
        output.end_member()

    def _report(self, problem: Problem) -> None:
        self._problems.append(problem)
        self._monitor.problem(problem)
