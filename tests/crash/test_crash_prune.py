"""Forget, prune, undelete, tag and pin die at each write: no snapshot is harmed, and the next run works."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from chatcask.errors import TransportError
from chatcask.format.index import encode_index
from chatcask.ids import object_name
from chatcask.monitor import NullMonitor
from chatcask.ops.retention.forget import apply_forget, plan_forget_by_name
from chatcask.ops.retention.label import (
    pin_chat,
    pin_snapshot,
    tag_snapshot,
    unpin_snapshot,
    untag_snapshot,
)
from chatcask.ops.retention.prune import prune
from chatcask.ops.retention.prune_plan import plan_prune
from chatcask.ops.retention.undelete import UndeletePlan, apply_undelete
from chatcask.ops.retention.usage import open_usage
from chatcask.ops.snapshot.take import SnapshotOptions
from chatcask.repository.index_objects import read_indexes
from chatcask.repository.keys import CLOCK, CONDEMNED, FORGOTTEN, SnapshotReference, index_key
from chatcask.repository.repository import Repository
from chatcask.repository.run import GRACE_PERIOD
from chatcask.transport import Transport
from chatcask.transport.wrap import WrapperTransport
from support.place_clock import ClockedTransport
from support.transports import FaultyTransport, RecordingTransport
from support.worlds import World

Files = dict[str, bytes]


def _text(seed: int) -> bytes:
    return random.Random(seed).randbytes(6000)


@dataclass
class Scene:
    """A store with history, the snapshots that must stay whole, and what is done to it."""

    world: World
    place: ClockedTransport
    kept: dict[SnapshotReference, Files]
    act: Callable[[Repository], object]
    done: Callable[[Repository], bool]

    def check(self) -> None:
        for reference, files in self.kept.items():
            assert self.world.files_of(reference) == files

    def open(self, transport: Transport | None = None) -> Repository:
        return self.world.open(transport or self.place)


def _tag_the_first(options: SnapshotOptions) -> SnapshotOptions:
    return replace(options, tags=("first",))


def _as_it_is(options: SnapshotOptions) -> SnapshotOptions:
    return options


def _store(folder: Path) -> tuple[World, ClockedTransport, list[tuple[SnapshotReference, Files]]]:
    """Return a world with four snapshots, of each of which half is gone in the next."""
    place = ClockedTransport()
    world = World(folder, place)
    stored = []
    for number in range(4):
        seeds = (number * 2, number * 2 + 1, number * 2 + 2)
        files = {f"w1/chatSessions/{seed}.jsonl": _text(seed) for seed in seeds}
        world.replace_all(files)
        reference = world.take(change=_tag_the_first if number == 0 else _as_it_is).reference
        assert reference is not None
        stored.append((reference, files))
        place.pass_time(timedelta(hours=1))
    return world, place, stored


def _forget(repository: Repository, references: list[SnapshotReference]) -> None:
    present = repository.snapshots()
    plan = plan_forget_by_name(repository, [r for r in references if r in present])
    apply_forget(repository, plan, allow_losing_chats=True, monitor=NullMonitor())


def _prune(repository: Repository) -> None:
    prune(repository, NullMonitor())


def _has(repository: Repository, prefix: str) -> bool:
    return any(True for _ in repository.transport.list(prefix))


def forgetting(folder: Path) -> Scene:
    world, place, stored = _store(folder)
    going = [reference for reference, _ in stored[:2]]
    return Scene(
        world,
        place,
        dict(stored[2:]),
        lambda repository: _forget(repository, going),
        lambda repository: set(going) <= set(repository.forgotten()),
    )


def condemning_and_repacking(folder: Path) -> Scene:
    scene = forgetting(folder)
    with scene.open() as repository:
        scene.act(repository)
    scene.act = _prune
    scene.done = lambda repository: _has(repository, CONDEMNED)
    return scene


def _merge_indexes(place: ClockedTransport) -> None:
    """Let one index name all packs, those that go and those that stay."""
    found = list(read_indexes(place, [].append))
    data = encode_index([entry for _, packs in found for entry in packs])
    place.put(index_key(object_name(data)), data)
    for info, _ in found:
        place.delete(info.key)


def deleting(folder: Path) -> Scene:
    scene = condemning_and_repacking(folder)
    with scene.open() as repository:
        _prune(repository)
    _merge_indexes(scene.place)
    scene.place.pass_time(GRACE_PERIOD)
    scene.done = lambda repository: not _has(repository, CONDEMNED) and not _has(repository, FORGOTTEN)
    return scene


class _AfterIndex(WrapperTransport):
    """Acts once, before the first call after an index was put."""

    def __init__(self, inner: Transport, act: Callable[[], None]) -> None:
        super().__init__(inner)
        self._act = act
        self._ready = False

    def before(self, verb: str, key: str) -> None:
        if self._ready:
            self._ready = False
            self._act()
        self._ready = verb == "put" and key.startswith("index/")


def deleting_what_a_run_came_to_need(folder: Path) -> Scene:
    """The packs of a run were condemned before it committed, so they have to be copied."""
    world, place, stored = _store(folder)
    files = {"w2/chatSessions/late.jsonl": _text(99)}
    world.replace_all(files)

    def meanwhile() -> None:
        with world.open() as repository:
            _prune(repository)

    reference = world.take(transport=_AfterIndex(place, meanwhile)).reference
    assert reference is not None
    place.pass_time(GRACE_PERIOD)
    return Scene(
        world,
        place,
        dict([*stored, (reference, files)]),
        _prune,
        lambda repository: not _has(repository, CONDEMNED),
    )


def undeleting(folder: Path) -> Scene:
    scene = condemning_and_repacking(folder)
    with scene.open() as repository:
        _prune(repository)
        going = repository.forgotten()[0]
    scene.act = lambda repository: apply_undelete(repository, UndeletePlan(going))
    scene.done = lambda repository: going in repository.snapshots() and bool(scene.world.files_of(going))
    return scene


def _labelling(
    folder: Path, act: Callable[[Repository, SnapshotReference], object], tags: list[str], pinned: bool
) -> Scene:
    world, place, stored = _store(folder)
    first = stored[0][0]

    def done(repository: Repository) -> bool:
        labels = repository.labels()
        own = repository.load(first).tags
        return list(labels.tags(first.id, own)) == tags and labels.is_pinned(first.id) is pinned

    return Scene(world, place, dict(stored), lambda repository: act(repository, first), done)


def tagging(folder: Path) -> Scene:
    return _labelling(folder, lambda r, s: tag_snapshot(r, s, "beacon"), ["first", "beacon"], pinned=False)


def taking_a_tag_of_the_manifest_away(folder: Path) -> Scene:
    def act(repository: Repository, snapshot: SnapshotReference) -> None:
        if "first" in repository.labels().tags(snapshot.id, ["first"]):
            untag_snapshot(repository, snapshot, "first")

    return _labelling(folder, act, [], pinned=False)


def pinning(folder: Path) -> Scene:
    return _labelling(folder, pin_snapshot, ["first"], pinned=True)


SCENES = [
    forgetting,
    condemning_and_repacking,
    deleting,
    deleting_what_a_run_came_to_need,
    undeleting,
    tagging,
    taking_a_tag_of_the_manifest_away,
    pinning,
]
LEAST_WRITES: dict[Callable[[Path], Scene], int] = {
    forgetting: 4,
    condemning_and_repacking: 5,  # packs of data and trees, an index, the list, the clock
    deleting: 8,
    deleting_what_a_run_came_to_need: 8,
    undeleting: 4,
}


@pytest.mark.parametrize("make", SCENES, ids=lambda make: make.__name__)
def test_a_crash_at_every_write_harms_no_snapshot_and_is_cleaned_up(
    make: Callable[[Path], Scene], tmp_path: Path
) -> None:
    counted = make(tmp_path / "count")
    recording = RecordingTransport(counted.place)
    with counted.open(recording) as repository:
        counted.act(repository)
    writes = sum(verb in {"put", "put_new", "delete"} for verb, _ in recording.calls)
    assert writes >= LEAST_WRITES.get(make, 1)
    for dies_after in range(writes):
        scene = make(tmp_path / f"crash{dies_after}")
        with (
            scene.open(FaultyTransport(scene.place, dies_after)) as repository,
            pytest.raises(TransportError),
        ):
            scene.act(repository)
        scene.check()
        with scene.open() as repository:
            scene.act(repository)
            assert scene.done(repository)
        scene.check()
        _assert_nothing_is_left_over(scene)


def _assert_nothing_is_left_over(scene: Scene) -> None:
    """Whatever the crash left is gone after a day and a prune, or two."""
    for _ in range(3):
        scene.place.pass_time(GRACE_PERIOD)
        with scene.open() as repository:
            _prune(repository)
    with scene.open() as repository:
        assert not any(_has(repository, prefix) for prefix in (CONDEMNED, FORGOTTEN, CLOCK))
        with open_usage(repository) as usage:
            assert usage.load_packs() == []
            for reference in repository.snapshots():
                usage.mark(repository.load(reference).root)
            plan = plan_prune(usage)
        assert plan.dead == plan.repack == ()
    scene.check()


def test_a_pinned_chat_survives_a_crash_of_unpinning_something_else(tmp_path: Path) -> None:
    world, place, stored = _store(tmp_path)
    with world.open() as repository:
        pin_chat(repository, "3")
        pin_snapshot(repository, stored[0][0])
    with world.open(FaultyTransport(place, 0)) as repository, pytest.raises(TransportError):
        unpin_snapshot(repository, stored[0][0])
    with world.open() as repository:
        assert repository.labels().is_pinned(stored[0][0].id)
        assert repository.labels().pinned_sessions == {"3"}
