"""The loss alarm over a damaged store: what cannot be judged is named, all else is judged, and told later."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from chatcask.ids import object_name
from chatcask.monitor import Problem
from chatcask.ops.snapshot.take import SnapshotResult
from chatcask.repository.keys import pack_key
from support.state_database import make_database
from support.store_damage import damage_entry
from support.worlds import SINGLE, World, chat

A, B, C = (f"w1/chatSessions/{name}.jsonl" for name in "abc")
D = "w2/chatSessions/d.jsonl"
FULL = {
    A: chat(4, title="Lamp"),
    B: chat(3, title="Lens", session="b"),
    C: chat(2, session="c"),
    D: chat(5, session="d"),
    "w1/workspace.json": b'{"folder":"file:///lighthouse"}',
}
LESS = {**FULL, A: chat(2), B: chat(1, session="b"), D: chat(1, session="d")}
"""Three of the four chats are shorter."""


def _root(world: World) -> str:
    return f"{world.source.id}/workspaces"


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A world whose store has each chunk in a block of its own."""
    world = World(tmp_path, config=SINGLE)
    world.write(FULL)
    return world


def _told(result: SnapshotResult) -> list[tuple[str, str, int, int]]:
    return [(loss.session, loss.kind, loss.before, loss.after) for loss in result.losses]


def _unjudged(result: SnapshotResult) -> list[str]:
    return [problem.path for problem in result.snapshot.problems if problem.kind == "not_judged"]


EVERYTHING = [("a", "shrank", 4, 2), ("b", "shrank", 3, 1), ("d", "shrank", 5, 1)]


@pytest.mark.parametrize(
    ("damaged", "silenced"),
    [
        (A, "a"),
        ("w1/chatSessions", "ab"),
        ("w1", "ab"),
        ("w2", "d"),
    ],
)
def test_damage_silences_only_what_it_hit_and_a_later_run_tells(
    world: World, damaged: str, silenced: str
) -> None:
    first = world.take().reference
    assert first is not None
    damaged = f"{_root(world)}/{damaged}"
    pack = damage_entry(world.transport, first, damaged)
    world.write(LESS)
    second = world.take()
    assert _told(second) == [loss for loss in EVERYTHING if loss[0] not in silenced]
    assert not second.snapshot.complete
    (path,) = _unjudged(second)
    assert path.startswith(f"{first.id}:{_root(world)}/")
    assert damaged.startswith(path.partition(":")[2])  # the chat, or the folder that hides it
    assert any(problem.kind == "not_judged" for problem in world.monitor.problems)
    third = world.take()  # nothing changed, and still nobody knows
    assert _told(third) == []
    assert _unjudged(third) == [path]
    assert third.unchanged
    world.transport.put(pack_key(object_name(pack)), pack)
    fourth = world.take(change=lambda options: replace(options, skip_unchanged=True))
    assert fourth.reference is not None
    assert _told(fourth) == [loss for loss in EVERYTHING if loss[0] in silenced]
    assert {loss.snapshot for loss in fourth.losses} == {first.id}
    assert fourth.snapshot.complete
    assert _told(world.take()) == []  # said once


def test_a_vanished_chat_that_cannot_be_judged_is_named(world: World) -> None:
    first = world.take().reference
    assert first is not None
    damage_entry(world.transport, first, f"{_root(world)}/{A}")
    world.remove(A, B)
    second = world.take()
    assert _told(second) == [("b", "vanished", 3, 0)]
    assert _unjudged(second) == [f"{first.id}:{_root(world)}/{A}"]


def test_a_version_that_is_damaged_is_replaced_by_the_one_before_it(world: World) -> None:
    first = world.take().reference
    world.write({A: chat(6, title="Lamp")})
    second = world.take().reference
    assert first is not None
    assert second is not None
    damage_entry(world.transport, second, f"{_root(world)}/{A}")
    world.write(LESS)
    third = world.take()
    assert _told(third) == [*EVERYTHING[1:], EVERYTHING[0]]
    assert {loss.session: loss.snapshot for loss in third.losses} == {
        "a": first.id,
        "b": second.id,
        "d": second.id,
    }
    assert _unjudged(third) == []  # it is told, if not in full


def test_an_older_version_that_lost_nothing_settles_nothing(world: World) -> None:
    world.take()
    world.write({A: chat(6, title="Lamp")})
    second = world.take().reference
    assert second is not None
    damage_entry(world.transport, second, f"{_root(world)}/{A}")
    world.write({A: chat(5, title="Lamp")})
    third = world.take()
    assert _told(third) == []
    assert _unjudged(third) == [f"{second.id}:{_root(world)}/{A}"]


def test_what_is_forgotten_is_waited_for_no_longer(world: World) -> None:
    first = world.take().reference
    assert first is not None
    damage_entry(world.transport, first, f"{_root(world)}/{A}")
    world.write(LESS)
    assert _unjudged(world.take()) != []
    world.transport.delete(first.key)
    assert world.take().snapshot.complete


def test_a_list_that_cannot_be_read_is_named(world: World) -> None:
    entry = {"title": "Lamp", "lastMessageDate": 5, "initialLocation": "panel"}
    database = world.storage / "w1" / "state.vscdb"

    def list_only(*sessions: str) -> None:
        database.unlink(missing_ok=True)
        value = json.dumps(
            {"version": 1, "entries": {name: {**entry, "sessionId": name} for name in sessions}}
        )
        make_database(database, {"chat.ChatSessionStore.index": value})
        world.date(database)

    list_only("a", "b")
    first = world.take().reference
    assert first is not None
    path = f"{_root(world)}/w1/state/chat.ChatSessionStore.index.json"
    pack = damage_entry(world.transport, first, path)
    list_only("a")
    world.remove(D)
    second = world.take()
    assert _told(second) == [("d", "vanished", 5, 0)]
    assert _unjudged(second) == [f"{first.id}:{path}"]
    world.transport.put(pack_key(object_name(pack)), pack)
    assert _told(world.take()) == [("b", "left_index", 3, 3)]


@pytest.mark.parametrize("older", ["root", "manifest"])
def test_older_snapshots_that_cannot_be_read_are_passed_by(world: World, older: str) -> None:
    first = world.take().reference
    world.write({C: chat(3, session="c")})
    second = world.take().reference
    world.write({A: chat(6)})
    third = world.take().reference
    assert first is not None
    assert second is not None
    assert third is not None
    if older == "root":
        damage_entry(world.transport, second, "")
    else:
        world.transport.put(second.key, world.transport.get(second.key)[:-5])
    damage_entry(world.transport, third, f"{_root(world)}/{A}")
    world.write(LESS)
    assert ("a", "shrank", 4, 2) in _told(world.take())


def test_a_problem_names_a_version_once(world: World) -> None:
    """However many runs wait for it: the newest manifest has one row for it."""
    first = world.take().reference
    assert first is not None
    damage_entry(world.transport, first, f"{_root(world)}/{A}")
    world.write(LESS)
    for number in range(3):
        world.write({A: chat(3 + number)})
        result = world.take()
        assert [type(p) for p in result.snapshot.problems] == [Problem]
        assert _unjudged(result) == [f"{first.id}:{_root(world)}/{A}"]
