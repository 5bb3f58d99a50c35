"""Turn the state databases found in a folder into lazy items.

A `state` item has the size and time of the database file; a journal left by a crash takes part, because it
decides which rows the database has. A `state-backup` item depends on two databases. Its size is the sum of
theirs and its time the later one's to the millisecond; the digits below that are a fingerprint of all sizes
and times, so that it changes also when only the older file was replaced by one with an older time. A run
without changes opens no database, so what reads one is imported by those functions that do.
"""
# ruff: noqa: PLC0415 - see above

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from blake3 import blake3

from chatcask.assistants.base import FoundState
from chatcask.assistants.vscode.places.folders import Entry, Walk, problem_of
from chatcask.assistants.vscode.places.snapshot_paths import STATE, STATE_BACKUP
from chatcask.monitor import Problem

INDEX_KEY = "chat.ChatSessionStore.index"
"""The row that lists the chats an editor shows (facts: microsoft/vscode chatSessionStore.ts)."""

OLDER_KEY = "interactive.sessions"
"""The row in which editors before 1.99 kept all chats whole (facts: chatServiceImpl.ts)."""

WORKSPACE_KEYS: tuple[str, ...] = (
    INDEX_KEY,
    "agentSessions.state.cache",
    "agentSessions.model.cache",
    "agentSessions.readDateBaseline2",
    "memento/interactive-session",
    "memento/interactive-session-view-copilot",
    OLDER_KEY,
)
"""Rows of a workspace's database (facts: agentSessionsModel.ts, chatWidgetHistoryService.ts)."""

GLOBAL_KEYS: tuple[str, ...] = (
    INDEX_KEY,
    OLDER_KEY,
    "ChatSessionStore.transferIndex",
    "agentSessions.filterExcludes.*",
    "sessions.localChat.sessions",
    "sessions.localChat.migrated",
)
"""Rows of the global database and of a profile's; a final `*` stands for any ending."""

DATABASE = "state.vscdb"
BACKUP = "state.vscdb.backup"
_SIDECARS = ("-journal", "-wal")
_MILLISECOND = 1_000_000

Rows = tuple[tuple[str, bytes], ...]


def state_items(
    entries: Mapping[str, Entry], logical: str, walk: Walk, keys: tuple[str, ...]
) -> Iterator[FoundState]:
    """Yield `state` and `state-backup` for the databases among a folder's entries.

    Args:
        entries: The folder's entries by name.
        logical: The folder's logical path.
        walk: Follows a link, and receives a problem for a database that is no regular file or cannot be
            looked at.
        keys: The rows to pick.
    """
    main = _database(entries, DATABASE, f"{logical}/{STATE}", walk)
    if main:
        yield FoundState(
            STATE,
            main.path,
            sum(found.st_size for found in main.stats),
            max(found.st_mtime_ns for found in main.stats),
            lambda: _rows(main.path, keys),
        )
    backup = _database(entries, BACKUP, f"{logical}/{STATE_BACKUP}", walk)
    if backup:
        size, mtime_ns = _combined([*(main.stats if main else ()), *backup.stats])
        main_path = main.path if main else None
        yield FoundState(
            STATE_BACKUP, backup.path, size, mtime_ns, lambda: _differing(backup.path, main_path, keys)
        )


@dataclass(frozen=True, slots=True)
class _Database:
    """Where a database is in truth, and the stats of it and of the journals beside it."""

    path: str
    stats: list[os.stat_result]


def _database(entries: Mapping[str, Entry], name: str, where: str, walk: Walk) -> _Database | None:
    """Return a database that can be read; None if there is none, or if something else is reported."""
    target = walk.target(entries[name], where) if name in entries else None
    if target is None:
        return None
    stats = [target.found]
    for suffix in _SIDECARS:
        sidecar = entries.get(name + suffix)
        try:
            # SQLite keeps journals beside the file that a link leads to.
            if sidecar is not None or target.path != entries[name].path:
                stats.append(os.lstat(target.path + suffix))
        except FileNotFoundError:
            continue
        except OSError as error:
            walk.report(problem_of(where, error))
            return None
    if not all(stat.S_ISREG(found.st_mode) for found in stats):
        walk.report(Problem(where, "special", f"{name} or its journal is no regular file; nothing is read"))
        return None
    return _Database(target.path, stats)


def _combined(stats: list[os.stat_result]) -> tuple[int, int]:
    """Return a size and a time that change whenever one of the files does."""
    facts = repr([(found.st_size, found.st_mtime_ns) for found in stats]).encode("ascii")
    fingerprint = int.from_bytes(blake3(facts).digest(8), "big") % _MILLISECOND
    latest = max(found.st_mtime_ns for found in stats)
    return sum(found.st_size for found in stats), latest // _MILLISECOND * _MILLISECOND + fingerprint


def _files(rows: Rows) -> Rows:
    """Return rows under their file names, in the order of those."""
    from chatcask.assistants.vscode.state.database import file_name_of_key

    return tuple(sorted((file_name_of_key(key), value) for key, value in rows))


def _rows(path: str, keys: tuple[str, ...]) -> Rows:
    """Return the rows of a database."""
    from chatcask.assistants.vscode.state.database import read_rows

    return _files(read_rows(Path(path), keys))


def _differing(backup: str, main: str | None, keys: tuple[str, ...]) -> Rows:
    """Return the backup's rows that the main database does not have with the same value."""
    from chatcask.assistants.vscode.state.database import StateDatabaseError, read_rows

    rows = read_rows(Path(backup), keys)
    try:
        known = dict(read_rows(Path(main), keys)) if main is not None else {}
    except (StateDatabaseError, OSError):
        # The `state` item reports that; here it means that the backup is all there is.
        known = {}
    return _files(tuple((key, value) for key, value in rows if known.get(key) != value))
