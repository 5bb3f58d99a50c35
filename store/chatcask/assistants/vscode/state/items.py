"""Turn the state databases found in a folder into lazy items.

A `state` item has the size and time of the database file; a journal left by a crash takes part, because it
decides which rows the database has. A `state-backup` item depends on two databases. Its size is the sum of
theirs and its time the later one's to the millisecond; the digits below that are a fingerprint of all sizes
and times, so that it changes also when only the older file was replaced by one with an older time.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

from blake3 import blake3

from chatcask.assistants.vscode.places.folders import Entry, FoundState, Report, problem_of
from chatcask.assistants.vscode.places.snapshot_paths import STATE, STATE_BACKUP
from chatcask.assistants.vscode.state.database import StateDatabaseError, file_name_of_key, read_rows
from chatcask.monitor import Problem

DATABASE = "state.vscdb"
BACKUP = "state.vscdb.backup"
_SIDECARS = ("", "-journal", "-wal")
_MILLISECOND = 1_000_000

Rows = tuple[tuple[str, bytes], ...]


def state_items(
    entries: Mapping[str, Entry], logical: str, report: Report, keys: tuple[str, ...]
) -> Iterator[FoundState]:
    """Yield `state` and `state-backup` for the databases among a folder's entries.

    Args:
        entries: The folder's entries by name.
        logical: The folder's logical path.
        report: Receives a problem for a database that is no regular file or cannot be looked at.
        keys: The rows to pick.
    """
    main = _stats(entries, DATABASE, f"{logical}/{STATE}", report)
    if main:
        path = entries[DATABASE].path
        yield FoundState(
            STATE,
            path,
            sum(found.st_size for found in main),
            max(found.st_mtime_ns for found in main),
            lambda: _files(read_rows(Path(path), keys)),
        )
    backup = _stats(entries, BACKUP, f"{logical}/{STATE_BACKUP}", report)
    if backup:
        backup_path = entries[BACKUP].path
        main_path = entries[DATABASE].path if main else None
        size, mtime_ns = _combined([*main, *backup])
        yield FoundState(
            STATE_BACKUP, backup_path, size, mtime_ns, lambda: _differing(backup_path, main_path, keys)
        )


def _stats(entries: Mapping[str, Entry], name: str, where: str, report: Report) -> list[os.stat_result]:
    """Return the stat of a database and of its journals, or nothing if it cannot be taken."""
    stats: list[os.stat_result] = []
    if name not in entries:
        return stats
    for suffix in _SIDECARS:
        entry = entries.get(name + suffix)
        if entry is None:
            continue
        try:
            found = entry.stat(follow_symlinks=False)
        except OSError as error:
            report(problem_of(where, error))
            return []
        if not stat.S_ISREG(found.st_mode):
            report(Problem(where, "special", f"{entry.name} is no regular file, so its rows are not read"))
            return []
        stats.append(found)
    return stats


def _combined(stats: list[os.stat_result]) -> tuple[int, int]:
    """Return a size and a time that change whenever one of the files does."""
    facts = repr([(found.st_size, found.st_mtime_ns) for found in stats]).encode("ascii")
    fingerprint = int.from_bytes(blake3(facts).digest(8), "big") % _MILLISECOND
    latest = max(found.st_mtime_ns for found in stats)
    return sum(found.st_size for found in stats), latest // _MILLISECOND * _MILLISECOND + fingerprint


def _files(rows: Rows) -> Rows:
    """Return rows under their file names, in the order of those."""
    return tuple(sorted((file_name_of_key(key), value) for key, value in rows))


def _differing(backup: str, main: str | None, keys: tuple[str, ...]) -> Rows:
    """Return the backup's rows that the main database does not have with the same value."""
    rows = read_rows(Path(backup), keys)
    try:
        known = dict(read_rows(Path(main), keys)) if main is not None else {}
    except (StateDatabaseError, OSError):
        # The `state` item reports that; here it means that the backup is all there is.
        known = {}
    return _files(tuple((key, value) for key, value in rows if known.get(key) != value))
