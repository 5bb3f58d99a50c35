"""Rows of a state database change in one transaction, or not at all, and no other row with them."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from chatcask.advice import Advice, AdviceCode
from chatcask.assistants.vscode.state.database import StateDatabaseError
from chatcask.assistants.vscode.state.write import RowChange, StateValue, change_rows, check_database
from chatcask.assistants.vscode.writing.file_steps import FileOperations
from support import vscode_view
from support.restore_world import Died, DyingOperations


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "state.vscdb"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE ItemTable (key TEXT UNIQUE ON CONFLICT REPLACE, value BLOB)")
        rows = [("a", "text"), ("b", b"\xff\x00"), ("c", "last"), ("n", 5)]
        connection.executemany("INSERT INTO ItemTable VALUES (?, ?)", rows)
    return path


def write(path: Path, *changes: RowChange, operations: FileOperations | None = None) -> None:
    with change_rows(path, changes) as transaction:
        transaction.commit(operations or FileOperations())


def test_rows_are_added_changed_and_removed_in_place(database: Path) -> None:
    before = vscode_view.rows(database)
    changes = [
        RowChange("a", b"text", StateValue(b"\xc3\xa9\xff")),
        RowChange("b", b"\xff\x00", None),
        RowChange("new", None, StateValue(b"blob", is_text=False)),
    ]
    with change_rows(database, changes) as transaction:
        assert transaction.found == (StateValue(b"text"), StateValue(b"\xff\x00", is_text=False), None)
        transaction.commit(FileOperations())
    with closing(sqlite3.connect(database)) as connection:
        connection.text_factory = bytes
        found = connection.execute(
            "SELECT key, typeof(value), value FROM ItemTable ORDER BY rowid"
        ).fetchall()
    assert found == [
        (b"a", b"text", b"\xc3\xa9\xff"),
        (b"c", b"text", b"last"),
        (b"n", b"integer", 5),
        (b"new", b"blob", b"blob"),
    ]
    assert before["c"] == ("text", b"last")
    check_database(database)
    assert sorted(os.listdir(database.parent)) == ["state.vscdb"]


def test_without_a_commit_nothing_changes(database: Path) -> None:
    before = database.read_bytes()
    with change_rows(database, [RowChange("a", b"text", None)]):
        pass
    with pytest.raises(Died):
        write(database, RowChange("a", b"text", None), operations=DyingOperations(0))
    assert database.read_bytes() == before


@pytest.mark.parametrize("change", [RowChange("a", b"other", None), RowChange("a", None, None),
                                    RowChange("zz", b"x", None), RowChange("n", b"5", None)])  # fmt: skip
def test_a_row_that_is_not_as_expected_stops_everything(database: Path, change: RowChange) -> None:
    before = database.read_bytes()
    with pytest.raises(StateDatabaseError) as refused:
        write(database, RowChange("c", b"last", None), change)
    code = AdviceCode.REPLACE_STATE_ROW if change.key == "n" else AdviceCode.RUN_AGAIN
    assert refused.value.advice == Advice(code), "a row of another type is no editor's"
    assert database.read_bytes() == before


def test_a_locked_database_is_an_error_that_says_so(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatcask.assistants.vscode.state.write._BUSY_SECONDS", 0.0)
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StateDatabaseError, match="locked") as refused:
            write(database, RowChange("a", b"text", None))
    assert refused.value.advice == Advice(AdviceCode.CLOSE_OTHER_PROGRAM)


def test_a_read_only_database_is_an_error_that_says_so(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = sqlite3.connect

    def read_only(address: str, **options: object) -> sqlite3.Connection:
        # What SQLite does with a file that it may not write; a file mode would not stop an administrator.
        connection: sqlite3.Connection = real(address.replace("mode=rw", "mode=ro"), **options)  # type: ignore[call-overload]
        return connection

    monkeypatch.setattr("chatcask.assistants.vscode.state.write.sqlite3.connect", read_only)
    with pytest.raises(StateDatabaseError, match="readonly") as refused:
        write(database, RowChange("a", b"text", None))
    assert refused.value.advice == Advice(AdviceCode.CHECK_FILE_OWNER)


def test_a_damaged_database_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    path = tmp_path / "state.vscdb"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE ItemTable (key TEXT UNIQUE ON CONFLICT REPLACE, value BLOB)")
        connection.executemany(
            "INSERT INTO ItemTable VALUES (?, ?)", [(str(n), "x" * 900) for n in range(50)]
        )
    data = bytearray(path.read_bytes())
    data[4096 * 5 : 4096 * 5 + 200] = bytes(200)
    path.write_bytes(data)
    with pytest.raises(StateDatabaseError):
        check_database(path)
    with pytest.raises(StateDatabaseError):
        write(path, RowChange("7", b"x" * 900, None))
    assert path.read_bytes() == bytes(data)


def test_a_missing_database_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(StateDatabaseError):
        write(tmp_path / "state.vscdb", RowChange("a", None, StateValue(b"x")))
    assert list(tmp_path.iterdir()) == []


_CRASH = """
import sqlite3, sys, os
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA cache_size=1")
connection.execute("BEGIN IMMEDIATE")
connection.execute("UPDATE ItemTable SET value = 'torn'")
connection.executemany("INSERT INTO ItemTable VALUES (?, ?)", [(f"k{n}", "y" * 900) for n in range(500)])
os._exit(9)
"""


def test_a_journal_that_a_crash_left_is_rolled_back_by_sqlite(database: Path) -> None:
    done = subprocess.run([sys.executable, "-c", _CRASH, str(database)], check=False)
    assert done.returncode == 9
    assert (database.parent / "state.vscdb-journal").stat().st_size > 0
    write(database, RowChange("a", b"text", StateValue(b"new")))
    found = vscode_view.rows(database)
    assert found["a"] == ("text", b"new")
    assert found["c"] == ("text", b"last")
    assert len(found) == 4
    assert not (database.parent / "state.vscdb-journal").exists()
