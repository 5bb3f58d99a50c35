"""A run that dies at any write harms no earlier snapshot, and the next run works."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcask.errors import TransportError
from chatcask.format.tree import EntryKind
from chatcask.repository.repository import Repository
from chatcask.transport import LocalTransport, MemoryTransport
from support.effort import effort
from support.transports import FaultyTransport, RecordingTransport
from support.worlds import World

_LONG = bytes(range(256)) * 40
FIRST = {"w1/chatSessions/a.jsonl": b"one\n" + _LONG, "w1/workspace.json": b'{"folder":"file:///x"}'}
SECOND = {
    "w1/chatSessions/a.jsonl": b"one\n" + _LONG + b"two\n",
    "w1/chatSessions/b.jsonl": b"".join(bytes([n % 251]) * 7 for n in range(4000)),
    "w1/workspace.json": b'{"folder":"file:///x"}',
}


def _writes_of_second_run(folder: Path) -> int:
    world = World(folder)
    world.write(FIRST)
    world.take()
    world.replace_all(SECOND)
    recording = RecordingTransport(world.transport)
    world.take(transport=recording)
    return len(recording.keys("put"))


def test_a_crash_at_every_write_leaves_the_old_state_and_the_next_run_works(tmp_path: Path) -> None:
    count = _writes_of_second_run(tmp_path / "count")
    assert count >= 4  # data, metadata, index, snapshot
    for dies_after in range(count):
        world = World(tmp_path / f"crash{dies_after}")
        world.write(FIRST)
        first = world.take().reference
        assert first is not None
        world.replace_all(SECOND)
        with pytest.raises(TransportError):
            world.take(transport=FaultyTransport(world.transport, dies_after))
        with world.open() as repository:
            assert repository.snapshots() == [first]
        assert world.files_of(first) == FIRST
        second = world.take().reference
        assert second is not None
        assert world.files_of(second) == SECOND
        assert world.files_of(first) == FIRST


def test_a_full_disk_is_survived_when_room_is_made(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.write(FIRST)
    faulty = FaultyTransport(world.transport, 1, recover=True)
    with pytest.raises(TransportError, match="no space left"):
        world.take(transport=faulty)
    reference = world.take(transport=faulty).reference
    assert reference is not None
    assert world.files_of(reference) == FIRST


def test_the_first_write_of_a_store_is_its_config_and_a_crash_there_leaves_no_store(tmp_path: Path) -> None:
    inner = MemoryTransport()
    with pytest.raises(TransportError):
        World(tmp_path / "a", FaultyTransport(inner, 0))
    assert list(inner.list("")) == []
    World(tmp_path / "b", inner).open().close()


_names = st.sampled_from(["a.jsonl", "b.jsonl", "c.json"])
_workspaces = st.sampled_from(["w1", "w2"])
_bytes = st.one_of(
    st.binary(max_size=40),
    st.builds(lambda seed, n: (seed * (n // max(1, len(seed)) + 1))[:n], st.binary(min_size=1, max_size=9),
              st.integers(0, 9000)),
    st.binary(min_size=2000, max_size=2000).map(lambda data: data * 2),
)  # fmt: skip
_states = st.dictionaries(st.builds("{}/chatSessions/{}".format, _workspaces, _names), _bytes, max_size=6)


@effort(0.4)
@given(states=st.lists(st.tuples(_states, st.none() | st.integers(0, 5)), min_size=1, max_size=6))
def test_every_snapshot_restores_to_the_state_it_was_taken_of(
    states: list[tuple[dict[str, bytes], int | None]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    world = World(tmp_path_factory.mktemp("world"))
    expected = {}
    for state, dies_after in states:
        world.replace_all(state)
        if dies_after is not None:
            faulty = FaultyTransport(world.transport, dies_after)
            try:
                reference = world.take(transport=faulty).reference
            except TransportError:
                reference = world.take().reference
        else:
            reference = world.take().reference
        assert reference is not None
        expected[reference] = dict(state)
        for earlier, files in expected.items():
            assert world.files_of(earlier) == files


def test_an_append_shares_all_but_the_tail_of_a_long_file(tmp_path: Path) -> None:
    world = World(tmp_path)
    long = b"".join(b'{"line":%d,"text":"%d"}\n' % (n, n * n * 7919) for n in range(20_000))
    world.write({"w1/chatSessions/a.jsonl": long})
    first = world.take()
    world.write({"w1/chatSessions/a.jsonl": long + b'{"kind":1}\n'})
    second = world.take()
    assert first.snapshot.totals.bytes_new > len(long)
    assert (
        second.snapshot.totals.bytes_new < 30_000
    )  # the last chunk, the last list of each depth, three trees
    assert second.reference is not None
    assert world.files_of(second.reference)["w1/chatSessions/a.jsonl"] == long + b'{"kind":1}\n'


def test_two_copies_of_a_store_never_share_a_wrong_cache(tmp_path: Path) -> None:
    """A store that was copied and went on by itself has other indexes under the same store id."""
    cache = tmp_path / "cache"
    transport = LocalTransport(tmp_path / "store")
    world = World(tmp_path / "world", transport)
    world.write(FIRST)
    world.take()
    with Repository.open(transport, cache) as repository:
        everything = [entry for _, entry in repository.walk(repository.load(repository.snapshots()[0]).root)]
        assert [e for e in everything if e.kind is EntryKind.FILE]
    for info in list(transport.list("")):
        if info.key != "config":
            transport.delete(info.key)
    world.replace_all(SECOND)
    reference = world.take().reference
    assert reference is not None
    with Repository.open(transport, cache) as repository:
        root = repository.load(reference).root
        files = [entry for _, entry in repository.walk(root) if entry.kind is EntryKind.FILE]
        found = [repository.reader.read_all(entry.content) for entry in files]
    assert sorted(found) == sorted(SECOND.values())
