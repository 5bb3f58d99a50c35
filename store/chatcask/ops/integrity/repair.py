"""Mend a store: plan from a survey that reads everything, apply, survey again, note what is lost for good.

The order of writes is in docs/format.md section 13. Every step leaves the store readable and can be repeated,
so a repair that was interrupted is simply run again. No pack, snapshot or label is ever deleted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field

from chatcask.assistants.base import Guard, Source
from chatcask.ids import ObjectName
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
from chatcask.ops.integrity.repair_writes import index_packs, note_lost, put_back, replace_index
from chatcask.ops.integrity.survey import Survey, survey
from chatcask.ops.integrity.survey_walk import Effect
from chatcask.repository.keys import LABELS, SNAPSHOTS
from chatcask.repository.repository import Repository
from chatcask.repository.run import Run


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
class _Grounds:
    """What a plan was made from and is carried out with; `run` began before the survey."""

    repository: Repository
    helpers: RepairHelpers
    seen: Survey
    run: Run


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
    _grounds: _Grounds = field(repr=False)

    @property
    def damage(self) -> tuple[Finding, ...]:
        """What calls for repair."""
        return tuple(f for f in self.findings if f.severity is Severity.DAMAGE)

    @property
    def has_work(self) -> bool:
        """Whether anything has to be written."""
        packs = self.index_packs or self.rescue_packs or self.replace_indexes
        return bool(packs or self.put_back or self.rescue_snapshots or self.wanted)


@dataclass(frozen=True, slots=True)
class RepairResult:
    """What a repair did.

    Attributes:
        chunks_rescued: Copied from damaged packs.
        chunks_refilled: Taken from other stores and closed editors.
        unasked: Sources that could not be looked at, since their editors run.
        newly_lost: How many chunks and snapshots were noted as lost for good.
        findings: What is wrong now.
    """

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


@contextmanager
def plan_repair(repository: Repository, helpers: RepairHelpers, monitor: Monitor) -> Iterator[RepairPlan]:
    """Read everything and say what a repair would do; nothing is written and no editor's file is read.

    The plan can be carried out inside the `with` block only: it rests on a survey that ends with it.

    Args:
        repository: The store.
        helpers: Where to look for what is missing.
        monitor: Is told of progress.

    Raises:
        UnsupportedFormatError: an object was written by a newer program.
        TransportError: the store cannot be read.
    """
    run = repository.begin()
    with survey(repository, sample=EVERYTHING, donors=helpers.donors, monitor=monitor) as seen:
        yield _plan(_Grounds(repository, helpers, seen, run))


def _plan(grounds: _Grounds) -> RepairPlan:
    seen = grounds.seen
    damaged = seen.damaged_packs
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
            *(key for key in labels if object_from_donors(grounds.helpers.donors, key) is not None),
        ),
        rescue_snapshots=tuple(m.rescue.reference.key for m in manifests if m.rescue and not m.is_rescued),
        wanted=seen.table.wanted_count(),
        _grounds=grounds,
    )


@dataclass(frozen=True, slots=True)
class _Mended:
    """How many chunks were stored again, and who could not be asked for more."""

    rescued: int = 0
    refilled: int = 0
    unasked: tuple[Unasked, ...] = ()


def apply_repair(plan: RepairPlan, monitor: Monitor) -> RepairResult:
    """Mend what can be mended, inside the `with` block of `plan_repair`.

    Args:
        plan: What to do.
        monitor: Is told of progress and of files that cannot be read.

    Raises:
        UnsupportedFormatError: an object was written by a newer program.
        StaleError: it took so long that a prune may have overtaken it; run it again.
        TransportError: the store cannot be read or written.
    """
    grounds = plan._grounds  # noqa: SLF001 - no one else's business
    repository = grounds.repository
    mended = _mend(plan, grounds, monitor) if plan.has_work else _Mended()
    noted = 0
    findings, lost = _look_again(repository, monitor)
    if lost and not mended.unasked:
        noted = note_lost(repository.transport, lost)
        findings, _ = _look_again(repository, monitor)
    return RepairResult(mended.rescued, mended.refilled, mended.unasked, noted, findings)


def _mend(plan: RepairPlan, grounds: _Grounds, monitor: Monitor) -> _Mended:
    transport, seen, run = grounds.repository.transport, grounds.seen, grounds.run
    mended = _mend_chunks(plan, grounds, monitor)
    index_packs(transport, seen, plan.index_packs)
    run.require_young("the repair")
    put_back(transport, seen, grounds.helpers.donors, plan.put_back, plan.rescue_snapshots)
    run.require_young("the repair")
    for name in plan.replace_indexes:
        replace_index(transport, name, seen.damaged_packs)
    return mended


def _mend_chunks(plan: RepairPlan, grounds: _Grounds, monitor: Monitor) -> _Mended:
    seen, helpers = grounds.seen, grounds.helpers
    unasked: tuple[Unasked, ...] = ()
    with closing(MendingWriter(grounds.repository, seen)) as writer:
        rescued = rescue(seen, writer, plan.rescue_packs)
        refill_from_stores(seen, writer, helpers.donors)
        if seen.table.wanted_count():
            unasked = refill_from_sources(writer, helpers.sources, helpers.guard, monitor)
        writer.finish()
    return _Mended(rescued, writer.mended, unasked)


def _look_again(repository: Repository, monitor: Monitor) -> tuple[tuple[Finding, ...], set[bytes]]:
    """Return what is wrong now, and the names of what is gone and not noted as lost."""
    with survey(repository, sample=None, donors=(), monitor=monitor) as seen:
        lost = {bytes(chunk) for chunk, _ in seen.table.wanted()}
        manifests = (m for m in seen.damaged_manifests if m.key.startswith(SNAPSHOTS) and not m.is_rescued)
        lost |= {bytes.fromhex(manifest.reference.id) for manifest in manifests}
        lost |= {name_of(key) for key in seen.damaged_objects if key.startswith(LABELS)}
        return tuple(findings_of(seen)), lost - seen.known_lost
