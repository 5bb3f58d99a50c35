"""Read the allow-listed rows of an editor's `state.vscdb` without changing anything beside it.

`state.vscdb` is a SQLite database with one table, `ItemTable(key, value)`, and a rollback journal
(facts: microsoft/vscode storage.ts). It also holds encrypted secrets, so rows are picked by name and the file
itself is never kept.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import ClassVar
from urllib.parse import quote

from chatcask.advice import Advice, AdviceCode
from chatcask.errors import ChatcaskError

_SIDECARS = ("-journal", "-wal")
_FILE_SUFFIX = ".json"
_PLAIN = "-._"
_WINDOWS_DEVICES = frozenset(
    ("con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10)))
)

Row = tuple[str, bytes]
"""A key and the exact bytes of its value."""


DATABASE_ERRORS = (sqlite3.Error, UnicodeDecodeError)
"""What reading a damaged database raises; the second when the damage is quoted in SQLite's own message."""


class StateDatabaseError(ChatcaskError):
    """A state database cannot be read: it is not a database, is damaged, or lacks its table."""

    kind: ClassVar[str] = "state_db"


def read_rows(database: Path, keys: Iterable[str]) -> tuple[Row, ...]:
    """Return the rows whose key is listed, sorted by key, with exactly the bytes that are stored.

    The editor must be closed. The database is opened as immutable, so that SQLite neither writes nor creates
    anything. If a journal was left by a crash, the database and its journal are copied to a private
    temporary folder, and SQLite recovers the copy.

    Args:
        database: The file; a file of 0 bytes has no rows.
        keys: Names of rows; a final `*` stands for any ending.

    Raises:
        StateDatabaseError: SQLite cannot read it, or it has no `ItemTable`.
        OSError: The file cannot be opened or has vanished.
    """
    from chatcask.assistants.vscode.state.reader_mark import mark_as_reader  # noqa: PLC0415 - few runs read one

    wanted = tuple(dict.fromkeys(keys))
    mark_as_reader()
    sidecars = [suffix for suffix in _SIDECARS if _size(Path(f"{database}{suffix}")) > 0]
    try:
        if sidecars:
            return _read_recovered_copy(database, sidecars, wanted)
        with database.open("rb") as file:
            if not file.read(1):
                return ()
        return _read(database_uri(str(database), windows=os.name == "nt") + "?mode=ro&immutable=1", wanted)
    except DATABASE_ERRORS as error:
        raise StateDatabaseError(
            f"{database} cannot be read as a state database: {error}",
            advice=Advice(AdviceCode.REBUILD_STATE),
        ) from error


def database_uri(path: str, *, windows: bool) -> str:
    """Return the `file:` URI by which SQLite opens exactly this path, without parameters."""
    if not windows:
        return "file:" + quote(os.fsencode(path), safe="/")
    slashed = path.replace("\\", "/").removeprefix("//?/")
    if slashed.startswith("//"):
        return "file://" + quote(slashed, safe="/")
    return "file:///" + quote(slashed, safe="/:")


def file_name_of_key(key: str) -> str:
    """Return the file name `<key>.json` under which a row is kept, safe on every operating system.

    Everything but ASCII letters, digits, `.`, `-` and `_` is percent-encoded, and so is the first letter of a
    name that Windows reserves for a device. Decoding it gives the key again.
    """
    encoded = quote(key.encode("utf-8", "surrogateescape"), safe=_PLAIN).replace("~", "%7E")
    if encoded.split(".", 1)[0].lower() in _WINDOWS_DEVICES:
        encoded = f"%{ord(encoded[0]):02X}{encoded[1:]}"
    return encoded + _FILE_SUFFIX


def _size(path: Path) -> int:
    try:
        return os.stat(path).st_size  # noqa: PTH116
    except FileNotFoundError:
        return 0


def _read_recovered_copy(database: Path, sidecars: list[str], keys: tuple[str, ...]) -> tuple[Row, ...]:
    """Copy the database with its journal aside, where SQLite may roll back, and read the copy."""
    import tempfile  # noqa: PLC0415 - 8 ms that only a crashed editor costs

    with tempfile.TemporaryDirectory(prefix="chatcask-state-") as folder:
        copy = Path(folder) / "state.vscdb"
        shutil.copyfile(database, copy)
        for suffix in sidecars:
            shutil.copyfile(f"{database}{suffix}", f"{copy}{suffix}")
        return _read(database_uri(str(copy), windows=os.name == "nt") + "?mode=rw", keys)


def _read(uri: str, keys: tuple[str, ...]) -> tuple[Row, ...]:
    """Return the wanted rows of the database behind `uri`."""
    rows: dict[str, bytes] = {}
    with closing(sqlite3.connect(uri, uri=True)) as connection:
        # As bytes, text comes out as it is stored, even where it is not valid UTF-8.
        connection.text_factory = bytes
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'ItemTable'").fetchone():
            raise sqlite3.DatabaseError("it has no table ItemTable")
        for key in keys:
            where, parameters = _condition(key)
            for name, value in connection.execute(
                f"SELECT key, value FROM ItemTable WHERE {where}",  # noqa: S608 - the text is ours
                parameters,
            ):
                if value is not None:
                    rows[_bytes(name).decode("utf-8", "surrogateescape")] = _bytes(value)
    return tuple(sorted(rows.items()))


def _condition(key: str) -> tuple[str, tuple[str, ...]]:
    """Return a condition that the index on `key` can answer, however large the database is."""
    if not key.endswith("*"):
        return "key = ?", (key,)
    prefix = key[:-1]
    return "key >= ? AND key < ?", (prefix, prefix[:-1] + chr(ord(prefix[-1]) + 1))


def _bytes(value: bytes | float) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode("ascii")
