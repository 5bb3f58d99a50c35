"""Write a bundle: chosen files of chosen snapshots as one stream (docs/bundle.md).

Everything is read twice, since the manifest comes first: once to count and hash, once to write. What is
held in memory grows with the number of files, not with their bytes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from blake3 import blake3

from chatcask.errors import DamagedError
from chatcask.format.bundle import BundleManifest, BundleSnapshot, FileKind, encode_manifest
from chatcask.format.bundle_rows import Row, encode_row
from chatcask.format.gzip_lines import GzipLineWriter
from chatcask.format.times import time_text
from chatcask.monitor import Monitor, OnceMonitor, Problem
from chatcask.ops.browse.selection import ChatSelection, ChosenChats, choose
from chatcask.ops.bundle.items import TolerantTrees, find_items
from chatcask.ops.bundle.measure import ItemReader, Measured, Measurement, measure
from chatcask.repository.keys import SnapshotReference
from chatcask.repository.repository import Repository
from chatcask.repository.snapshots import StoredSnapshot

_ORIGIN_DIGITS = 16


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
    options: ExportOptions,
    *,
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
    told = OnceMonitor(monitor)
    loaded = _load(repository, selection.snapshots, told)
    roots = [stored.snapshot.root for stored in loaded]
    chosen = choose(selection, roots, TolerantTrees(repository, told).read, repository.reader)
    found = find_items(TolerantTrees(repository, told), roots, chosen)
    reader = ItemReader(repository.reader, options.with_paths)
    measured = measure(reader, found.items, told)
    asked = _asked(selection, chosen, options)
    snapshots = _described(repository, loaded, asked, _shown_sources(chosen, measured))
    gaps = measured.gaps | frozenset(range(found.gap_from, len(loaded)))
    manifest = BundleManifest(
        options.exported_at,
        options.program,
        asked,
        tuple(
            replace(one, complete=one.complete and place not in gaps) for place, one in enumerate(snapshots)
        ),
        tuple(one.file for one in measured.files),
    )
    return ExportResult(
        snapshots=len(snapshots),
        files=sum(file.kind is not FileKind.FOLDER for file in manifest.files),
        rows=manifest.row_count,
        bytes_read=manifest.byte_count,
        bytes_written=_write(reader, manifest, measured.files, write, told),
        problems=tuple(told.problems),
    )


def _load(
    repository: Repository, references: Iterable[SnapshotReference], monitor: Monitor
) -> list[StoredSnapshot]:
    loaded = []
    failure: DamagedError | None = None
    for reference in sorted(set(references), key=lambda found: (found.origin, found)):
        try:
            loaded.append(StoredSnapshot(reference, repository.load(reference)))
        except DamagedError as error:
            failure = error
            monitor.problem(Problem(reference.key, "damaged_snapshot", error.message))
    if failure and not loaded:
        raise failure
    return loaded


def _asked(selection: ChatSelection, chosen: ChosenChats, options: ExportOptions) -> dict[str, Any]:
    """Return what was asked for, as the bundle's manifest says it."""
    return {
        "sessions": sorted(chosen.sessions or ()) if selection.sessions else [],
        "workspaces": sorted(chosen.workspaces or ()),
        "since": time_text(selection.since) if selection.since else None,
        "until": time_text(selection.until) if selection.until else None,
        "withPaths": options.with_paths,
    }


def _shown_sources(chosen: ChosenChats, measured: Measurement) -> frozenset[str] | None:
    """Return the ids of the sources that the bundle may speak of; None for all."""
    if chosen.sessions is None and chosen.workspaces is None:
        return None
    return frozenset(one.file.source for one in measured.files)


def _described(
    repository: Repository,
    loaded: Iterable[StoredSnapshot],
    asked: dict[str, Any],
    shown: frozenset[str] | None,
) -> list[BundleSnapshot]:
    """Return what the bundle says of each snapshot."""
    # The store's id is random, so nobody can find user and host by trying.
    store, asked_text = repository.config.store_id, json.dumps(asked, sort_keys=True)
    described = []
    for reference, snapshot in loaded:
        seed = f"chatcask bundle\0{store}\0{reference.origin}\0{asked_text}"
        origin = blake3(seed.encode()).hexdigest()[:_ORIGIN_DIGITS]
        states = tuple(state for state in snapshot.sources if shown is None or state.id in shown)
        described.append(BundleSnapshot(origin, snapshot.taken_at, snapshot.complete, states))
    return described


def _write(
    reader: ItemReader,
    manifest: BundleManifest,
    measured: Sequence[Measured],
    write: Callable[[bytes], object],
    monitor: Monitor,
) -> int:
    """Write the bundle; return how many bytes it has."""
    written = 0

    def counted(data: bytes) -> None:
        nonlocal written
        write(data)
        written += len(data)

    line = encode_manifest(manifest)
    monitor.phase("writing", manifest.byte_count)
    output = GzipLineWriter(counted)
    output.line(line)
    output.end_member()
    for number, one in enumerate(measured):
        if not one.file.count:
            continue
        shown = one.file.shown_path
        for place, data in enumerate(reader.rows(one.item)):
            output.line(encode_row(Row(one.file.source, shown, number, place, data)))
            monitor.advance(len(data))
    output.end_member()
    return written
