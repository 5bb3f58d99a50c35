"""A run over a parent that is damaged in part reads anew what it cannot know, and nothing else suffers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from chatcask.format.condemned import encode_condemned
from chatcask.format.config import BlockParameters
from chatcask.ids import object_name
from chatcask.ops.snapshot.capture_sources import Request
from chatcask.repository.keys import condemned_key
from support.store_damage import damage_entry
from support.worlds import SMALL, World, appended_turn, chat

A, B = "w1/chatSessions/a.jsonl", "w2/chatSessions/b.jsonl"
FILES = {A: chat(40), B: chat(30, session="b")}
"""Each is so long that its chunks stand in a list."""


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path / "one", config=replace(SMALL, blocks=BlockParameters(size=1)))
    world.write({A: FILES[A]})
    world.take()  # in a pack of its own: what a damaged pack holds beside is not relied on either
    world.write(FILES)
    return world


def _condemn(world: World) -> None:
    """Leave a list of condemned packs, as there is while a prune is under way."""
    data = encode_condemned([object_name(b"a pack that was")])
    world.transport.put(condemned_key(object_name(data)), data)


def test_while_a_prune_is_under_way_a_damaged_list_costs_the_reading_of_its_file(world: World) -> None:
    first = world.take().reference
    assert first is not None
    damage_entry(world.transport, first, f"{world.source.id}/workspaces/{A}")
    _condemn(world)
    second = world.take()
    assert second.snapshot.parent == first.id
    assert second.snapshot.complete
    assert (second.snapshot.totals.files_extracted, second.snapshot.totals.files_unchanged) == (1, 1)
    assert second.reference is not None
    assert world.files_of(second.reference) == FILES


@pytest.mark.parametrize("pruning", [False, True])
@pytest.mark.parametrize("damaged", ["workspaces/w1/chatSessions", "workspaces/w1", "workspaces", ""])
def test_a_damaged_folder_of_the_parent_is_read_anew(world: World, damaged: str, *, pruning: bool) -> None:
    """And another source, which this run does not look at, stays as it was last seen."""
    other = World(world.user_data_dir.parent.parent / "two")
    other.write({A: b"first\n"})
    world.take(requests=[Request(world.source), Request(other.source)])
    other.write({A: b"second\n"})
    second = world.take(requests=[Request(other.source)]).reference
    assert second is not None
    damage_entry(world.transport, second, f"{world.source.id}/{damaged}".rstrip("/"))
    if pruning:
        _condemn(world)
    world.write({B: FILES[B] + appended_turn(30)})
    third = world.take()
    assert third.snapshot.parent == second.id
    assert "damaged" in {problem.kind for problem in third.snapshot.problems}
    assert not third.snapshot.complete
    assert third.reference is not None
    assert world.files_of(third.reference) == {A: FILES[A], B: FILES[B] + appended_turn(30)}
    assert other.files_of(third.reference, world.transport) == {A: b"second\n"}
    assert {problem.kind for problem in world.take().snapshot.problems} <= {"not_judged"}
