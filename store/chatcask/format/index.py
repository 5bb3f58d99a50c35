"""Indexes: which chunks lie where in which packs (docs/format.md section 8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chatcask.errors import DamagedError
from chatcask.format.binary import add_prefix, pack_value, strip_prefix, unpack_value
from chatcask.format.pack import Block, blocks_from_rows, footer_rows
from chatcask.ids import ObjectName

INDEX_MAGIC = b"CASKINDX"
_NAME_SIZE = 32


@dataclass(frozen=True, slots=True)
class PackIndex:
    """What an index says of one pack."""

    pack: ObjectName
    size: int
    blocks: tuple[Block, ...]


def encode_index(packs: Sequence[PackIndex]) -> bytes:
    """Return the bytes of an index object."""
    rows = [[bytes.fromhex(entry.pack), entry.size, footer_rows(entry.blocks)] for entry in packs]
    return add_prefix(INDEX_MAGIC, pack_value(rows))


def decode_index(data: bytes, what: str) -> tuple[PackIndex, ...]:
    """Return what an index object says.

    Raises:
        DamagedError: the bytes are not an index.
    """
    rows = unpack_value(strip_prefix(INDEX_MAGIC, data, what), what)
    try:
        return tuple(_pack_index(row, what) for row in rows)
    except (TypeError, ValueError, AttributeError) as error:
        raise DamagedError(f"{what} has a malformed pack list") from error


def _pack_index(row: Any, what: str) -> PackIndex:
    name, size, blocks = row
    if not isinstance(name, bytes) or len(name) != _NAME_SIZE or type(size) is not int or size < 0:
        raise TypeError("a pack has a name of 32 bytes and a size")
    return PackIndex(ObjectName(name.hex()), size, blocks_from_rows(blocks, what))
