"""Derived data: each file belongs to one thread, and misuse of it is never taken for damage."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from chatcask.catalog.catalog import Catalog
from chatcask.disk.derived import open_derived
from chatcask.errors import WrongThreadError
from chatcask.repository.repository import Repository
from support.worlds import World, chat


def _in_threads(count: int, work: Callable[[], object]) -> list[BaseException | None]:
    """Do something in several threads at once; return what each of them raised."""
    raised: list[BaseException | None] = [None] * count
    start = threading.Barrier(count)

    def run(place: int) -> None:
        start.wait()
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - told apart by the test
            raised[place] = error

    threads = [threading.Thread(target=run, args=(place,)) for place in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path / "world")
    world.write({f"w{place}/chatSessions/c{place}.jsonl": chat(2) for place in range(8)})
    world.take()
    return world


def test_a_catalogue_used_by_other_threads_says_so_and_goes_on(world: World, tmp_path: Path) -> None:
    with (
        Repository.open(world.transport, tmp_path / "cache") as repository,
        Catalog(repository) as catalog,
    ):
        root = repository.load(repository.snapshots()[-1]).root

        def ask() -> None:
            for file in catalog.chats(root):
                catalog.summary(file)

        assert all(isinstance(error, WrongThreadError) for error in _in_threads(4, ask))
        assert len(catalog.chats(root)) == 8
        assert (tmp_path / "cache").exists()


def test_a_table_of_places_used_by_other_threads_says_so(world: World, tmp_path: Path) -> None:
    with Repository.open(world.transport, tmp_path / "cache") as repository:
        root = repository.load(repository.snapshots()[-1]).root

        def ask() -> None:
            list(repository.walk(root))

        kinds = {type(error) for error in _in_threads(4, ask)}
        assert kinds <= {WrongThreadError, type(None)}  # what is remembered needs no look
        assert len(list(repository.walk(root))) >= 8


def test_each_thread_may_open_its_own(world: World, tmp_path: Path) -> None:
    def ask() -> None:
        with Repository.open(world.transport, tmp_path / "cache") as own, Catalog(own) as catalog:
            assert len(catalog.chats(own.load(own.snapshots()[-1]).root)) == 8

    assert _in_threads(4, ask) == [None] * 4


def test_another_thread_can_neither_write_nor_close(tmp_path: Path) -> None:
    database = open_derived(tmp_path / "x.sqlite", "CREATE TABLE t (a);", 1)

    def transaction() -> None:
        with database:
            pass

    deeds: list[Callable[[], object]] = [
        lambda: database.execute("SELECT 1"),
        lambda: database.executemany("INSERT INTO t VALUES (?)", [(1,)]),
        lambda: database.executescript("SELECT 1;"),
        transaction,
        database.close,
    ]
    for deed in deeds:
        (error,) = _in_threads(1, deed)
        assert isinstance(error, WrongThreadError)
    assert database.execute("SELECT COUNT(*) FROM t").fetchone() == (0,)
    database.close()
