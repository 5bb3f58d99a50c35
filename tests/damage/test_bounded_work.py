"""Work is bounded by what a row promises: crafted stores and bundles end in seconds, with a typed error."""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chatcask.errors import DamagedError
from chatcask.format.tree import EMPTY, Content, Entry, EntryKind
from chatcask.monitor import NullMonitor
from chatcask.ops.browse.selection import tree_changes
from chatcask.ops.bundle.reader import BundleReader
from chatcask.ops.files.restore_files import restore_files
from chatcask.repository.chunk_writer import ChunkWriter
from support.crafted_store import doubling, expanding, nested
from support.worlds import World

_SECONDS = 60.0


@pytest.fixture(autouse=True)
def in_time() -> Iterator[None]:
    began = time.monotonic()
    yield
    assert time.monotonic() - began < _SECONDS


@pytest.mark.parametrize("depth", [2, 8])
def test_a_file_whose_lists_hold_more_than_its_row_says(tmp_path: Path, depth: int) -> None:
    world = World(tmp_path)
    world.take()
    with world.open() as repository:
        writer = repository.begin().writer()
        content = expanding(writer, depth)
        bad = Entry("bad", EntryKind.FILE, 500, 0, content)
        good = Entry("good", EntryKind.FILE, 5, 0, writer.add_bytes(b"sound"))
        root = Entry("", EntryKind.FOLDER, 0, 0, writer.add_tree([bad, good]))
        writer.finish()
        done = restore_files(repository, root, tmp_path / "o", overwrite=False, monitor=NullMonitor())
        assert [(problem.path, problem.kind) for problem in done.problems] == [("bad", "damaged")]
        assert (tmp_path / "o" / "good").read_bytes() == b"sound"
        with pytest.raises(DamagedError, match="more than the 500 bytes"):
            list(repository.reader.read(content, 500))


def test_folders_that_hold_each_other_twice(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.take()
    with world.open() as repository:
        writer = repository.begin().writer()
        tree = writer.add_tree([Entry("f", EntryKind.FILE, 1, 0, writer.add_bytes(b"x"))])
        for _ in range(60):
            tree = writer.add_tree([Entry(name, EntryKind.FOLDER, 0, 0, tree) for name in "ab"])
        writer.finish()
        with pytest.raises(DamagedError, match="hold each other"):
            for _ in repository.walk(tree):
                pass


@pytest.mark.parametrize("craft", [doubling, nested])
def test_folders_without_end_are_refused_before_a_file_is_written(
    tmp_path: Path, craft: Callable[[ChunkWriter], Content]
) -> None:
    world = World(tmp_path)
    world.take()
    with world.open() as repository:
        writer = repository.begin().writer()
        root = Entry("", EntryKind.FOLDER, 0, 0, craft(writer))
        writer.finish()
        with pytest.raises(DamagedError, match="each other"):
            restore_files(repository, root, tmp_path / "o", overwrite=False, monitor=NullMonitor())
        assert not (tmp_path / "o").exists()
        with pytest.raises(DamagedError, match="each other"):
            list(tree_changes(lambda tree, _: repository.tree(tree), EMPTY, root.content))


def test_a_file_of_more_pieces_than_any_writer_cuts(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.take()
    with world.open() as repository:
        writer = repository.begin().writer()
        content = expanding(writer, 8, piece=b"x")
        writer.finish()
        with pytest.raises(DamagedError, match="more pieces"):
            repository.reader.read_all(content)
        assert len(list(repository.reader.every_chunk(content))) < 300


def test_equal_folders_are_no_expansion(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.take()
    with world.open() as repository:
        writer = repository.begin().writer()
        inner = writer.add_tree([Entry("f", EntryKind.FILE, 1, 0, writer.add_bytes(b"x"))])
        tree = writer.add_tree([Entry(f"{n}", EntryKind.FOLDER, 0, 0, inner) for n in range(2000)])
        writer.finish()
        assert sum(1 for _ in repository.walk(tree)) == 4000


def test_a_bundle_of_a_hundred_million_empty_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BundleReader, "_read_manifest", lambda _: _Manifest())
    piece = gzip.compress(b"\n" * 10_000_000)
    data = iter([piece] * 10)
    reports: list[str] = []
    reader = BundleReader(lambda _: next(data, b""), reports.append)
    reader.finish()
    assert len(reports) < 200
    assert "not looked at" in reports[-1]


class _Manifest:
    files = ()
