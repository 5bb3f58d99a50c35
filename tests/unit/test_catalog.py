"""The catalogue: derived, so nothing that happens to its file changes an answer or stops a command."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from chatcask.catalog.catalog import Catalog
from chatcask.catalog.tables import _TABLES
from chatcask.repository.repository import Repository
from chatcask.repository.snapshots import StoredSnapshot
from support.worlds import World, chat

_COLUMNS = [(table, row.split()[0]) for table, rows in _TABLES.items() for row in rows]


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path / "world")
    world.write(
        {
            "w1/chatSessions/a.jsonl": chat(2, title="Lamp"),
            "w1/chatSessions/b.json": chat(1, flat=True),
            "w1/workspace.json": b'{"folder":"file:///home/ada/lamp"}',
            "w2/chatSessions/a.jsonl": chat(1),
        }
    )
    world.take()
    world.write({"w1/chatSessions/a.jsonl": chat(3, title="Lamp")})
    world.take()
    world.write({"w3/chatSessions/c.jsonl": chat(1)})
    world.take()
    return world


def _answers(world: World, cache: Path) -> list[object]:
    with Repository.open(world.transport, cache) as repository, Catalog(repository) as catalog:
        stored = [StoredSnapshot(found, repository.load(found)) for found in repository.snapshots()]
        answers: list[object] = [catalog.versions(session, stored) for session in "abc"]
        for found in stored:
            root = found.snapshot.root
            files = catalog.files(root)
            answers += [files, catalog.chats(root), catalog.files_of(root, "a"), catalog.gaps(root)]
            answers += [catalog.summary(file) for file in files]
            for file in files:
                outline = catalog.known_outline(
                    file.content
                )  # one that is gone is made again by who needs it
                assert outline is None or outline.turns == catalog.summary(file).turn_count
        return answers


def _file(cache: Path) -> Path:
    (path,) = cache.rglob("catalog.sqlite")
    return path


@pytest.mark.parametrize(("table", "column"), _COLUMNS)
@pytest.mark.parametrize("change", ["'x' || {}", "{} || 'x'", "x'ff'", "7"])
def test_a_changed_column_is_rebuilt(
    table: str, column: str, change: str, world: World, tmp_path: Path
) -> None:
    cache = tmp_path / "cache"
    before = _answers(world, cache)
    with closing(sqlite3.connect(_file(cache))) as database:
        rows = f"(SELECT rowid FROM {table} LIMIT 1)"
        database.execute(f"UPDATE {table} SET {column} = {change.format(column)} WHERE rowid IN {rows}")
        database.commit()
    assert _answers(world, cache) == before
    assert _answers(world, cache) == before


@pytest.mark.parametrize("table", sorted(_TABLES))
def test_a_row_that_is_gone_is_rebuilt(table: str, world: World, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    before = _answers(world, cache)
    with closing(sqlite3.connect(_file(cache))) as database:
        database.execute(f"DELETE FROM {table} WHERE rowid IN (SELECT rowid FROM {table} LIMIT 1)")
        database.commit()
    assert _answers(world, cache) == before


def test_which_snapshots_have_which_version_is_one_answer(world: World, tmp_path: Path) -> None:
    with Repository.open(world.transport, tmp_path) as repository, Catalog(repository) as catalog:
        stored = [StoredSnapshot(found, repository.load(found)) for found in repository.snapshots()]
        held = catalog.versions("a", stored)
        assert [(stored.index(row.stored), row.file.workspace) for row in held] == [
            *((0, "w1"), (0, "w2"), (1, "w1"), (1, "w2"), (2, "w1"), (2, "w2"))
        ]
        assert len({row.file.content for row in held if row.file.workspace == "w1"}) == 2
        assert [row.stored for row in catalog.versions("c", stored)] == stored[2:]
        assert [row.stored for row in catalog.versions("a", stored[1:2])] == [stored[1]] * 2
        assert catalog.versions("d", stored) == ()
        for row in held:
            assert row.file in catalog.files(row.stored.snapshot.root)


def test_a_snapshot_that_was_asked_about_is_not_read_again(world: World, tmp_path: Path) -> None:
    before = _answers(world, tmp_path)
    with Repository.open(world.transport, tmp_path) as repository, Catalog(repository) as catalog:
        stored = [StoredSnapshot(found, repository.load(found)) for found in repository.snapshots()]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Repository, "tree", None)
            assert [catalog.versions(session, stored) for session in "abc"] == before[:3]
