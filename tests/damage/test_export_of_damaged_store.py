"""An export from a damaged store carries what can be proved and names the rest."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from chatcask.errors import DamagedError
from chatcask.format.tree import EntryKind
from chatcask.repository.keys import pack_key
from chatcask.repository.locations import Locations
from support.bundles import export, held, lines_of, new_store, take_in
from support.worlds import World

FILES = {
    f"w{number}/chatSessions/c.jsonl": bytes((number * 31 + place * place) % 251 for place in range(9000))
    for number in range(4)
}


def _world(folder: Path) -> World:
    world = World(folder)
    world.write(FILES)
    world.take()
    return world


def _damage(world: World, key: str, place: int) -> None:
    data = bytearray(world.transport.get(key))
    data[place] ^= 0xFF
    world.transport.put(key, bytes(data))


def _carried(bundle: bytes) -> dict[str, bytes]:
    transport = new_store()
    reference = take_in(transport, bundle).committed[-1]
    return {
        path.partition("workspaces/")[2]: data
        for path, (kind, data, _, _) in held(transport, reference).items()
        if kind is EntryKind.FILE
    }


def test_a_file_that_cannot_be_proved_is_left_out_and_named(tmp_path: Path) -> None:
    world = _world(tmp_path)
    pack = max(world.transport.list("packs/"), key=lambda info: info.size)
    _damage(world, pack.key, 200)
    bundle, done = export(world)
    carried = _carried(bundle)
    lost = FILES.keys() - carried.keys()
    assert 0 < len(lost) < len(FILES)
    assert {problem.path.partition("workspaces/")[2] for problem in done.problems} == lost
    assert all(FILES[path] == data for path, data in carried.items())
    assert [snapshot["complete"] for snapshot in lines_of(bundle)[0]["snapshots"]] == [False]


def test_a_folder_that_cannot_be_read_is_named_once_and_marks_what_follows(tmp_path: Path) -> None:
    world = _world(tmp_path)
    with world.open() as repository:
        first = repository.load(repository.snapshots()[0]).root
        assert first.id is not None
        with closing(Locations(None, world.transport)) as locations:
            (location,) = locations.find(first.id)
    world.write({"w9/chatSessions/new.jsonl": b"new"})
    world.take()
    _damage(world, pack_key(location.pack), location.block.offset + 20)
    bundle, done = export(world)
    assert done.problems
    assert _carried(bundle) == {"w9/chatSessions/new.jsonl": b"new"}
    assert len(set(done.problems)) == len(done.problems)
    assert not any(snapshot["complete"] for snapshot in lines_of(bundle)[0]["snapshots"])
    assert not take_in(new_store(), bundle).problems
    with pytest.raises(DamagedError), world.open() as repository:
        list(repository.walk(first))


def test_a_snapshot_that_cannot_be_read_is_named_unless_it_is_the_only_one(tmp_path: Path) -> None:
    world = _world(tmp_path)
    world.take()
    keys = [info.key for info in world.transport.list("snapshots/")]
    _damage(world, keys[0], 40)
    bundle, done = export(world)
    assert [problem.path for problem in done.problems] == [keys[0]]
    assert _carried(bundle) == FILES
    _damage(world, keys[1], 40)
    with pytest.raises(DamagedError):
        export(world)
