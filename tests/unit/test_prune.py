"""Prune on small stores: what goes, what is copied, what stays, when it refuses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest import mock

import pytest

from chatcask.assistants.base import Platform
from chatcask.assistants.vscode.places.locate import source_for
from chatcask.errors import (
    DamagedError,
    StaleError,
)
from chatcask.format.condemned import encode_condemned
from chatcask.format.index import encode_index
from chatcask.ids import ObjectName, object_name
from chatcask.monitor import NullMonitor
from chatcask.ops.retention.prune import preview_prune, prune
from chatcask.ops.retention.undelete import UndeletePlan, apply_undelete
from chatcask.ops.retention.usage import open_usage
from chatcask.ops.snapshot.capture_sources import Request
from chatcask.repository import run as repository_run
from chatcask.repository.index_objects import read_indexes
from chatcask.repository.keys import (
    CONDEMNED,
    INDEXES,
    PACKS,
    condemned_key,
    index_key,
    name_in,
    pack_key,
)
from chatcask.repository.run import GRACE_PERIOD, RUN_LIMIT
from support.place_clock import ClockedTransport, InterruptedTransport
from support.pruning import DAY, A, B, index_trees_only, run_forget, run_prune, stored, take, text
from support.transports import FaultyTransport, RecordingTransport
from support.worlds import World


@pytest.fixture
def place() -> ClockedTransport:
    return ClockedTransport()


@pytest.fixture
def world(tmp_path: Path, place: ClockedTransport) -> World:
    return World(tmp_path, place)


@pytest.fixture
def seconds() -> Iterator[list[float]]:
    """The clock that sessions are measured by; the test sets its only element."""
    now = [0.0]

    def read() -> float:
        return now[0]

    with mock.patch.object(repository_run, "steady_seconds", read):
        yield now


def test_what_only_a_forgotten_snapshot_needs_is_deleted_a_day_later(
    world: World, place: ClockedTransport
) -> None:
    first = take(world, {A: text(1), B: text(2, 9000)})
    second = take(world, {A: text(1)})
    before = stored(world)
    run_forget(world, first)
    marked = run_prune(world)
    assert marked.plan.dead or marked.plan.repack
    place.pass_time(GRACE_PERIOD - timedelta(seconds=1))
    early = run_prune(world)
    assert early.packs_deleted == 0
    assert early.packs_waiting == len(marked.plan.dead) + len(marked.plan.repack)
    place.pass_time(timedelta(seconds=1))
    done = run_prune(world)
    assert done.bytes_deleted > 0
    assert done.manifests_deleted == 1
    assert stored(world) < before - 8000
    assert world.files_of(second) == {A: text(1)}
    assert run_prune(world) == replace(run_prune(world), packs_deleted=0, packs_waiting=0, bytes_stored=0)


def test_a_prune_with_nothing_to_do_writes_nothing(world: World) -> None:
    take(world, {A: text(1)})
    recording = RecordingTransport(world.transport)
    with world.open(recording) as repository:
        result = prune(repository, NullMonitor())
    assert recording.keys("put") == recording.keys("delete") == []
    assert result.plan.bytes_freed == 0


def test_a_dry_run_writes_nothing_and_tells_what_a_run_does(world: World, place: ClockedTransport) -> None:
    first = take(world, {A: text(1), B: text(2)})
    take(world, {A: text(1)})
    run_forget(world, first)
    recording = RecordingTransport(place)
    with world.open(recording) as repository:
        preview = preview_prune(repository, datetime.fromtimestamp(place.now_ns / 1e9, UTC), NullMonitor())
    assert recording.keys("put") == recording.keys("put_new") == recording.keys("delete") == []
    real = run_prune(world)
    assert preview.plan == real.plan
    assert (preview.packs_deleted, preview.manifests_deleted) == (0, 0)


def test_packs_that_are_mostly_dead_are_repacked_harder(world: World, place: ClockedTransport) -> None:
    words = b" ".join(b"word%d" % (n % 700) for n in range(9000))
    first = take(world, {A: text(1, 20_000), B: words[:9000]})
    second = take(world, {B: words[:9000]})
    run_forget(world, first)
    result = run_prune(world)
    assert result.plan.repack
    assert 0 < result.bytes_stored < result.plan.bytes_repacked
    place.pass_time(DAY)
    run_prune(world)
    assert world.files_of(second) == {B: words[:9000]}


def test_many_small_packs_are_joined(world: World, place: ClockedTransport) -> None:
    stored = [(take(world, {A: text(n, 300)}), text(n, 300)) for n in range(20)]
    packs = len(list(place.list(PACKS)))
    assert packs == 40
    assert len(run_prune(world).plan.repack) == packs
    place.pass_time(DAY)
    run_prune(world)
    assert len(list(place.list(PACKS))) == 2
    assert len(list(place.list(INDEXES))) == 1
    for reference, data in stored:
        assert world.files_of(reference) == {A: data}
    assert run_prune(world).plan.repack == ()


def test_packs_of_few_bytes_that_are_all_used_are_left_alone(world: World, place: ClockedTransport) -> None:
    take(world, {A: b"x"})
    assert run_prune(world).plan.bytes_freed == 0
    assert list(place.list(CONDEMNED)) == []


def test_of_chunks_stored_twice_one_stays(world: World, place: ClockedTransport) -> None:
    """Two runs at once store the same text; prune keeps it once."""
    world.replace_all({A: text(1)})
    others = []

    def act() -> None:
        others.append(world.take().reference)

    first = world.take(transport=InterruptedTransport(place, 7, act)).reference
    twice = stored(world)
    assert twice > 12_000
    run_prune(world)
    place.pass_time(DAY)
    run_prune(world)
    assert stored(world) < 0.6 * twice
    for reference in [first, *others]:
        assert reference is not None
        assert world.files_of(reference) == {A: text(1)}


def test_packs_of_a_run_that_died_before_its_index_are_deleted(world: World, place: ClockedTransport) -> None:
    first = take(world, {A: text(1)})
    world.replace_all({A: text(2)})
    with pytest.raises(Exception, match="injected"):
        world.take(transport=FaultyTransport(place, 1))
    packs = len(list(place.list(PACKS)))
    assert len(run_prune(world).plan.dead) == 1
    place.pass_time(DAY)
    run_prune(world)
    assert len(list(place.list(PACKS))) == packs - 1
    assert world.files_of(first) == {A: text(1)}


def test_an_orphan_that_has_what_no_other_pack_has_stays(world: World, place: ClockedTransport) -> None:
    """An index is lost: its packs are orphans, and what they hold must be found again by repair."""
    reference = take(world, {A: text(1)})
    [lost] = [info.key for info in place.list(INDEXES)]
    data = place.get(lost)
    packs = [info.key for info in place.list(PACKS)]
    index_trees_only(place)
    assert run_prune(world).plan.dead == ()
    assert [info.key for info in place.list(PACKS)] == packs
    place.put(lost, data)
    assert world.files_of(reference) == {A: text(1)}


def test_what_several_indexes_say_of_one_pack_counts_together(world: World, place: ClockedTransport) -> None:
    reference = take(world, {A: text(1), B: text(2)})
    [(info, rows)] = read_indexes(place, [].append)
    assert max(len(row.blocks) for row in rows) > 2
    for half in (0, 1):
        data = encode_index([replace(row, blocks=row.blocks[half::2]) for row in rows])
        place.put(index_key(object_name(data)), data)
    place.delete(info.key)
    with world.open() as repository, open_usage(repository) as usage:
        assert usage.load_packs() == []
        usage.mark(repository.load(reference).root)
        for pack in usage.packs():
            usage.keep(pack.name)
        assert usage.keeps_all()
    assert run_prune(world).plan.repack == ()


def test_a_pack_that_cannot_be_looked_into_goes_only_when_nothing_is_missing(
    world: World, place: ClockedTransport
) -> None:
    take(world, {A: text(1)})
    junk = b"no pack at all" * 10
    place.put(pack_key(object_name(junk)), junk)
    assert run_prune(world).plan.dead == (object_name(junk),)
    for info in list(place.list(CONDEMNED)):
        place.delete(info.key)
    [data_pack] = index_trees_only(place)
    place.delete(pack_key(data_pack))
    assert run_prune(world).plan.dead == ()


def test_prune_refuses_while_it_cannot_know_what_is_needed(world: World, place: ClockedTransport) -> None:
    first = take(world, {A: text(1), B: text(2)})
    second = take(world, {A: text(1)})
    run_forget(world, first)
    place.put(second.key, b"damaged")
    before = [info.key for info in place.list("")]
    with pytest.raises(DamagedError):
        run_prune(world)
    assert [info.key for info in place.list("")] == before


def test_a_prune_or_run_that_took_too_long_stops(world: World, seconds: list[float]) -> None:
    first = take(world, {A: text(1), B: text(2)})
    take(world, {A: text(1)})
    run_forget(world, first)

    def sleep() -> None:
        seconds[0] += RUN_LIMIT.total_seconds() + 1

    with (
        world.open(InterruptedTransport(world.transport, 5, sleep)) as repository,
        pytest.raises(StaleError, match="prune took 12 hours"),
    ):
        prune(repository, NullMonitor())
    assert list(world.transport.list(CONDEMNED)) == []
    with world.open(InterruptedTransport(world.transport, 5, sleep)) as repository, pytest.raises(StaleError):
        apply_undelete(repository, UndeletePlan(first))
    with world.open() as repository:
        assert repository.forgotten() == [first]


def test_a_snapshot_that_slept_starts_again_by_itself(world: World, seconds: list[float]) -> None:
    world.replace_all({A: text(1)})
    interrupted = InterruptedTransport(world.transport, 6, lambda: seconds.__setitem__(0, 1e6))
    reference = world.take(transport=interrupted).reference
    assert reference is not None
    assert world.files_of(reference) == {A: text(1)}
    with world.open() as repository:
        assert repository.snapshots() == [reference]


def test_what_is_carried_over_does_not_depend_on_condemned_packs(
    world: World, place: ClockedTransport
) -> None:
    """A source that was not asked for lies in packs that prune repacked: the next run stores it anew."""
    take(world, {A: text(1, 3000)})
    home = world.user_data_dir.parent
    chats = home / "Other" / "User" / "workspaceStorage" / "w9" / "chatSessions"
    chats.mkdir(parents=True)
    (chats / "z.jsonl").write_bytes(b"z" * 99)
    other = source_for(home / "Other", "vscodium", Platform("linux", home, {}))
    packs = frozenset(name for info in place.list(PACKS) if (name := name_in(info.key)))
    data = encode_condemned(packs)
    place.put(condemned_key(object_name(data)), data)
    result = world.take(requests=[Request(other)])
    assert result.reference is not None
    for pack in packs:
        place.delete(pack_key(pack))
    assert world.files_of(result.reference) == {A: text(1, 3000)}


def test_a_damaged_list_condemns_all_older_packs_until_it_is_deleted(
    world: World, place: ClockedTransport
) -> None:
    take(world, {A: text(1)})
    packs = {name_in(info.key) for info in place.list(PACKS)}
    key = condemned_key(ObjectName("0" * 64))
    place.put(key, b"damaged")
    place.pass_time(timedelta(seconds=1))
    second = take(world, {A: text(1), B: text(2)})
    with world.open() as repository:
        assert repository.begin().condemned == packs
    assert {name_in(info.key) for info in place.list(PACKS)} > packs
    for hours, there in ((30, True), (10, False)):
        place.pass_time(timedelta(hours=hours))
        run_prune(world)
        assert (key in {info.key for info in place.list(CONDEMNED)}) is there
    assert world.files_of(second) == {A: text(1), B: text(2)}
