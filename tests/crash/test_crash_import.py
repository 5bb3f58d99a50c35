"""An import that dies at any write harms nothing, and the same import run again completes it."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatcask.errors import TransportError
from chatcask.repository.repository import Repository
from chatcask.transport import MemoryTransport
from support.bundles import export, held, new_store, take_in
from support.transports import FaultyTransport, RecordingTransport
from support.worlds import World

STATES = [
    {"w1/chatSessions/a.jsonl": b"one\n" * 900, "w1/chatSessions/b.jsonl": b"b\n"},
    {"w1/chatSessions/a.jsonl": b"one\n" * 900 + b"two\n"},
    {"w1/chatSessions/a.jsonl": b"one\n" * 901, "w2/chatSessions/c.json": bytes(range(256)) * 30},
]


def _world(folder: Path) -> World:
    world = World(folder)
    for state in STATES:
        world.replace_all(state)
        world.take()
    return world


def test_a_crash_at_every_write_leaves_a_store_that_the_next_import_completes(tmp_path: Path) -> None:
    world = _world(tmp_path)
    bundle, _ = export(world)
    with world.open() as repository:
        expected = [held(world.transport, reference) for reference in repository.snapshots()]
    recording = RecordingTransport(new_store())
    take_in(recording, bundle)
    count = len(recording.keys("put"))
    assert count >= 6  # data, metadata, index, three snapshots
    for dies_after in range(count):
        transport = new_store()
        with pytest.raises(TransportError):
            take_in(FaultyTransport(transport, dies_after), bundle)
        _assert_sound(transport, expected)
        done = take_in(transport, bundle)
        assert not done.problems
        assert len(done.committed) + len(done.present) == len(STATES)
        with Repository.open(transport) as repository:
            references = repository.snapshots()
            parents = [repository.load(reference).parent for reference in references]
        assert [held(transport, reference) for reference in references] == expected
        assert parents == [None, *(reference.id for reference in references[:-1])]


def test_an_import_that_dies_leaves_this_machines_own_line_alone(tmp_path: Path) -> None:
    bundle, _ = export(_world(tmp_path / "theirs"))
    for dies_after in range(5):
        ours = World(tmp_path / f"ours{dies_after}")
        ours.write(STATES[2])
        own = ours.take().reference
        assert own is not None
        before = held(ours.transport, own)
        with pytest.raises(TransportError):
            take_in(FaultyTransport(ours.transport, dies_after), bundle)
        assert held(ours.transport, own) == before
        with ours.open() as repository:
            assert repository.latest(own.origin) == own


def test_a_full_disk_is_survived_when_room_is_made(tmp_path: Path) -> None:
    bundle, _ = export(_world(tmp_path))
    faulty = FaultyTransport(new_store(), 1, recover=True)
    with pytest.raises(TransportError, match="no space left"):
        take_in(faulty, bundle)
    assert len(take_in(faulty, bundle).committed) == len(STATES)


def _assert_sound(transport: MemoryTransport, expected: list[object]) -> None:
    """What is visible after a crash is the beginning of the import, whole."""
    with Repository.open(transport) as repository:
        references = repository.snapshots()
    assert [held(transport, reference) for reference in references] == expected[: len(references)]
