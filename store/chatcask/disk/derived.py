"""SQLite files for derived data: safe to delete, replaced when damaged or of another version.

Each belongs to the thread that opened it. SQLite does not survive two threads in one connection, so another
thread gets an error of its own kind, which is no damage and replaces nothing.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from threading import get_ident
from typing import Any, Self

from chatcask.errors import WrongThreadError

_BUSY_SECONDS = 10.0


DAMAGE = (sqlite3.Error, UnicodeDecodeError)
"""What a damaged file raises; the second when the damage is quoted in SQLite's own message."""


class DerivedData(sqlite3.Connection):
    """A connection that only the thread which made it may use; another one gets a `WrongThreadError`."""

    _thread: int | None = None

    def __enter__(self) -> Self:
        self._require_own_thread()
        super().__enter__()
        return self

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        """Run a statement."""
        self._require_own_thread()
        return super().execute(sql, parameters)

    def executemany(self, sql: str, parameters: Iterable[Any], /) -> sqlite3.Cursor:
        """Run a statement once for each row."""
        self._require_own_thread()
        return super().executemany(sql, parameters)

    def executescript(self, sql_script: str, /) -> sqlite3.Cursor:
        """Run several statements."""
        self._require_own_thread()
        return super().executescript(sql_script)

    def close(self) -> None:
        """Close the file."""
        self._require_own_thread()
        super().close()

    def _require_own_thread(self) -> None:
        if self._thread is None:
            self._thread = get_ident()
        elif self._thread != get_ident():
            raise WrongThreadError(
                "a repository and its catalogue belong to the thread that opened them;"
                " another thread opens its own"
            )


def open_derived(path: Path | None, schema: str, version: int) -> DerivedData:
    """Open a file of derived data, making it if need be.

    A file that is damaged or of another version is replaced. Where none can be made, as in a folder that
    cannot be written, the data is kept in memory.

    Args:
        path: The file; None keeps the data in memory.
        schema: SQL that makes the tables in an empty file.
        version: Its version, kept as the file's `user_version`; not 0.
    """
    if path is not None:
        for _attempt in range(2):
            with suppress(*DAMAGE, OSError):
                return _connect(path, schema, version)
            remove_derived(path)
    return _connect(None, schema, version)


def remove_derived(path: Path | None) -> None:
    """Delete a file of derived data, as far as possible."""
    if path is None:
        return
    for suffix in ("", "-wal", "-shm"):
        with suppress(OSError):
            path.with_name(path.name + suffix).unlink(missing_ok=True)


def _connect(path: Path | None, schema: str, version: int) -> DerivedData:
    if path is not None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    database = sqlite3.connect(
        path or ":memory:",
        timeout=_BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,  # DerivedData checks it, and tells misuse from damage
        factory=DerivedData,
    )
    try:
        # The log keeps the tables consistent over a power cut without a sync for each commit.
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")
        _prepare(database, schema, version)
    except BaseException:
        database.close()
        raise
    return database


def _prepare(database: DerivedData, schema: str, version: int) -> None:
    if _version(database) == version:
        return
    if _version(database) or database.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
        raise sqlite3.DatabaseError("tables of another version")
    with suppress(sqlite3.OperationalError):  # another process makes them at this moment
        database.executescript(f"BEGIN IMMEDIATE;{schema}PRAGMA user_version = {version};COMMIT;")
    if _version(database) != version:
        raise sqlite3.DatabaseError("the tables could not be made")


def _version(database: sqlite3.Connection) -> int:
    version: int = database.execute("PRAGMA user_version").fetchone()[0]
    return version
