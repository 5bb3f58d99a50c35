"""Makes state databases as editors make them, and crashes of their writers."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

Value = str | bytes | int | float | None


def make_database(path: Path, rows: Mapping[str, Value]) -> Path:
    """Create a database with these rows."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA user_version = 1")
        connection.execute("CREATE TABLE ItemTable (key TEXT UNIQUE ON CONFLICT REPLACE, value BLOB)")
        connection.executemany("INSERT INTO ItemTable VALUES (?, ?)", rows.items())
    return path


def crash_a_writer(database: Path, journal_mode: str) -> None:
    """Let a real process change the database and kill it in the middle."""
    program = Path(__file__).with_name("crashing_writer.py")
    with subprocess.Popen(
        [sys.executable, program, database, journal_mode], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"ready\n"
        writer.kill()


def folder_state(folder: Path) -> dict[str, tuple[int, int, int, bytes]]:
    """Return everything that reading could have changed below a folder."""
    result = {}
    for path in [folder, *sorted(folder.rglob("*"))]:
        found = path.lstat()
        data = path.read_bytes() if path.is_file() else b""
        result[str(path)] = (found.st_mode, found.st_size, found.st_mtime_ns, data)
    return result
