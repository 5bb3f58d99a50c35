"""Delete what no snapshot needs, in two phases a day apart, while others write and read.

docs/format.md section 12 states the rules and the order of every step. The first phase condemns packs and
copies what is still used of them. The second deletes packs that were condemned a grace period ago, after
another look.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chatcask.advice import Advice, AdviceCode
from chatcask.errors import DamagedError, TransportError
from chatcask.format.condemned import encode_condemned
from chatcask.format.pack import ChunkKind
from chatcask.ids import ChunkId, ObjectName, object_name
from chatcask.monitor import Monitor, Problem
from chatcask.ops.retention.forgotten import ForgottenManifest, delete_stale_labels, expired, list_forgotten
from chatcask.ops.retention.prune_index import rewrite_indexes
from chatcask.ops.retention.prune_plan import PrunePlan, plan_prune
from chatcask.ops.retention.usage import Usage, open_usage
from chatcask.repository.chunk_writer import ChunkWriter
from chatcask.repository.condemned import CondemnedList, condemned_packs, list_condemned
from chatcask.repository.keys import CLOCK, SnapshotReference, clock_key, condemned_key, pack_key
from chatcask.repository.repository import Repository
from chatcask.repository.run import GRACE_PERIOD, RUN_LIMIT
from chatcask.repository.snapshots import read_snapshot

REPACK_LEVEL = 17
"""The zstd level for copied chunks: nobody waits for a prune."""

_EPOCH_NS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class PruneResult:
    """What a prune did, or for a dry run would do.

    Attributes:
        plan: What the first phase chose.
        bytes_stored: What was written: copies of used chunks, and indexes.
        packs_deleted: How many packs the second phase deleted.
        bytes_deleted: What they took.
        packs_waiting: How many condemned packs wait for the grace period to pass.
        bytes_waiting: What they take.
        manifests_deleted: How many forgotten snapshots can no longer be put back.
    """

    plan: PrunePlan
    bytes_stored: int = 0
    packs_deleted: int = 0
    bytes_deleted: int = 0
    packs_waiting: int = 0
    bytes_waiting: int = 0
    manifests_deleted: int = 0


def prune(repository: Repository, monitor: Monitor) -> PruneResult:
    """Run both phases, once what killed writers left a day ago or earlier is swept away.

    It carries out no plan that was made before: others write meanwhile, so what is needed has to be found
    out by the run that condemns and deletes.

    Raises:
        StaleError: a phase took too long; run it again, nothing is lost.
        DamagedError: a snapshot or a tree cannot be read, so what is needed is not known. Nothing is deleted.
        TransportError: the store cannot be read or written; run it again, nothing is lost.
    """
    repository.transport.sweep(GRACE_PERIOD)
    with open_usage(repository) as usage:
        return _Prune(repository, usage, monitor).run()


def preview_prune(repository: Repository, now: datetime, monitor: Monitor) -> PruneResult:
    """Tell what `prune` would do; write and delete nothing. `now` stands for the time of the place's clock.

    Raises:
        DamagedError: a snapshot or a tree cannot be read.
        TransportError: the store cannot be read.
    """
    with open_usage(repository) as usage:
        return _Prune(repository, usage, monitor).preview(_nanoseconds(now))


@dataclass(frozen=True, slots=True)
class _Ripe:
    """What the second phase may delete."""

    lists: tuple[CondemnedList, ...]
    packs: frozenset[ObjectName]
    forgotten: tuple[ForgottenManifest, ...]


class _Prune:
    """One prune; the object spares every step the same arguments."""

    def __init__(self, repository: Repository, usage: Usage, monitor: Monitor) -> None:
        self._repository = repository
        self._transport = repository.transport
        self._usage = usage
        self._monitor = monitor
        self._bytes_stored = 0
        self._already: frozenset[ObjectName] = frozenset()

    def run(self) -> PruneResult:
        self._run = self._repository.begin()
        plan = self._look()
        self._condemn(plan)
        lists, forgotten = list_condemned(self._transport), list_forgotten(self._repository)
        if not lists and not forgotten and not any(True for _ in self._transport.list(CLOCK)):
            return PruneResult(plan, self._bytes_stored)
        ripe = _ripe(lists, forgotten, self._store_time(), nothing_condemned=not lists)
        result = self._result(plan, lists, ripe)
        self._run = self._repository.begin()
        self._delete(ripe)
        return replace(result, bytes_stored=self._bytes_stored)

    def preview(self, now_ns: int) -> PruneResult:
        plan = self._look()
        lists, forgotten = list_condemned(self._transport), list_forgotten(self._repository)
        nothing_condemned = not lists and not plan.dead and not plan.repack
        ripe = _ripe(lists, forgotten, now_ns, nothing_condemned=nothing_condemned)
        return self._result(plan, lists, ripe)

    def _result(self, plan: PrunePlan, lists: list[CondemnedList], ripe: _Ripe) -> PruneResult:
        waiting = condemned_packs(self._transport, lists) - ripe.packs
        return PruneResult(
            plan,
            packs_deleted=self._usage.count(ripe.packs),
            bytes_deleted=self._usage.bytes_of(ripe.packs),
            packs_waiting=self._usage.count(waiting),
            bytes_waiting=self._usage.bytes_of(waiting),
            manifests_deleted=sum(not manifest.is_leftover for manifest in ripe.forgotten),
        )

    def _look(self) -> PrunePlan:
        """Choose what the first phase condemns. The order of these looks is a rule of the format."""
        self._load_packs()
        self._mark_snapshots()
        self._already = condemned_packs(self._transport, list_condemned(self._transport))
        self._usage.leave_out(self._already)
        return plan_prune(self._usage)

    def _condemn(self, plan: PrunePlan) -> None:
        gone = {*plan.dead, *self._repack(plan.repack)}
        if gone:
            data = encode_condemned(gone)
            self._require_young()
            self._transport.put(condemned_key(object_name(data)), data)

    def _repack(self, packs: tuple[ObjectName, ...]) -> list[ObjectName]:
        """Copy what the packs keep; return those of which everything was copied."""
        if not packs:
            return []
        self._monitor.phase("repacking", len(packs))
        done = []
        # To the writer these packs are gone, so it stores what only they hold.
        writer = self._run.writer(level=REPACK_LEVEL, absent=self._already | {*packs})
        try:
            for pack in packs:
                self._require_young()
                if self._copy_pack(writer, pack):
                    done.append(pack)
                self._monitor.advance(1)
            self._bytes_stored += writer.finish().bytes_stored
        finally:
            writer.abandon()
        return done

    def _copy_pack(self, writer: ChunkWriter, pack: ObjectName) -> bool:
        try:
            self._copy(writer, self._usage.kept_chunks(pack))
        except DamagedError as error:
            # The pack stays as it is: check names it, and repair may find its chunks elsewhere.
            self._monitor.problem(Problem(pack_key(pack), "damaged_pack", error.message))
            return False
        return True

    def _copy(self, writer: ChunkWriter, chunks: Iterable[tuple[ChunkId, ChunkKind]]) -> None:
        for identifier, kind in chunks:
            writer.add(kind, self._repository.reader.get(identifier))

    def _delete(self, ripe: _Ripe) -> None:
        """Run the second phase."""
        if ripe.packs:
            self._rescue(ripe)
        self._delete_each(manifest.key for manifest in ripe.forgotten)
        if ripe.packs:
            gone = ripe.packs | self._usage.vanished()
            self._bytes_stored += rewrite_indexes(self._transport, gone, self._require_young)
        self._delete_each(pack_key(name) for name in sorted(ripe.packs))
        self._delete_each(entry.key for entry in ripe.lists)
        delete_stale_labels(self._repository)

    def _rescue(self, ripe: _Ripe) -> None:
        """Copy what is used of the condemned packs and in no other. The order of looks is a rule."""
        self._load_packs()
        self._mark_snapshots()
        self._mark_forgotten(ripe.forgotten)
        condemned = condemned_packs(self._transport, list_condemned(self._transport)) | ripe.packs
        self._usage.leave_out(condemned)
        needed = self._usage.endangered(ripe.packs)
        if not needed:
            return
        writer = self._run.writer(level=REPACK_LEVEL, absent=condemned)
        try:
            self._copy(writer, self._usage.endangered_chunks())
            self._require_young()
            self._bytes_stored += writer.finish().bytes_stored
        finally:
            writer.abandon()

    def _delete_each(self, keys: Iterable[str]) -> None:
        for key in keys:
            self._require_young()
            self._transport.delete(key)

    def _load_packs(self) -> None:
        self._monitor.phase("reading indexes", None)
        for problem in self._usage.load_packs():
            self._monitor.problem(problem)

    def _mark_snapshots(self) -> None:
        references = self._repository.snapshots()
        self._monitor.phase("reading snapshots", len(references))
        for reference in references:
            self._mark(reference)
            self._monitor.advance(1)

    def _mark(self, reference: SnapshotReference) -> None:
        try:
            root = self._repository.load(reference).root
        except DamagedError:
            if reference not in self._repository.snapshots():
                return  # forgotten since it was listed
            raise
        try:
            self._usage.mark(root)
        except DamagedError as error:
            raise DamagedError(
                f"what snapshot {reference.id[:12]} needs is not known: {error.message}",
                advice=Advice(AdviceCode.REPAIR_OR_FORGET),
            ) from error

    def _mark_forgotten(self, gone: tuple[ForgottenManifest, ...]) -> None:
        for manifest in list_forgotten(self._repository):
            if manifest.is_leftover or manifest in gone:
                continue
            try:
                self._usage.mark(read_snapshot(self._transport, manifest.key).root)
            except DamagedError as error:
                self._monitor.problem(Problem(manifest.key, "damaged_snapshot", error.message))

    def _require_young(self) -> None:
        self._run.require_young("the prune")

    def _store_time(self) -> int:
        """Return the time by the clock of the place, from an object written for that."""
        noise = os.urandom(16)
        key = clock_key(object_name(noise))
        self._transport.put(key, noise)
        found = {info.key: info.modified_ns for info in self._transport.list(CLOCK)}
        if key not in found:
            raise TransportError(f"{key} was written and is not listed", advice=Advice(AdviceCode.RUN_AGAIN))
        limit = RUN_LIMIT // timedelta(microseconds=1) * 1000
        for other, modified_ns in found.items():
            if other == key or found[key] - modified_ns > limit:
                self._transport.delete(other)
        return found[key]


def _ripe(
    lists: list[CondemnedList], forgotten: list[ForgottenManifest], now_ns: int, *, nothing_condemned: bool
) -> _Ripe:
    grace = GRACE_PERIOD // timedelta(microseconds=1) * 1000
    longer = (GRACE_PERIOD + RUN_LIMIT) // timedelta(microseconds=1) * 1000
    ripe = [entry for entry in lists if now_ns - entry.modified_ns >= (grace if entry.packs else longer)]
    packs: set[ObjectName] = set()
    for entry in ripe:
        packs |= entry.packs or frozenset()
    readable = [entry for entry in ripe if entry.packs is not None]
    going = expired(forgotten, readable, now_ns - grace, nothing_condemned=nothing_condemned)
    return _Ripe(tuple(ripe), frozenset(packs), going)


def _nanoseconds(moment: datetime) -> int:
    return int(moment.timestamp() * _EPOCH_NS)
