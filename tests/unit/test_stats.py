"""The numbers of `stats` are those of the files and objects that are there."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from chatcask.format.pack import ChunkKind
from chatcask.ops.stats.measure import store_stats
from chatcask.ops.stats.sizes import StoreStats
from chatcask_cli.shell.bars import bar_lines, plain_bars
from support.monitors import RecordingMonitor
from support.transports import RecordingTransport
from support.worlds import World


def _stats(world: World, largest: int = 10) -> StoreStats:
    with world.open() as repository:
        return store_stats(repository, largest=largest, monitor=RecordingMonitor())


def test_an_empty_store_has_numbers_too(tmp_path: Path) -> None:
    stats = _stats(World(tmp_path))
    assert (stats.snapshots, stats.stored, stats.largest, stats.months) == (0, 0, (), ())
    assert (stats.dedup_ratio, stats.compression_ratio) == (None, None)


def test_sizes_are_sums_of_what_is_there(tmp_path: Path) -> None:
    world = World(tmp_path)
    names = b'{"folder":"file:///home/ada/beacon"}'
    world.write({"w1/workspace.json": names, "w1/chatSessions/a.jsonl": b"a" * 5000})
    world.take()
    world.write({"w2/chatSessions/b.jsonl": b"b" * 3000, "w2/chatSessions/b.json": b"{}"})
    world.clock.now += timedelta(days=31)
    world.take()
    stats = _stats(world)
    first = len(names) + 5000
    assert stats.logical.size == first + first + 3002
    assert stats.logical.files == 2 + 4
    assert stats.stored == sum(info.size for info in world.transport.list("")) - len(
        world.transport.get("config")
    )
    assert [(place.workspace, place.name, place.chats, place.files) for place in stats.workspaces] == [
        ("w1", "beacon", 1, 2),
        ("w2", "", 1, 2),
    ]
    assert [(chat.session, chat.size) for chat in _stats(world, largest=1).largest] == [("a", 5000)]
    assert [month.month for month in stats.months] == ["2026-11", "2026-12"]
    totals = [month.bytes_new for month in stats.months]
    assert sum(totals) == sum(kind.raw for kind in stats.chunks.values())
    assert set(stats.chunks) == {kind.name.lower() for kind in ChunkKind}


def test_a_folder_is_read_once_however_many_snapshots_have_it(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.write({f"w{n}/chatSessions/a.jsonl": b"%d" % n * 100 for n in range(5)})
    world.take()
    recording = RecordingTransport(world.transport)
    with world.open(recording) as repository:
        store_stats(repository, largest=3, monitor=RecordingMonitor())
    once = len(recording.keys("get"))
    for _ in range(10):
        world.take()
    recording = RecordingTransport(world.transport)
    with world.open(recording) as repository:
        stats = store_stats(repository, largest=3, monitor=RecordingMonitor())
    assert stats.snapshots == 11
    assert stats.dedup_ratio == 11
    assert len(recording.keys("get")) == once + 10, "one manifest more for each run"


def test_a_damaged_index_is_named_and_the_rest_is_counted(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.write({"w1/chatSessions/a.jsonl": b"a" * 5000})
    world.take()
    (index,) = world.transport.list("index/")
    world.transport.put(index.key, b"damaged")
    stats = _stats(world)
    assert stats.snapshots == 1
    assert index.key in {problem.path for problem in stats.problems}
    assert stats.chunks["data"].count == 0


def test_bars_are_in_proportion() -> None:
    rows = [("one", 100, "x"), ("two", 50, "y"), ("three", 1, "z"), ("none", 0, "-")]
    lines = list(bar_lines(rows, width=10))
    assert [line.count("█") for line in lines] == [10, 5, 0, 0]
    assert "▏" in lines[2]
    assert lines[3].split() == ["none", "-"]
    assert len({line.index(text) for line, (_, _, text) in zip(lines, rows, strict=True)}) == 1
    assert all(line.isascii() for line in plain_bars(lines))
    assert list(bar_lines([])) == []
