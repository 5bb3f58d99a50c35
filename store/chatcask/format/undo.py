"""Undo records: what a restore is about to change in an editor's folder (docs/format.md section 14)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from chatcask.errors import DamagedError
from chatcask.format.binary import (
    add_prefix,
    pack_value,
    packable_text,
    strip_prefix,
    unpack_value,
    unpacked_text,
)
from chatcask.format.tree import Content, storable_time
from chatcask.ids import ChunkId, ObjectName

UNDO_MAGIC = b"CASKUNDO"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class FileBefore:
    """A file as it was: its bytes in the store, their length, and its time of last change."""

    content: Content
    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class UndoFile:
    """A file that is changed. None stands for no file; `after` is the hash of the new bytes."""

    path: str
    before: FileBefore | None
    after: ObjectName | None


@dataclass(frozen=True, slots=True)
class RowValue:
    """The bytes of a database's row, and whether they are held as text."""

    data: bytes
    is_text: bool


@dataclass(frozen=True, slots=True)
class UndoRow:
    """A row that is changed, of the database of one workspace. None stands for no row."""

    workspace: str
    key: str
    before: RowValue | None
    after: RowValue | None


@dataclass(frozen=True, slots=True)
class UndoRecord:
    """All that one restore changes.

    Attributes:
        made_at: When.
        origin: Whose restore it is: one user on one machine.
        what: `restore` or `fix`.
        about: What was asked for, in words, a line each.
        source: The source whose folder is changed.
        safety: The snapshot that was taken before.
        files: The files that are changed, by path inside the source.
        rows: The rows that are changed.
        folders: The folders that are made, by path inside the source.
    """

    made_at: datetime
    origin: str
    what: str
    about: tuple[str, ...]
    source: str
    safety: ObjectName
    files: tuple[UndoFile, ...]
    rows: tuple[UndoRow, ...]
    folders: tuple[str, ...]


def encode_undo(record: UndoRecord) -> bytes:
    """Return the bytes of an undo record."""
    document = {
        "made_at": (record.made_at - _EPOCH) // timedelta(microseconds=1),
        "origin": packable_text(record.origin),
        "what": packable_text(record.what),
        "about": list(map(packable_text, record.about)),
        "source": packable_text(record.source),
        "safety": bytes.fromhex(record.safety),
        "files": [
            [
                packable_text(file.path),
                _before_row(file.before),
                bytes.fromhex(file.after) if file.after else None,
            ]
            for file in record.files
        ],
        "rows": [
            [
                packable_text(row.workspace),
                packable_text(row.key),
                _value_row(row.before),
                _value_row(row.after),
            ]
            for row in record.rows
        ],
        "folders": list(map(packable_text, record.folders)),
    }
    return add_prefix(UNDO_MAGIC, pack_value(document))


def decode_undo(data: bytes, what: str) -> UndoRecord:
    """Return the value of an undo record.

    Raises:
        DamagedError: the bytes are not one.
    """
    document = unpack_value(strip_prefix(UNDO_MAGIC, data, what), what)
    try:
        return UndoRecord(
            made_at=_EPOCH + timedelta(microseconds=document["made_at"]),
            origin=unpacked_text(document["origin"]),
            what=unpacked_text(document["what"]),
            about=tuple(map(unpacked_text, document["about"])),
            source=unpacked_text(document["source"]),
            safety=ObjectName(document["safety"].hex()),
            files=tuple(
                UndoFile(unpacked_text(path), _before(before), ObjectName(after.hex()) if after else None)
                for path, before, after in document["files"]
            ),
            rows=tuple(
                UndoRow(unpacked_text(workspace), unpacked_text(key), _value(before), _value(after))
                for workspace, key, before, after in document["rows"]
            ),
            folders=tuple(map(unpacked_text, document["folders"])),
        )
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise DamagedError(f"{what} is not an undo record: {error!r}") from error


def _before_row(before: FileBefore | None) -> list[object] | None:
    if before is None:
        return None
    return [before.content.depth, before.content.id, before.size, storable_time(before.mtime_ns)]


def _before(row: Any) -> FileBefore | None:
    if row is None:
        return None
    depth, identifier, size, mtime_ns = row
    content = Content(depth, ChunkId(identifier) if identifier else None)
    return FileBefore(content, size, storable_time(mtime_ns))


def _value_row(value: RowValue | None) -> list[object] | None:
    return None if value is None else [value.data, value.is_text]


def _value(row: Any) -> RowValue | None:
    return None if row is None else RowValue(bytes(row[0]), bool(row[1]))
