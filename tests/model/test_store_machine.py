"""Whatever is done to a store in whatever order, every snapshot restores to the state it was taken of.

The model is a dictionary of dictionaries. Crashes strike at any write, and at any call to the store another
process may run a whole snapshot, forget or prune, or the machine may sleep for days. Bundles of snapshots are
imported at any later time, and an index or the footer of a pack is damaged right before a repair.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TypeVar
from unittest import mock

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, precondition, rule

from chatcask.errors import ChatcaskError, StaleError, TransportError
from chatcask.format.snapshot import Snapshot
from chatcask.format.tree import EntryKind
from chatcask.monitor import NullMonitor
from chatcask.ops.bundle.read_in import ImportResult
from chatcask.ops.integrity.repair import RepairHelpers, RepairResult, apply_repair, plan_repair
from chatcask.ops.retention.forget import apply_forget, plan_forget_by_policy
from chatcask.ops.retention.label import tag_snapshot
from chatcask.ops.retention.policy import RetentionPolicy
from chatcask.ops.retention.prune import PruneResult, prune
from chatcask.ops.retention.undelete import UndeletePlan, apply_undelete, load_forgotten
from chatcask.repository import run as repository_run
from chatcask.repository.chunk_reader import ChunkReader
from chatcask.repository.keys import INDEXES, LOST, PACKS, SnapshotReference
from chatcask.repository.repository import Repository
from chatcask.repository.run import GRACE_PERIOD
from chatcask.transport import Transport
from support.bundles import take_in
from support.effort import effort
from support.exported_rows import (
    Exported,
    assert_goes_into_a_new_store,
    assert_whole,
    export_newest,
    taken_at,
)
from support.place_clock import ClockedTransport, InterruptedTransport
from support.store_damage import assert_only_orphans_were_indexed, damage, objects
from support.transports import FaultyTransport
from support.worlds import World

Files = dict[str, bytes]
Result = TypeVar("Result")

_names = st.sampled_from(["w1/chatSessions/a.jsonl", "w1/chatSessions/b.jsonl", "w2/chatSessions/c.json"])
_seeds = st.integers(0, 30)
_crashes = st.none() | st.integers(0, 12)
_early_crashes = st.none() | st.integers(0, 4)
_times = st.sampled_from([timedelta(hours=1), timedelta(hours=13), timedelta(hours=25), timedelta(days=3)])
_calls = st.integers(1, 60)


def _content(seed: int) -> bytes:
    """Return text of several chunks, part of which other seeds share."""
    part = [b"".join(b"%d.%d;" % (n * n * 7919 % 9973, k) for n in range(120)) for k in (0, seed, seed // 2)]
    return b"".join(part[: 1 + seed % 3])


class StoreMachine(RuleBasedStateMachine):
    exports = Bundle("exports")

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.place = ClockedTransport()
        self.world = World(self.folder, self.place)
        self.patch = mock.patch.object(repository_run, "steady_seconds", self.seconds)
        self.patch.start()
        self.files: Files = {}
        self.snapshots: dict[SnapshotReference, Files] = {}
        self.forgotten: dict[SnapshotReference, tuple[Files, int]] = {}
        self.was_damaged = False
        # A process that began before everything: its table of chunks is behind.
        self.old = self.world.open()
        self.take()

    def seconds(self) -> float:
        return self.world.clock.now.timestamp()

    def teardown(self) -> None:
        self.patch.stop()
        self.old.close()
        shutil.rmtree(self.folder)

    @initialize(target=exports, name=_names, seed=_seeds)
    def begin(self, name: str, seed: int) -> Exported:
        self.edit(name, seed)
        self.take()
        return export_newest(self.world, self.snapshots, 2)

    @rule(name=_names, seed=_seeds)
    def edit(self, name: str, seed: int) -> None:
        self.files[name] = _content(seed)
        self.world.replace_all(self.files)

    @rule(name=_names)
    def remove(self, name: str) -> None:
        self.files.pop(name, None)
        self.world.replace_all(self.files)

    @rule(time=_times)
    def wait(self, time: timedelta) -> None:
        self.place.pass_time(time)
        self.world.clock.now += time

    @rule(crash=_crashes)
    def snapshot(self, crash: int | None) -> None:
        self.take(_crashing(self.place, crash))

    @rule(name=_names, seed=_seeds, call=st.integers(4, 20), time=_times)
    def snapshot_while_others_prune(self, name: str, seed: int, call: int, time: timedelta) -> None:
        self.edit(name, seed)

        def act() -> None:
            self.forget_all_but(1)
            self.prune_store(self.place)
            self.wait(time)
            self.prune_store(self.place)

        self.take(InterruptedTransport(self.place, call, act))

    @rule(keep=st.integers(1, 2), crash=_crashes)
    def forget(self, keep: int, crash: int | None) -> None:
        self.forget_all_but(keep, _crashing(self.place, crash))

    @rule(crash=_crashes)
    def prune(self, crash: int | None) -> None:
        self.prune_store(_crashing(self.place, crash))

    @rule(call=_calls, again=st.booleans())
    def prune_while_others_write(self, call: int, again: bool) -> None:
        def act() -> None:
            self.take()
            if again:
                self.prune_store(self.place)
            self.put_back(self.place)

        self.prune_store(InterruptedTransport(self.place, call, act))

    @precondition(lambda self: self.forgotten)
    @rule(crash=_crashes)
    def undelete(self, crash: int | None) -> None:
        self.put_back(_crashing(self.place, crash))

    @rule(crash=_crashes)
    def tag(self, crash: int | None) -> None:
        with self.world.open() as repository:
            newest = repository.snapshots()[-1]
        self.attempt(lambda: self.with_store(crash, newest))

    def with_store(self, crash: int | None, newest: SnapshotReference) -> None:
        with self.world.open(_crashing(self.place, crash)) as repository:
            tag_snapshot(repository, newest, "beacon")

    @rule(target=exports, count=st.integers(1, 3))
    def export(self, count: int) -> Exported:
        return export_newest(self.world, self.snapshots, count)

    @rule(bundle=exports, crash=_early_crashes, again=st.booleans())
    def import_back(self, bundle: Exported, crash: int | None, again: bool) -> None:
        done = self.bring_in(_crashing(self.place, crash), bundle)
        if done is None and again:
            done = self.bring_in(self.place, bundle)
            assert done is not None
        if done is not None:
            assert_whole(self.world, bundle, done)

    @rule(bundle=exports, seed=_seeds, call=st.integers(4, 20), before=_times, late=st.booleans())
    def import_while_others_prune(
        self, bundle: Exported, seed: int, call: int, before: timedelta, late: bool
    ) -> None:
        def act(time: timedelta = timedelta(hours=13 if late else 1)) -> None:
            self.adopt(bundle)
            self.forget_all_but(1)
            self.prune_store(self.place)
            self.wait(time)

        self.files = {"w3/chatSessions/d.jsonl": _content(seed)}
        self.world.replace_all(self.files)
        self.take()
        act(before)
        self.bring_in(InterruptedTransport(self.place, call, act), bundle)

    @rule(bundle=exports, crash=_early_crashes)
    def import_into_a_new_store(self, bundle: Exported, crash: int | None) -> None:
        assert_goes_into_a_new_store(self.world, bundle, crash)

    @rule(crash=_crashes)
    def repair(self, crash: int | None) -> None:
        before = objects(self.place)
        result = self.mend(_crashing(self.place, crash))
        after = objects(self.place)
        assert result is None or not (result.damage or result.lost)
        if not self.was_damaged:
            assert_only_orphans_were_indexed(before, after)

    @rule(call=_calls, time=_times)
    def repair_while_others_prune(self, call: int, time: timedelta) -> None:
        def act() -> None:
            self.take()
            self.prune_store(self.place)
            self.wait(time)
            self.prune_store(self.place)

        self.mend(InterruptedTransport(self.place, call, act))

    @precondition(lambda self: any(self.place.list(PACKS)))
    @rule(
        prefix=st.sampled_from([INDEXES, PACKS]),
        which=st.integers(0, 30),
        where=st.integers(0, 5000),
        cut=st.booleans(),
        crash=_early_crashes,
    )
    def damage_and_repair(self, prefix: str, which: int, where: int, cut: bool, crash: int | None) -> None:
        # Not through the clock: damage gives an object no new date.
        self.was_damaged |= damage(self.place.inner, prefix, which, where, cut=cut)
        result = self.mend(_crashing(self.place, crash)) or self.mend(self.place)
        assert result is not None
        assert not result.damage
        assert not result.lost

    @invariant()
    def every_snapshot_is_as_it_was_taken(self) -> None:
        assert not list(self.place.list(LOST))
        with self.world.open() as repository:
            assert set(repository.snapshots()) == set(self.snapshots)
            recoverable = set(repository.forgotten())
            for reference, (files, at) in self.forgotten.items():
                young = self.place.now_ns - at < GRACE_PERIOD // timedelta(microseconds=1) * 1000
                assert reference in recoverable or not young
                if reference in recoverable:
                    assert self.forgotten_files(reference) == files
        for reference, files in self.snapshots.items():
            assert self.world.files_of(reference) == files
            assert self.read_with_old_table(reference) == files

    def take(self, transport: Transport | None = None) -> None:
        wanted = dict(self.files)

        def work() -> None:
            reference = self.world.take(transport=transport or self.place).reference
            assert reference is not None
            self.snapshots[reference] = wanted

        self.attempt(work)

    def forget_all_but(self, keep: int, transport: Transport | None = None) -> None:
        with self.world.open() as repository:
            plan = plan_forget_by_policy(repository, RetentionPolicy(last=keep), lambda moment: moment)

        def work() -> None:
            with self.world.open(transport or self.place) as repository:
                apply_forget(repository, plan, allow_losing_chats=True, monitor=NullMonitor())

        self.attempt(work)
        with self.world.open() as repository:
            present = set(repository.snapshots())
            for reference in set(self.snapshots) - present:
                assert reference in {candidate.reference for candidate in plan.removed}
                self.forgotten[reference] = self.snapshots.pop(reference), self.place.now_ns

    def prune_store(self, transport: Transport) -> PruneResult | None:
        def work() -> PruneResult:
            with self.world.open(transport) as repository:
                return prune(repository, NullMonitor())

        return self.attempt(work)

    def mend(self, transport: Transport) -> RepairResult | None:
        def work() -> RepairResult:
            helpers = RepairHelpers((), (), self.world.guard)
            monitor = NullMonitor()
            with (
                self.world.open(transport) as repository,
                plan_repair(repository, helpers, monitor) as plan,
            ):
                return apply_repair(plan, monitor)

        return self.attempt(work)

    def bring_in(self, transport: Transport, bundle: Exported) -> ImportResult | None:
        done = self.attempt(lambda: take_in(transport, bundle.data))
        self.adopt(bundle)
        return done

    def adopt(self, bundle: Exported) -> None:
        """Take into the model what an import has made visible so far."""
        with self.world.open() as repository:
            visible = repository.snapshots()
        for reference in set(visible) - self.snapshots.keys():
            self.snapshots[reference] = bundle.files[taken_at(self.world, reference)]
            self.forgotten.pop(reference, None)

    def put_back(self, transport: Transport) -> None:
        with self.world.open() as repository:
            recoverable = repository.forgotten()
        if not recoverable:
            return
        reference = recoverable[-1]

        def work() -> None:
            with self.world.open(transport) as repository:
                apply_undelete(repository, UndeletePlan(reference))
            self.snapshots[reference] = self.forgotten.pop(reference)[0]

        self.attempt(work)

    def attempt(self, work: Callable[[], Result]) -> Result | None:
        """Do something that a crash or a long sleep may end early; return None then."""
        try:
            return work()
        except (TransportError, StaleError):
            return None
        except ChatcaskError as error:
            raise AssertionError(f"{error.kind}: {error.message}") from error

    def forgotten_files(self, reference: SnapshotReference) -> Files:
        with self.world.open() as repository:
            return self._files(repository, load_forgotten(repository, reference))

    def _files(self, repository: Repository, snapshot: Snapshot) -> Files:
        prefix = f"{self.world.source.id}/workspaces/"
        return {
            path.removeprefix(prefix): repository.reader.read_all(entry.content)
            for path, entry in repository.walk(snapshot.root)
            if entry.kind is EntryKind.FILE
        }

    def read_with_old_table(self, reference: SnapshotReference) -> Files:
        self.old._reader = ChunkReader(self.place, self.old._locations)  # remembers no blocks
        return self._files(self.old, self.old.load(reference))


def _crashing(place: Transport, writes: int | None) -> Transport:
    return place if writes is None else FaultyTransport(place, writes)


TestStore = StoreMachine.TestCase
TestStore.settings = effort(0.3, steps=15)
