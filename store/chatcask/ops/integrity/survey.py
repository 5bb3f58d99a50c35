"""Read a whole store and learn what is sound, what is not and what needs it; check and repair begin here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from chatcask.errors import DamagedError, ForgottenError, ObjectNotFoundError
from chatcask.format.lost import decode_lost
from chatcask.format.snapshot import decode_snapshot
from chatcask.format.tree import Content
from chatcask.ids import ObjectName
from chatcask.monitor import Monitor, Problem
from chatcask.ops.integrity.donors import DonorReader
from chatcask.ops.integrity.findings import Sample
from chatcask.ops.integrity.survey_manifests import DamagedManifest, damaged_manifests
from chatcask.ops.integrity.survey_packs import PackReport, PackSurvey
from chatcask.ops.integrity.survey_table import SurveyTable
from chatcask.ops.integrity.survey_walk import Walk
from chatcask.repository.chunk_reader import ChunkReader
from chatcask.repository.condemned import condemned_packs, list_condemned
from chatcask.repository.index_objects import read_indexes
from chatcask.repository.keys import (
    CLOCK,
    CONDEMNED,
    CONFIG,
    FORGOTTEN,
    INDEXES,
    LABELS,
    LOST,
    PACKS,
    REPLACED,
    SNAPSHOTS,
    UNDO,
    SnapshotReference,
    index_key,
    name_in,
    pack_key,
    snapshot_reference,
)
from chatcask.repository.objects import read_object
from chatcask.repository.repository import Repository
from chatcask.repository.snapshots import read_snapshot
from chatcask.transport.base import Transport

_TREES_LOOKED_AT = 20_000
_NAMED_BY_HASH = (INDEXES, LABELS, CONDEMNED, CLOCK, LOST, REPLACED, UNDO)


@dataclass(slots=True)
class Survey:
    """Everything that was learned. Valid inside the `with` block of `survey` only.

    Attributes:
        table: Packs, blocks and chunks.
        reader: Reads chunks from wherever they can be had, donors included.
        walk: What snapshots need and cannot have.
        packs: Every pack that the store lists or an index names.
        index_packs: Which packs each sound index names, by the index's name.
        damaged_objects: Objects other than packs and snapshots that do not match their names, key -> message.
        damaged_manifests: Snapshots that cannot be read.
        known_lost: What earlier repairs noted as lost.
        strays: Keys that no store has.
        snapshot_count: How many manifests were read.
        orphan_roots: How many trees of whole runs are there that no snapshot names.
        condemned: Packs that prune is about to delete.
        condemned_lists: How many sound lists of such packs there are.
    """

    table: SurveyTable
    reader: ChunkReader
    walk: Walk
    packs: dict[ObjectName, PackReport]
    condemned: frozenset[ObjectName]
    condemned_lists: int = 0
    index_packs: dict[ObjectName, tuple[ObjectName, ...]] = field(default_factory=dict)
    damaged_objects: dict[str, str] = field(default_factory=dict)
    damaged_manifests: list[DamagedManifest] = field(default_factory=list)
    known_lost: frozenset[bytes] = frozenset()
    strays: list[str] = field(default_factory=list)
    snapshot_count: int = 0
    orphan_roots: int = 0

    @property
    def damaged_packs(self) -> set[ObjectName]:
        """Packs that are there and have faults."""
        return {report.name for report in self.packs.values() if report.present and report.faults}


@contextmanager
def survey(
    repository: Repository, *, sample: Sample | None, donors: Sequence[Repository], monitor: Monitor
) -> Iterator[Survey]:
    """Read the store.

    Args:
        repository: The store. Its cache is not used: what is derived cannot prove anything.
        sample: Which share of the stored data to read; None for none but that of suspicious packs.
        donors: Other stores to read trees and lists from that this one lacks, to see what they lead to.
        monitor: Is told of progress.

    Raises:
        UnsupportedFormatError: an object is sound and was written by a newer program.
        TransportError: the store cannot be read.
    """
    for attempt in range(2):
        table = SurveyTable()
        try:
            result = _read_store(repository, table, sample, donors, monitor)
            if attempt == 0 and _was_overtaken(repository.transport, result):
                continue
            yield result
            return
        finally:
            table.close()


def _read_store(
    repository: Repository,
    table: SurveyTable,
    sample: Sample | None,
    donors: Sequence[Repository],
    monitor: Monitor,
) -> Survey:
    """Read snapshots' names, then indexes, then packs, so that what is written meanwhile looks whole."""
    transport = repository.transport
    lost, damaged = _known_lost(transport)
    reader = DonorReader(transport, table, donors)
    lists = list_condemned(transport)
    condemned = condemned_packs(transport, lists)
    packs = PackSurvey(transport, table, condemned, sample, monitor.advance)
    walk = Walk(table, reader, packs.suspect, lost)
    result = Survey(table, reader, walk, packs.reports, condemned, known_lost=lost, damaged_objects=damaged)
    result.condemned_lists = sum(entry.packs is not None for entry in lists)
    keys = {reference: reference.key for reference in repository.snapshots()}
    for reference in repository.forgotten():  # listed second, so that none is in neither list
        keys.setdefault(reference, reference.forgotten_key)
    references = list(keys.items())
    _read_indexes(transport, result, packs)
    listed = _list_everything(transport, result)
    monitor.phase("reading packs", round(sum(listed.values()) * (sample.share if sample else 0)) or None)
    packs.look_at_all(listed)
    _follow(repository, result, references, donors, monitor)
    return result


