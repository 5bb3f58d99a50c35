"""The rows of a bundle: a file's bytes, cut so that a row is a line of a log (docs/bundle.md)."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from chatcask.errors import DamagedError

ROW_SIZE = 1024 * 1024
"""How many bytes of a file one row holds at most."""

MAXIMUM_ROW_LINE = 8 * 1024 * 1024
"""How long the line of a row may be: six characters stand for a zero byte."""

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Row:
    """One row: `number` counts the rows of the file with number `file`; `path` may hold U+FFFD."""

    source: str
    path: str
    file: int
    number: int
    data: bytes


def encode_row(row: Row) -> bytes:
    """Return the line of a row."""
    document: dict[str, object] = {
        "type": "row",
        "source": row.source,
        "path": row.path,
        "file": row.file,
        "row": row.number,
    }
    try:
        document["text"] = row.data.decode()
    except UnicodeDecodeError:
        document["base64"] = base64.b64encode(row.data).decode()
    return _ENCODER.encode(document).encode() + b"\n"


def decode_row(line: bytes) -> Row:
    """Return the row that a line holds.

    Raises:
        DamagedError: it is no row.
    """
    try:
        document = json.loads(line)
        if not isinstance(document, dict) or document.get("type") != "row":
            raise DamagedError("a line is no row")
        file, number = document["file"], document["row"]
        source, path = document["source"], document["path"]
        if not (_is_count(file) and _is_count(number) and isinstance(source, str) and isinstance(path, str)):
            raise DamagedError("a row has no number, source or path")
        return Row(source, path, file, number, _data(document))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise DamagedError(f"a line is no row: {type(error).__name__}") from error


def _data(document: dict[str, object]) -> bytes:
    text = document.get("text")
    if isinstance(text, str):
        return text.encode()
    encoded = document["base64"]
    if not isinstance(encoded, str):
        raise DamagedError("a row holds no bytes")
    try:
        return base64.b64decode(encoded, validate=True)
    except binascii.Error as error:
        raise DamagedError(f"a row holds no bytes: {error}") from error


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def cut_rows(buffers: Iterable[bytes], path: str) -> Iterator[bytes]:
    """Yield what the rows of a file hold, in order; where the buffers end makes no difference."""
    return _cut_lines(buffers) if path.endswith(".jsonl") else _cut_pieces(buffers)


def _cut_lines(buffers: Iterable[bytes]) -> Iterator[bytes]:
    held = bytearray()
    for buffer in buffers:
        start = 0
        while start < len(buffer):
            end = buffer.find(b"\n", start) + 1 or len(buffer)
            held += buffer[start:end]
            start = end
            yield from _take_full(held)
            if held.endswith(b"\n"):
                yield _take(held, len(held))
    if held:
        yield bytes(held)


def _cut_pieces(buffers: Iterable[bytes]) -> Iterator[bytes]:
    held = bytearray()
    for buffer in buffers:
        held += buffer
        yield from _take_full(held)
    if held:
        yield bytes(held)


def _take_full(held: bytearray) -> Iterator[bytes]:
    while len(held) > ROW_SIZE:
        yield _take(held, _boundary(held))


def _take(held: bytearray, end: int) -> bytes:
    data = bytes(held[:end])
    del held[:end]
    return data


def _boundary(held: bytearray) -> int:
    """Return the last place up to the row size that does not cut a UTF-8 character, if it is UTF-8."""
    for back in range(4):
        if held[ROW_SIZE - back] & 0xC0 != 0x80:
            return ROW_SIZE - back
    return ROW_SIZE
