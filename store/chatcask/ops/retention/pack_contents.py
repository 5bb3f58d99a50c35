"""Which chunks a pack holds, as its footer or an index says."""

from __future__ import annotations

from collections.abc import Iterator

from chatcask.errors import DamagedError
from chatcask.format.index import PackIndex
from chatcask.format.pack import MAXIMUM_CHUNKS, TRAILER_SIZE, Block, footer_length, read_footer
from chatcask.transport.base import ObjectInfo, Transport


def read_blocks(transport: Transport, info: ObjectInfo) -> tuple[Block, ...]:
    """Return the blocks of a pack as its footer says.

    Raises:
        DamagedError: the footer cannot be read.
        ObjectNotFoundError: there is no such pack.
    """
    start = max(0, info.size - TRAILER_SIZE)
    trailer = transport.get(info.key, start, TRAILER_SIZE)
    length = footer_length(trailer, info.key)
    if length > start:
        raise DamagedError(f"{info.key} claims a footer longer than itself")
    return read_footer(trailer, transport.get(info.key, start - length), info.key)


def chunk_places(pack: int, entry: PackIndex) -> Iterator[tuple[int, int, bytes, int, float]]:
    """Yield the chunks of a pack: the pack's number, position, id, kind and stored bytes."""
    for block in entry.blocks:
        share = block.stored_length / max(1, block.raw_length)
        for number, (identifier, _, length) in enumerate(block.chunks()):
            yield pack, block.offset * MAXIMUM_CHUNKS + number, identifier, int(block.kind), length * share