def _was_overtaken(transport: Transport, result: Survey) -> bool:
    """Tell whether something seems wrong that a prune may have moved while it was looked for."""
    if not result.walk.tolls:
        return False
    read = {*map(index_key, result.index_packs), *result.damaged_objects}
    listed = {info.key for info in transport.list(INDEXES)}
    return listed != {key for key in read if key.startswith(INDEXES)}


def _known_lost(transport: Transport) -> tuple[frozenset[bytes], dict[str, str]]:
    """Return what notes list as lost, and the notes that are damaged."""
    names: set[bytes] = set()
    damaged: dict[str, str] = {}
    for info in transport.list(LOST):
        try:
            names |= decode_lost(read_object(transport, info.key), info.key)
        except ObjectNotFoundError:
            continue
        except DamagedError as error:
            damaged[info.key] = error.message
    return frozenset(names), damaged


def _read_indexes(transport: Transport, result: Survey, packs: PackSurvey) -> None:
    damaged: list[Problem] = []
    for info, entries in read_indexes(transport, damaged.append):
        name = _index_name(info.key)
        if name is not None:
            packs.take_index(entries)
            result.index_packs[name] = tuple(entry.pack for entry in entries)
    result.damaged_objects |= {one.path: one.message for one in damaged if _index_name(one.path)}


def _index_name(key: str) -> ObjectName | None:
    """Return the name of an index; None for a stray, which is named as such later."""
    name = name_in(key)
    return name if name is not None and key == index_key(name) else None


def _list_everything(transport: Transport, result: Survey) -> dict[ObjectName, int]:
    """Sort every key of the store; return the listed packs and their sizes."""
    packs: dict[ObjectName, int] = {}
    for info in transport.list(""):
        key, name = info.key, name_in(info.key)
        if key.startswith(PACKS) and name and key == pack_key(name):
            packs[name] = info.size
        elif key.startswith((SNAPSHOTS, FORGOTTEN)):
            reference = snapshot_reference(key)
            if reference is None or key not in {reference.key, reference.forgotten_key}:
                result.strays.append(key)
        elif key.startswith(_NAMED_BY_HASH) and name and key == f"{key.partition('/')[0]}/{name}":
            _prove_small(transport, key, result)
        elif key != CONFIG:
            result.strays.append(key)
    return packs


def _prove_small(transport: Transport, key: str, result: Survey) -> None:
    """Prove the name of an object that was not read before."""
    if key.startswith((INDEXES, LOST)):
        return
    try:
        read_object(transport, key)
    except ObjectNotFoundError:
        return
    except DamagedError as error:
        result.damaged_objects[key] = error.message


def _follow(
    repository: Repository,
    result: Survey,
    references: Sequence[tuple[SnapshotReference, str]],
    donors: Sequence[Repository],
    monitor: Monitor,
) -> None:
    """Read every manifest, forgotten ones too, and walk what it needs."""
    monitor.phase("following snapshots", len(references))
    roots: list[tuple[SnapshotReference, Content]] = []
    damaged: list[tuple[SnapshotReference, str, str]] = []
    for reference, key in references:
        try:
            roots.append((reference, read_snapshot(repository.transport, key).root))
        except ForgottenError:
            continue
        except DamagedError as error:
            damaged.append((reference, key, error.message))
    result.damaged_manifests = damaged_manifests(
        repository.transport,
        result.reader,
        damaged,
        known={reference.id for reference, _ in references},
        donors=donors,
    )
    for manifest in result.damaged_manifests:
        _follow_damaged(result, manifest)
    for reference, root in roots:
        result.walk.snapshot(reference.id, root)
        monitor.advance(1)
    result.snapshot_count = len(roots)
    result.orphan_roots = len(result.walk.orphan_roots(_TREES_LOOKED_AT))


def _follow_damaged(result: Survey, manifest: DamagedManifest) -> None:
    """Walk what a damaged snapshot will need once it is put back or rescued."""
    if manifest.whole is not None:
        root = decode_snapshot(manifest.whole, manifest.key).root
        result.walk.snapshot(manifest.reference.id, root, is_new=True)
    elif manifest.rescue is not None and not manifest.is_rescued:
        result.walk.snapshot(manifest.rescue.reference.id, manifest.rescue.snapshot.root, is_new=True)
