"""The catalogue's SQLite file: rows that prove themselves, so that changed ones are rebuilt and never told.

Each row ends with a checksum of its table and its values. A row that does not match it, like any other
damage, raises what `DAMAGE` names; `mending` then begins with an empty file and asks again.
"""

from __future__ import annotations

import functools
import sqlite3
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from chatcask.assistants import known
from chatcask.disk.derived import DAMAGE, open_derived, remove_derived

_VERSION = 8  # raise it as well when a chat's summary would come out differently
_TABLES = {
    "snapshot": ("key TEXT PRIMARY KEY", "root TEXT NOT NULL"),
    "root": ("content TEXT PRIMARY KEY", "places INTEGER NOT NULL"),
    "place": (
        "root TEXT NOT NULL",
        "source TEXT NOT NULL",
        "workspace TEXT NOT NULL",
        "tree TEXT NOT NULL",
    ),
    "workspace": (
        "tree TEXT PRIMARY KEY",
        "chats TEXT NOT NULL",
        "files INTEGER NOT NULL",
        "folder TEXT NOT NULL",
        "index_value TEXT NOT NULL",
        "is_whole INTEGER NOT NULL",
    ),
    "file": (
        "chats TEXT NOT NULL",
        "session TEXT NOT NULL",
        "name TEXT NOT NULL",
        "content TEXT NOT NULL",
        "size INTEGER NOT NULL",
        "mtime_ns INTEGER NOT NULL",
    ),
    "folder_uri": ("content TEXT PRIMARY KEY", "uri TEXT NOT NULL"),
    "list_titles": ("content TEXT PRIMARY KEY", "titles TEXT NOT NULL"),
    "outline": (
        "content TEXT PRIMARY KEY",
        "turns INTEGER NOT NULL",
        "objects TEXT NOT NULL",
        "unanswered TEXT NOT NULL",
        "unasked INTEGER NOT NULL",
        "text INTEGER NOT NULL",
    ),
    "summary": ("content TEXT NOT NULL", "is_log INTEGER NOT NULL", "text TEXT NOT NULL"),
}
_KEYS = """
CREATE UNIQUE INDEX place_key ON place (root, source, workspace);
CREATE INDEX place_tree ON place (tree);
CREATE INDEX workspace_chats ON workspace (chats);
CREATE UNIQUE INDEX file_key ON file (chats, name);
CREATE INDEX file_session ON file (session);
CREATE INDEX snapshot_root ON snapshot (root);
CREATE UNIQUE INDEX summary_key ON summary (content, is_log);
"""
_SCHEMA = (
    "".join(f"CREATE TABLE {name} ({', '.join(rows)}, proof INTEGER);\n" for name, rows in _TABLES.items())
    + _KEYS
)

Row = tuple[Any, ...]
P = ParamSpec("P")
T = TypeVar("T")


class Replaceable(Protocol):
    """What can begin again with an empty file."""

    def replace(self, *, keep: bool) -> None:
        """Begin again; `keep` leaves a busy file alone and works in memory."""


S = TypeVar("S", bound=Replaceable)


def mending(method: Callable[Concatenate[S, P], T]) -> Callable[Concatenate[S, P], T]:
    """Let a method begin again with an empty file when the one there fails."""

    @functools.wraps(method)
    def wrapper(self: S, /, *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return method(self, *args, **kwargs)
        except DAMAGE as error:
            # Text that is no UTF-8 is damage too, though SQLite's own name for it is that of a busy file.
            is_busy = isinstance(error, sqlite3.OperationalError) and "UTF-8" not in str(error)
            self.replace(keep=is_busy)
            return method(self, *args, **kwargs)

    return wrapper


class Tables:
    """The open file. `path` is None to keep the data in memory."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._database = open_derived(path, _SCHEMA, _version())

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def replace(self, *, keep: bool) -> None:
        """Begin again with an empty file; `keep` leaves a busy one alone and works in memory."""
        self._database.close()
        if keep:
            self._path = None
        remove_derived(self._path)
        self._database = open_derived(self._path, _SCHEMA, _version())

    def rows(self, tables: str, rest: str, *values: Any) -> Iterator[Row]:
        """Yield whole rows of tables, joined as `rest` says, without their checksums.

        Raises:
            sqlite3.Error: a row is not what was written.
        """
        names = tables.split()
        chosen = ", ".join(f"{name}.*" for name in names)
        proved: dict[str, Row] = {}
        for row in self._database.execute(f"SELECT {chosen} FROM {rest}", values):  # noqa: S608 - our own text
            yield _proved(names, row, proved)

    def write(self, table: str, rows: Iterable[Row]) -> None:
        """Add rows, each in the place of the one that has its key."""
        marks = ", ".join("?" * (len(_TABLES[table]) + 1))
        with self._database:
            self._database.execute("BEGIN")
            self._database.executemany(
                f"INSERT OR REPLACE INTO {table} VALUES ({marks})",  # noqa: S608 - our own text
                ((*row, _proof(table, row)) for row in rows),
            )


def _version() -> int:
    """Return the file's version; where other assistants are known it is another, since it has other chats."""
    names = "/".join(assistant.name for assistant in known.ASSISTANTS)
    return _VERSION << 16 | zlib.crc32(names.encode()) & 0xFFFF


def _proved(names: list[str], row: Row, proved: dict[str, Row]) -> Row:
    """Return a joined row without its checksums; `proved` has what was proved last of each table."""
    found: list[Any] = []
    at = 0
    for name in names:
        end = at + len(_TABLES[name])
        part = row[at : end + 1]
        if proved.get(name) != part:
            if part[-1] != _proof(name, part[:-1]):
                raise sqlite3.DatabaseError(f"a row of {name} was changed")
            proved[name] = part
        found += part[:-1]
        at = end + 1
    return tuple(found)


def _proof(table: str, row: Row) -> int:
    return zlib.crc32(repr((table, *row)).encode("utf-8", "backslashreplace"))
