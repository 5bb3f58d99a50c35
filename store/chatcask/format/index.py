"""Indexes: which chunks lie where in which packs (docs/format.md section 8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chatcask.errors import DamagedError
from chatcask.format.binary import add_prefix, pack_value, strip_prefix, unpack_value
from chatcask.format.pack import Block, blocks_from_rows, footer_rows
from chatcask.ids import ObjectName

INDEX_MAGIC = b"CASKINDX"


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
        return tuple(
            PackIndex(ObjectName(name.hex()), int(size), blocks_from_rows(blocks, what))
            for name, size, blocks in rows
        )
    except (TypeError, ValueError, AttributeError) as error:
        raise DamagedError(f"{what} has a malformed pack list") from error
