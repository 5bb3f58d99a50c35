"""Forget, undelete, tags and pins on small stores: what goes, comes back, stays, is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from chatcask.errors import (
    AmbiguousError,
    ChatLossError,
    DamagedError,
    InvalidInputError,
    NotFoundError,
)
from chatcask.format.binary import add_prefix, pack_value
from chatcask.format.condemned import decode_condemned, encode_condemned
from chatcask.format.label import Label, LabelKind, decode_label, encode_label
from chatcask.format.snapshot import decode_snapshot
from chatcask.ids import object_name
from chatcask.monitor import NullMonitor
from chatcask.ops.retention.forget import apply_forget, bytes_freed, plan_forget_by_name
from chatcask.ops.retention.label import (
    pin_chat,
    pin_snapshot,
    tag_snapshot,
    unpin_chat,
    unpin_snapshot,
    untag_snapshot,
)
from chatcask.ops.retention.last_copies import lost_chats
from chatcask.ops.retention.policy import RetentionPolicy
from chatcask.ops.retention.undelete import UndeletePlan, apply_undelete, plan_undelete
from chatcask.repository.addressing import parse_snapshot_address
from chatcask.repository.keys import (
    LABELS,
    SnapshotReference,
    pack_key,
)
from chatcask.repository.labels import give_label
from chatcask.repository.resolve import resolve_snapshot
from chatcask.repository.run import GRACE_PERIOD
from support.monitors import RecordingMonitor
from support.pasts import log
from support.place_clock import ClockedTransport, InterruptedTransport
from support.pruning import DAY, A, B, plan_policy, run_forget, run_prune, take, text
from support.store_damage import damage_entry
from support.transports import RecordingTransport
from support.worlds import ORIGIN, SINGLE, START, World


@pytest.fixture
def place() -> ClockedTransport:
    return ClockedTransport()


@pytest.fixture
def world(tmp_path: Path, place: ClockedTransport) -> World:
    return World(tmp_path, place)


def test_a_forgotten_snapshot_comes_back_until_its_packs_are_deleted(
    world: World, place: ClockedTransport
) -> None:
    first = take(world, {A: text(1), B: text(2)})
    second = take(world, {A: text(1)})
    run_forget(world, first)
    run_prune(world)
    place.pass_time(GRACE_PERIOD - timedelta(minutes=1))
    with world.open() as repository:
        assert plan_undelete(repository, first.id[:8]) == UndeletePlan(first)
        assert apply_undelete(repository, UndeletePlan(first)).bytes_stored > 0
        assert repository.snapshots() == [first, second]
        assert repository.forgotten() == []
    place.pass_time(DAY)
    run_prune(world)
    assert world.files_of(first) == {A: text(1), B: text(2)}
    run_forget(world, first)
    run_prune(world)
    place.pass_time(DAY)
    run_prune(world)
    with world.open() as repository, pytest.raises(NotFoundError):
        plan_undelete(repository, first.id[:8])


def test_a_snapshot_forgotten_after_its_packs_were_condemned_has_its_day_too(
    world: World, place: ClockedTransport
) -> None:
    def condemn() -> None:
        run_prune(world)

    world.replace_all({A: text(1)})
    first = world.take(transport=InterruptedTransport(place, 9, condemn)).reference
    assert first is not None
    with world.open() as repository:
        assert repository.begin().condemned
    take(world, {B: text(2)})
    place.pass_time(GRACE_PERIOD - timedelta(minutes=1))
    run_forget(world, first)
    place.pass_time(timedelta(minutes=1))
    assert run_prune(world).packs_deleted
    with world.open() as repository:
        apply_undelete(repository, UndeletePlan(first))
    assert world.files_of(first) == {A: text(1)}


def test_a_forgotten_snapshot_that_nobody_prunes_stays(world: World, place: ClockedTransport) -> None:
    first = take(world, {A: text(1)})
    take(world, {B: text(2)})
    run_forget(world, first)
    place.pass_time(timedelta(days=4000))
    run_prune(world)  # condemns; its packs are there for another day
    with world.open() as repository:
        apply_undelete(repository, UndeletePlan(first))
    assert world.files_of(first) == {A: text(1)}


def test_undelete_says_when_it_is_too_late(world: World, place: ClockedTransport) -> None:
    first = take(world, {A: text(1)})
    take(world, {B: text(2)})
    run_forget(world, first)
    manifest = place.get(first.forgotten_key)
    run_prune(world)
    place.pass_time(DAY)
    run_prune(world)
    place.put(first.forgotten_key, manifest)
    with world.open() as repository, pytest.raises(DamagedError, match="cannot be put back"):
        apply_undelete(repository, UndeletePlan(first))
    with world.open() as repository:
        assert first not in repository.snapshots()


def test_forgotten_snapshots_are_found_by_tag_and_ambiguity_is_named(world: World) -> None:
    stored = [take(world, {A: text(n)}) for n in range(40)]
    with world.open() as repository:
        tag_snapshot(repository, stored[3], "before-move")
    run_forget(world, *stored[:-1])
    with world.open() as repository:
        assert plan_undelete(repository, "before-move") == UndeletePlan(stored[3])
        with pytest.raises(AmbiguousError):
            plan_undelete(repository, "")


def test_forgetting_the_last_copy_of_a_chat_is_refused(world: World) -> None:
    first = take(world, {A: text(1), B: text(2)})
    take(world, {A: text(3), B: b""})
    plan = plan_policy(world, RetentionPolicy(last=1))
    with world.open() as repository:
        [lost] = lost_chats(repository, plan, NullMonitor())
        assert (lost.session, lost.size, lost.snapshot) == ("b", 6000, first)
        assert 5000 < bytes_freed(repository, plan) < 14_000
        with pytest.raises(ChatLossError, match="b "):
            apply_forget(repository, plan, monitor=NullMonitor())
        assert first in repository.snapshots()
        apply_forget(repository, plan, allow_losing_chats=True, monitor=NullMonitor())
        assert repository.forgotten() == [first]


def test_a_chat_that_another_kept_snapshot_has_is_not_lost(world: World) -> None:
    take(world, {A: text(1)})
    take(world, {})
    moved = take(world, {"w2/chatSessions/a.jsonl": text(9)})
    plan = plan_policy(world, RetentionPolicy(last=1))
    with world.open() as repository:
        assert lost_chats(repository, plan, NullMonitor()) == ()
        assert len(apply_forget(repository, plan, monitor=NullMonitor())) == 2
        assert repository.snapshots() == [moved]


@pytest.mark.parametrize(
    "rest",
    [
        pytest.param(log("a", []), id="emptied"),
        pytest.param(log("a", 2), id="shrunk"),
        pytest.param(b'{"kind":1,"k":["customTitle"],"v":"Lamps"}\n', id="headless"),
        pytest.param(log("a", 5)[:200], id="torn"),
        pytest.param(b"\0" * 300, id="zeros"),
    ],
)
def test_a_chat_of_which_only_less_is_kept_is_not_forgotten(world: World, rest: bytes) -> None:
    take(world, {A: log("a", 4), B: log("b")})
    full = take(world, {A: log("a", 5), B: log("b")})
    take(world, {A: rest, B: log("b", 4)})
    plan = plan_policy(world, RetentionPolicy(last=1))
    with world.open() as repository:
        [lost] = lost_chats(repository, plan, NullMonitor())
        assert (lost.session, lost.snapshot, lost.damage) == ("a", full, "")
        with pytest.raises(ChatLossError, match="1 chat would lose"):
            apply_forget(repository, plan, monitor=NullMonitor())


def test_a_chat_that_was_retitled_compacted_or_grew_is_forgotten_in_silence(world: World) -> None:
    take(world, {A: log("a", 3), B: log("b", 2)})
    take(world, {A: log("a", 3, "Another title"), B: log("b", 5)})
    plan = plan_policy(world, RetentionPolicy(last=1))
    with world.open() as repository:
        assert lost_chats(repository, plan, NullMonitor()) == ()


def test_damage_of_one_chat_or_tree_silences_no_other(tmp_path: Path, place: ClockedTransport) -> None:
    world = World(tmp_path, place, config=SINGLE)
    other = "w2/chatSessions/c.jsonl"
    first = take(world, {A: log("a", 5), B: log("b", 5), other: log("c", 5)})
    take(world, {A: log("a", 2), B: log("b", 6)})
    damage_entry(place, first, f"{world.source.id}/workspaces/{B}")
    plan = plan_policy(world, RetentionPolicy(last=1))
    with world.open() as repository:
        lost = {chat.session: chat for chat in lost_chats(repository, plan, NullMonitor())}
    assert sorted(lost) == ["a", "b", "c"]
    assert (lost["a"].damage, lost["c"].damage) == ("", "")
    assert lost["b"].damage


def test_a_damaged_tree_that_is_to_be_forgotten_is_objected_to_by_its_path(
    tmp_path: Path, place: ClockedTransport
) -> None:
    world = World(tmp_path, place, config=SINGLE)
    other = "w2/chatSessions/c.jsonl"
    first = take(world, {A: log("a", 5), other: log("c", 5)})
    take(world, {A: log("a", 2)})
    damage_entry(place, first, f"{world.source.id}/workspaces/w2")
    plan = plan_policy(world, RetentionPolicy(last=1))
    with world.open() as repository:
        lost = {chat.session: chat for chat in lost_chats(repository, plan, NullMonitor())}
        assert lost[""].path.endswith("workspaces/w2")
        assert lost["a"].damage == ""
        assert bytes_freed(repository, plan) is None
        with pytest.raises(ChatLossError, match="any chat"):
            apply_forget(repository, plan, monitor=NullMonitor())


def test_a_tree_of_a_kept_snapshot_that_cannot_be_read_is_reported(
    world: World, place: ClockedTransport
) -> None:
    take(world, {A: text(1)})
    second = take(world, {A: text(2)})
    plan = plan_policy(world, RetentionPolicy(last=1))
    with world.open() as repository:
        root = repository.load(second).root
        assert root.id is not None
        location = repository._locations.find(root.id)[0]
    place.put(pack_key(location.pack), b"gone")
    monitor = RecordingMonitor()
    with world.open() as repository:
        lost = lost_chats(repository, plan, monitor)
    assert [chat.session for chat in lost] == ["a"]
    assert [problem.kind for problem in monitor.problems] == ["damaged"]


def test_a_pinned_snapshot_and_all_versions_of_a_pinned_chat_stay(world: World) -> None:
    first = take(world, {A: text(1)})
    same = take(world, {A: text(1), B: text(2)})
    changed = take(world, {A: text(3), B: text(2)})
    other = take(world, {A: text(3), B: text(4)})
    last = take(world, {A: text(3), B: text(5)})
    policy = RetentionPolicy(last=1)
    with world.open() as repository:
        pin_chat(repository, "a")
        pin_snapshot(repository, other)
    plan = plan_policy(world, policy)
    assert [candidate.reference for candidate in plan.removed] == [same]
    reasons = {candidate.reference: why for candidate, why in plan.kept}
    assert reasons[first] == reasons[changed] == ("pinned chat a",)
    assert reasons[other] == ("pinned",)
    with world.open() as repository:
        unpin_chat(repository, "a")
        unpin_snapshot(repository, other)
        with pytest.raises(NotFoundError):
            unpin_chat(repository, "a")
        with pytest.raises(NotFoundError):
            unpin_snapshot(repository, other)
        with pytest.raises(InvalidInputError):
            pin_chat(repository, "a\n")
    assert [candidate.reference for candidate, _ in plan_policy(world, policy).kept] == [last]


def test_a_tag_names_a_snapshot_until_it_is_taken_away(world: World) -> None:
    world.replace_all({A: text(1)})
    first = world.take(change=lambda options: replace(options, tags=("own",))).reference
    second = take(world, {A: text(2)})
    assert first is not None

    def find(tag: str) -> SnapshotReference:
        with world.open() as repository:
            return resolve_snapshot(
                repository, parse_snapshot_address(tag, START), repository.snapshots(ORIGIN)
            )

    with world.open() as repository:
        tag_snapshot(repository, first, "beacon")
        tag_snapshot(repository, first, "beacon")
        tag_snapshot(repository, first, "own")
        assert repository.labels().tags(first.id, ["own"]) == ("own", "beacon")
        with pytest.raises(InvalidInputError):
            tag_snapshot(repository, first, "latest")
    assert find("beacon") == find("own") == first
    with world.open() as repository:
        untag_snapshot(repository, first, "own")
        untag_snapshot(repository, first, "beacon")
        with pytest.raises(NotFoundError):
            untag_snapshot(repository, first, "own")
        tag_snapshot(repository, second, "own")
    assert find("own") == second
    with pytest.raises(NotFoundError):
        find("beacon")
    with world.open() as repository:
        tag_snapshot(repository, first, "own")
        assert repository.labels().tags(first.id, ["own"]) == ("own",)


def test_a_damaged_label_stops_forgetting_and_nothing_else(world: World, place: ClockedTransport) -> None:
    first = take(world, {A: text(1)})
    take(world, {A: text(2)})
    with world.open() as repository:
        pin_snapshot(repository, first)
    [key] = [info.key for info in place.list(LABELS)]
    place.put(key, b"damaged")
    with pytest.raises(DamagedError, match="may have been a pin"):
        plan_policy(world, RetentionPolicy(last=1))
    with world.open() as repository:
        assert repository.labels().damaged == (key,)
        pin_snapshot(repository, first)
        assert repository.labels().damaged == ()


def test_labels_of_snapshots_that_are_gone_are_deleted(world: World, place: ClockedTransport) -> None:
    first = take(world, {A: text(1)})
    second = take(world, {B: text(2)})
    with world.open() as repository:
        tag_snapshot(repository, first, "gone")
        tag_snapshot(repository, second, "kept")
        pin_chat(repository, "b")
    run_forget(world, first)
    run_prune(world)
    assert len(list(place.list(LABELS))) == 3
    place.pass_time(DAY)
    run_prune(world)
    with world.open() as repository:
        assert {label.name or label.session for label in repository.labels().every} == {"kept", "b"}


def test_labels_and_lists_come_back_as_they_were_and_damage_is_named() -> None:
    name = object_name(b"x")
    labels = [
        Label(LabelKind.TAG, name, name="beacon"),
        Label(LabelKind.UNTAG, name, name="beacon"),
        Label(LabelKind.PIN, name),
        Label(LabelKind.PIN_SESSION, session="a-b"),
    ]
    for label in labels:
        data = encode_label(label)
        assert decode_label(data, "label") == label
        for length in range(len(data)):
            with pytest.raises(DamagedError):
                decode_label(data[:length], "label")
    for wrong in (Label(LabelKind.TAG, name), Label(LabelKind.PIN), Label(LabelKind.PIN_SESSION, name)):
        with pytest.raises(DamagedError):
            decode_label(encode_label(wrong), "label")
    assert decode_label(add_prefix(b"CASKLABL", pack_value({"kind": "colour"})), "label") is None
    assert decode_condemned(encode_condemned([name]), "list") == {name}
    for value in ([b"short"], ["text"], 7, [[1]]):
        with pytest.raises(DamagedError):
            decode_condemned(add_prefix(b"CASKCOND", pack_value(value)), "list")


def test_a_label_is_given_once_however_often(world: World, place: ClockedTransport) -> None:
    for _ in range(3):
        give_label(place, Label(LabelKind.PIN_SESSION, session="a"))
    assert len(list(place.list(LABELS))) == 1


def test_forgetting_keeps_the_manifest_byte_for_byte(world: World, place: ClockedTransport) -> None:
    first = take(world, {A: text(1)})
    take(world, {A: text(2)})
    data = place.get(first.key)
    recording = RecordingTransport(place)
    with world.open(recording) as repository:
        apply_forget(repository, plan_forget_by_name(repository, [first]), monitor=NullMonitor())
    assert recording.keys("put") == [first.forgotten_key]
    assert recording.keys("delete") == [first.key]
    assert place.get(first.forgotten_key) == data
    assert decode_snapshot(data, "manifest").parent is None
