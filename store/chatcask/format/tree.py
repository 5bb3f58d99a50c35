"""Trees: what one folder held, as rows sorted by name (docs/format.md section 7)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import TypeAlias

import msgpack

from chatcask.errors import DamagedError
from chatcask.ids import CHUNK_ID_SIZE, ChunkId

MAXIMUM_DEPTH = 8
_ROW_LENGTH = 7
_LARGEST = 1 << 63
LATEST_NS = _LARGEST - 1
"""The latest time a tree can hold, in nanoseconds since 1970: in 2262. The earliest is its negative."""
_CARRIED = 1
_NOT_NAMES = frozenset({b"", b".", b".."})


class EntryKind(IntEnum):
    """What a tree entry is."""

    FILE = 0
    FOLDER = 1
    LINK = 2


_KINDS = {int(kind): kind for kind in EntryKind}


@dataclass(frozen=True, slots=True)
class Content:
    """Stored bytes: a chunk (depth 0), or lists of chunk ids `depth` levels deep. No id means empty."""

    depth: int
    id: ChunkId | None


EMPTY = Content(0, None)

Cuts: TypeAlias = list[tuple[ChunkId, int]]
"""The chunks of content in order, each with its length in bytes."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of a tree. `size` in bytes, `mtime_ns` since 1970; see docs/format.md for folders.

    `name` may hold surrogate escapes where a POSIX name is not UTF-8. `carried` marks an entry carried over
    from the parent snapshot because the file could not be read.
    """

    name: str
    kind: EntryKind
    size: int
    mtime_ns: int
    content: Content
    carried: bool = False


def sort_key(name: str) -> bytes:
    """Return what trees are sorted by: the name's bytes."""
    return name.encode("utf-8", "surrogateescape")


def is_storable_name(name: str) -> bool:
    """Tell whether a tree may hold this name; Windows names with lone surrogates are not storable."""
    try:
        encoded = sort_key(name)
    except UnicodeEncodeError:
        return False
    return _is_storable(encoded)


def _is_storable(name: bytes) -> bool:
    return b"/" not in name and b"\0" not in name and name not in _NOT_NAMES


def storable_time(mtime_ns: int) -> int:
    """Return a time of last change, or the nearest one that a tree may hold: those of 1677 to 2262."""
    return min(max(mtime_ns, -LATEST_NS), LATEST_NS)


def encode_tree(entries: Iterable[Entry]) -> bytes:
    """Return the bytes of a tree; entries are sorted here.

    Raises:
        ValueError: a name is not storable or stands twice, or a size or time is one that no reader takes.
    """
    packer = msgpack.Packer(use_bin_type=True)
    named: dict[bytes, Entry] = {}
    for entry in entries:
        if not is_storable_name(entry.name) or sort_key(entry.name) in named:
            raise ValueError(f"a tree cannot hold the name {entry.name!r}")
        if not 0 <= entry.size < _LARGEST or storable_time(entry.mtime_ns) != entry.mtime_ns:
            raise ValueError(f"a tree cannot hold the size or time of {entry.name!r}")
        named[sort_key(entry.name)] = entry
    return b"".join(packer.pack(_row(name, entry)) for name, entry in sorted(named.items()))


def decode_tree(data: bytes, what: str) -> tuple[Entry, ...]:
    """Return the entries of a tree, in its order.

    Raises:
        DamagedError: the bytes are not a tree, or a name could leave its folder.
    """
    # Without the limits a few bytes could claim arrays of gigabytes, for which room would be made.
    unpacker = msgpack.Unpacker(
        raw=False, use_list=False, max_buffer_size=0, max_array_len=_ROW_LENGTH, max_map_len=0
    )
    unpacker.feed(data)
    entries: list[Entry] = []
    previous = b""
    try:
        for name, kind, size, mtime_ns, depth, identifier, marks in unpacker:
            content = _content(depth, identifier)
            text = name.decode("utf-8", "surrogateescape")
            if (
                name <= previous
                or not _is_storable(name)
                or not type(size) is type(mtime_ns) is type(depth) is int
                or not 0 <= size < _LARGEST
            ):
                raise DamagedError(f"{what} has the impossible entry {text!r}")
            previous = name
            entries.append(
                Entry(text, _KINDS[kind], size, storable_time(mtime_ns), content, bool(marks & _CARRIED))
            )
        if unpacker.tell() != len(data):
            raise DamagedError(f"{what} is cut short")
    except (TypeError, ValueError, KeyError, AttributeError, msgpack.UnpackException) as error:
        raise DamagedError(f"{what} is not a tree: {error}") from error
    return tuple(entries)


def _row(name: bytes, entry: Entry) -> tuple[object, ...]:
    marks = _CARRIED if entry.carried else 0
    content = entry.content
    return (name, int(entry.kind), entry.size, entry.mtime_ns, content.depth, content.id, marks)


def _content(depth: int, identifier: bytes | None) -> Content:
    if identifier is None and depth == 0:
        return EMPTY
    if type(identifier) is not bytes or len(identifier) != CHUNK_ID_SIZE or not 0 <= depth <= MAXIMUM_DEPTH:
        raise DamagedError("an entry has impossible content")
    return Content(depth, ChunkId(identifier))
