"""Mend a store: plan from a survey that reads everything, apply, survey again, note what is lost for good.

The order of writes is in docs/format.md section 13. Every step leaves the store readable and can be repeated,
so a repair that was interrupted is simply run again. No pack, snapshot or label is ever deleted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field

from chatcask.assistants.base import Guard, Source
from chatcask.format.index import PackIndex, decode_index, encode_index
from chatcask.format.lost import encode_lost
from chatcask.format.snapshot import encode_snapshot
from chatcask.ids import CHUNK_ID_SIZE, ObjectName, object_name
from chatcask.monitor import Monitor
from chatcask.ops.integrity.donors import object_from_donors
from chatcask.ops.integrity.findings import EVERYTHING, Finding, Severity
from chatcask.ops.integrity.judgement import findings_of, name_of
from chatcask.ops.integrity.mending import (
    MendingWriter,
    Unasked,
    refill_from_sources,
    refill_from_stores,
    rescue,
)
from chatcask.ops.integrity.survey import Survey, survey
from chatcask.ops.integrity.survey_walk import Effect
from chatcask.repository.keys import LABELS, SNAPSHOTS, index_key, lost_key
from chatcask.repository.repository import Repository
from chatcask.repository.run import Run

_CHUNKS_PER_INDEX = 200_000
_NAMES_PER_NOTE = 200_000


@dataclass(frozen=True, slots=True)
class RepairHelpers:
    """Where a repair may look for missing bytes.

    Attributes:
        donors: Other stores, such as a copy of this one.
        sources: Editors' folders, which are read only while their editors are closed.
        guard: Tells whether they are.
    """

    donors: Sequence[Repository]
    sources: Sequence[Source]
    guard: Guard


@dataclass(frozen=True, slots=True)
class RepairPlan:
    """What a repair is going to do.

    Attributes:
        findings: What is wrong now.
        index_packs: Sound packs that get an index.
        rescue_packs: Packs whose good chunks are copied to new packs.
        replace_indexes: Indexes that name damaged packs and are replaced by ones that do not.
        put_back: Keys of snapshots and labels that another store has whole.
        rescue_snapshots: Keys of manifests that are made from what can be read of damaged ones.
        wanted: How many chunks snapshots need and no pack gives.
    """

    findings: tuple[Finding, ...]
    index_packs: tuple[ObjectName, ...]
    rescue_packs: tuple[ObjectName, ...]
    replace_indexes: tuple[ObjectName, ...]
    put_back: tuple[str, ...]
    rescue_snapshots: tuple[str, ...]
    wanted: int

    @property
    def has_work(self) -> bool:
        """Whether anything has to be written."""
        packs = self.index_packs or self.rescue_packs or self.replace_indexes
        return bool(packs or self.put_back or self.rescue_snapshots or self.wanted)


@dataclass(frozen=True, slots=True)
class RepairResult:
    """What a repair did. After a dry run only `plan` says something, and `findings` repeats its own.

    Attributes:
        plan: What it set out to do.
        chunks_rescued: Copied from damaged packs.
        chunks_refilled: Taken from other stores and closed editors.
        unasked: Sources that could not be looked at, since their editors run.
        newly_lost: How many chunks and snapshots were noted as lost for good.
        findings: What is wrong now.
    """

    plan: RepairPlan
    chunks_rescued: int
    chunks_refilled: int
    unasked: tuple[Unasked, ...]
    newly_lost: int
    findings: tuple[Finding, ...]

    @property
    def damage(self) -> tuple[Finding, ...]:
        """What still calls for repair."""
        return tuple(f for f in self.findings if f.severity is Severity.DAMAGE)

    @property
    def lost(self) -> tuple[Finding, ...]:
        """What is lost for good."""
        return tuple(f for f in self.findings if f.severity is Severity.LOST)


@dataclass(slots=True)
class _Done:
    """What was done so far."""

    rescued: int = 0
    refilled: int = 0
    unasked: tuple[Unasked, ...] = field(default_factory=tuple)


def repair(
    repository: Repository, helpers: RepairHelpers, *, dry_run: bool, monitor: Monitor
) -> RepairResult:
    """Mend what can be mended.

    Args:
        repository: The store.
        helpers: Where to look for what is missing.
        dry_run: Write nothing; say what would be done. No editor's file is read either.
        monitor: Is told of progress and of files that cannot be read.

    Raises:
        UnsupportedFormatError: an object was written by a newer program.
        StaleError: it took so long that a prune may have overtaken it; run it again.
        TransportError: the store cannot be read or written.
    """
    run = repository.begin()
    with survey(repository, sample=EVERYTHING, donors=helpers.donors, monitor=monitor) as seen:
        plan = _plan(seen, helpers.donors)
        if dry_run:
            return RepairResult(plan, 0, 0, (), 0, plan.findings)
        done = _apply(repository, plan, seen, helpers, run, monitor) if plan.has_work else _Done()
    noted = 0
    findings, lost = _look_again(repository, monitor)
    if lost and not done.unasked:
        noted = _note(repository, lost)
        findings, _ = _look_again(repository, monitor)
    return RepairResult(plan, done.rescued, done.refilled, done.unasked, noted, findings)


def _plan(seen: Survey, donors: Sequence[Repository]) -> RepairPlan:
    damaged = {report.name for report in seen.packs.values() if report.present and report.faults}
    at_risk = {c.pack for c in seen.walk.tolls if c.effect is Effect.AT_RISK and c.pack} - damaged
    manifests = [m for m in seen.damaged_manifests if m.key.startswith(SNAPSHOTS)]
    labels = [key for key in seen.damaged_objects if key.startswith(LABELS)]
    return RepairPlan(
        findings=tuple(findings_of(seen)),
        index_packs=tuple(
            report.name
            for report in seen.packs.values()
            if report.present and not (report.indexed or report.faults or report.condemned)
        ),
        rescue_packs=tuple(
            sorted(pack for pack in damaged | at_risk if any(True for _ in seen.table.endangered(pack)))
        ),
        replace_indexes=tuple(
            sorted(name for name, packs in seen.index_packs.items() if not damaged.isdisjoint(packs))
        ),
        put_back=(
            *(manifest.key for manifest in manifests if manifest.whole is not None),
            *(key for key in labels if object_from_donors(donors, key) is not None),
        ),
        rescue_snapshots=tuple(m.rescue.reference.key for m in manifests if m.rescue and not m.is_rescued),
        wanted=seen.table.wanted_count(),
    )


def _apply(
    repository: Repository,
    plan: RepairPlan,
    seen: Survey,
    helpers: RepairHelpers,
    run: Run,
    monitor: Monitor,
) -> _Done:
    done = _mend_chunks(repository, plan, seen, helpers, monitor)
    _index(repository, _pack_indexes(seen, plan.index_packs))
    run.require_young("the repair")
    _put_back(repository, plan, seen, helpers.donors)
    run.require_young("the repair")
    damaged = {report.name for report in seen.packs.values() if report.present and report.faults}
    for name in plan.replace_indexes:
        _replace_index(repository, name, damaged)
    return done


def _put_back(repository: Repository, plan: RepairPlan, seen: Survey, donors: Sequence[Repository]) -> None:
    """Put manifests and labels that were found whole, and the manifests that were made anew."""
    for manifest in seen.damaged_manifests:
        if manifest.whole is not None and manifest.key in plan.put_back:
            repository.transport.put(manifest.key, manifest.whole)
        if manifest.rescue and manifest.rescue.reference.key in plan.rescue_snapshots:
            repository.transport.put(manifest.rescue.reference.key, encode_snapshot(manifest.rescue.snapshot))
    for key in plan.put_back:
        if key.startswith(LABELS) and (data := object_from_donors(donors, key)) is not None:
            repository.transport.put(key, data)


def _mend_chunks(
    repository: Repository, plan: RepairPlan, seen: Survey, helpers: RepairHelpers, monitor: Monitor
) -> _Done:
    done = _Done()
    with closing(MendingWriter(repository, seen)) as writer:
        done.rescued = rescue(seen, writer, plan.rescue_packs)
        refill_from_stores(seen, writer, helpers.donors)
        if seen.table.wanted_count():
            done.unasked = refill_from_sources(writer, helpers.sources, helpers.guard, monitor)
        writer.finish()
    done.refilled = writer.mended
    return done


def _pack_indexes(seen: Survey, packs: Iterable[ObjectName]) -> Iterator[PackIndex]:
    for name in packs:
        blocks = tuple(known.block for known in seen.table.blocks(name))
        if blocks:
            yield PackIndex(name, seen.packs[name].size, blocks)


def _index(repository: Repository, entries: Iterable[PackIndex]) -> None:
    """Put indexes of these packs, each of a bounded size."""
    waiting: list[PackIndex] = []
    chunks = 0
    for entry in entries:
        waiting.append(entry)
        chunks += sum(len(block.chunk_ids) for block in entry.blocks) // CHUNK_ID_SIZE
        if chunks >= _CHUNKS_PER_INDEX:
            _put_index(repository, waiting)
            waiting, chunks = [], 0
    if waiting:
        _put_index(repository, waiting)


def _put_index(repository: Repository, entries: Sequence[PackIndex]) -> None:
    data = encode_index(entries)
    repository.transport.put(index_key(object_name(data)), data)


def _replace_index(repository: Repository, name: ObjectName, damaged: set[ObjectName]) -> None:
    """Put an index without the damaged packs, then delete the one that names them."""
    key = index_key(name)
    kept = [entry for entry in decode_index(repository.transport.get(key), key) if entry.pack not in damaged]
    if kept:
        _put_index(repository, kept)
    repository.transport.delete(key)


def _look_again(repository: Repository, monitor: Monitor) -> tuple[tuple[Finding, ...], set[bytes]]:
    """Return what is wrong now, and the names of what is gone and not noted as lost."""
    with survey(repository, sample=None, donors=(), monitor=monitor) as seen:
        lost = {bytes(chunk) for chunk, _ in seen.table.wanted()}
        manifests = (m for m in seen.damaged_manifests if m.key.startswith(SNAPSHOTS) and not m.is_rescued)
        lost |= {bytes.fromhex(manifest.reference.id) for manifest in manifests}
        lost |= {name_of(key) for key in seen.damaged_objects if key.startswith(LABELS)}
        return tuple(findings_of(seen)), lost - seen.known_lost


def _note(repository: Repository, lost: set[bytes]) -> int:
    """Note names as lost; return how many."""
    names = sorted(lost)
    for start in range(0, len(names), _NAMES_PER_NOTE):
        data = encode_lost(names[start : start + _NAMES_PER_NOTE])
        repository.transport.put(lost_key(object_name(data)), data)
    return len(names)
