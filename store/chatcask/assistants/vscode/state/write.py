"""Change picked rows of an editor's `state.vscdb` in one transaction, and nothing else in it.

The editor must be closed: it reads its rows once and later writes over whatever others changed
(microsoft/vscode base/parts/storage/common/storage.ts). A journal that a crash left is rolled back by SQLite
when the transaction begins. Values are stored as TEXT, as the editor stores them.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from chatcask.advice import Advice, AdviceCode
from chatcask.assistants.vscode.state.database import DATABASE_ERRORS, StateDatabaseError, database_uri
from chatcask.assistants.vscode.writing.file_steps import FileOperations

_BUSY_SECONDS = 2.0
_TYPES = {"text": True, "blob": False}
_CAUSES = (
    ("locked", AdviceCode.CLOSE_OTHER_PROGRAM),
    ("readonly", AdviceCode.CHECK_FILE_OWNER),
    ("full", AdviceCode.FREE_EDITOR_SPACE),
)


def row_text(data: bytes) -> str:
    """Return the bytes of a row as text from which the same bytes can be made again."""
    return data.decode("utf-8", "surrogateescape")


def row_bytes(text: str) -> bytes:
    """Return the bytes that `row_text` read."""
    return text.encode("utf-8", "surrogateescape")


@dataclass(frozen=True, slots=True)
class StateValue:
    """The exact bytes of a value, and whether SQLite holds them as TEXT or as BLOB."""

    data: bytes
    is_text: bool = True

    @classmethod
    def of(cls, text: str) -> Self:
        """Return the value that reads as this text."""
        return cls(row_bytes(text))


@dataclass(frozen=True, slots=True)
class RowChange:
    """One row to change. None stands for no row. `before` are the bytes it is expected to have."""

    key: str
    before: bytes | None
    after: StateValue | None


class StateTransaction:
    """An open transaction whose changes are made and not yet committed."""

    def __init__(self, connection: sqlite3.Connection, database: Path, found: Sequence[StateValue | None]):
        self._connection = connection
        self._database = database
        self.found = tuple(found)
        """What the rows held before, in the order of the changes."""

    def commit(self, operations: FileOperations) -> None:
        """Make the changes durable.

        Raises:
            StateDatabaseError: they cannot be; the database is as it was.
        """
        try:
            operations.commit(self._connection, self._database)
        except (*DATABASE_ERRORS, OSError) as error:
            raise _failed(self._database, error) from error


@contextmanager
def change_rows(database: Path, changes: Sequence[RowChange]) -> Iterator[StateTransaction]:
    """Begin a transaction and make the changes in it; it is rolled back unless the block commits it.

    The database is proved with `PRAGMA quick_check` before and after the changes.

    Raises:
        StateDatabaseError: it is damaged, locked or read-only, or a row is not what it was expected to be.
    """
    uri = database_uri(str(database), windows=os.name == "nt") + "?mode=rw"
    try:
        with closing(_connect(uri)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            _check(connection, database)
            found = [_change(connection, database, change) for change in changes]
            _check(connection, database)
            try:
                yield StateTransaction(connection, database, found)
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
    except DATABASE_ERRORS as error:
        raise _failed(database, error) from error


def check_database(database: Path) -> None:
    """Prove a closed database.

    Raises:
        StateDatabaseError: it is damaged or cannot be opened.
    """
    uri = database_uri(str(database), windows=os.name == "nt") + "?mode=ro"
    try:
        with closing(_connect(uri)) as connection:
            _check(connection, database)
    except DATABASE_ERRORS as error:
        raise _failed(database, error) from error


def _connect(uri: str) -> sqlite3.Connection:
    return sqlite3.connect(uri, uri=True, timeout=_BUSY_SECONDS, isolation_level=None)


def _check(connection: sqlite3.Connection, database: Path) -> None:
    findings = [str(row[0]) for row in connection.execute("PRAGMA quick_check(1)")]
    if findings != ["ok"]:
        raise StateDatabaseError(
            f"{database} is damaged: {findings[0] if findings else 'no answer'}",
            advice=Advice(AdviceCode.REPLACE_STATE),
        )
    encoding = connection.execute("PRAGMA encoding").fetchone()[0]
    if encoding != "UTF-8":
        raise StateDatabaseError(f"{database} is in {encoding}, which no editor writes")


def _change(connection: sqlite3.Connection, database: Path, change: RowChange) -> StateValue | None:
    """Make one change; return what was there."""
    found = _value(connection, database, change.key)
    if (found.data if found else None) != change.before:
        raise StateDatabaseError(
            f"{database}: the row {change.key!r} was changed by somebody else a moment ago",
            advice=Advice(AdviceCode.RUN_AGAIN),
        )
    after = change.after
    if after is None:
        connection.execute("DELETE FROM ItemTable WHERE key = ?", (change.key,))
    elif found is None:
        value = "CAST(? AS TEXT)" if after.is_text else "?"
        connection.execute(
            f"INSERT INTO ItemTable (key, value) VALUES (?, {value})",  # noqa: S608 - the text is ours
            (change.key, after.data),
        )
    else:
        value = "CAST(? AS TEXT)" if after.is_text else "?"
        connection.execute(
            f"UPDATE ItemTable SET value = {value} WHERE key = ?",  # noqa: S608 - the text is ours
            (after.data, change.key),
        )
    return found


def _value(connection: sqlite3.Connection, database: Path, key: str) -> StateValue | None:
    row = connection.execute(
        "SELECT typeof(value), CAST(value AS BLOB) FROM ItemTable WHERE key = ?", (key,)
    ).fetchone()
    if row is None:
        return None
    if row[0] not in _TYPES:
        raise StateDatabaseError(
            f"{database}: the row {key!r} holds a value of type {row[0]}",
            advice=Advice(AdviceCode.REPLACE_STATE_ROW),
        )
    return StateValue(row[1] or b"", _TYPES[row[0]])


def _failed(database: Path, error: Exception) -> StateDatabaseError:
    text = str(error)
    code = next((code for word, code in _CAUSES if word in text), AdviceCode.FILE_LEFT_ALONE)
    return StateDatabaseError(f"{database} cannot be changed: {text}", advice=Advice(code))
