"""A program for tests: changes a state database and is killed in the middle, leaving a hot journal.

Arguments: the database, and `delete` or `wal`. It prints `ready` once the change is on disk and not committed
(or, with a write-ahead log, committed and not moved into the database), and waits to be killed.
"""

from __future__ import annotations

import sqlite3
import sys


def main() -> None:
    """Run."""
    connection = sqlite3.connect(sys.argv[1], isolation_level=None)
    # Enough rows that a change of all of them does not fit the cache and is written before it is committed.
    fillers = [(f"filler{number}", "old " * 125) for number in range(500)]
    with connection:
        connection.execute("BEGIN")
        connection.executemany("INSERT INTO ItemTable VALUES (?, ?)", fillers)
    connection.execute(f"PRAGMA journal_mode={sys.argv[2]}")
    connection.execute("PRAGMA cache_size=1")
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("UPDATE ItemTable SET value = 'torn' || substr(value, 5)")
    if sys.argv[2] == "wal":
        connection.execute("COMMIT")
    print("ready", flush=True)
    sys.stdin.readline()


main()
