"""Blocks of a pack found without its footer, by their own headers and the bytes behind them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from blake3 import blake3

from chatcask.errors import DamagedError
from chatcask.format.pack import (
    BLOCK_HEAD,
    BLOCK_MAGIC,
    CHECK_SIZE,
    MAXIMUM_CHUNKS,
    MAXIMUM_RAW_LENGTH,
    Block,
    ChunkKind,
    Codec,
    decode_block,
    lengths_from_bytes,
)
from chatcask.ids import chunk_id

_SCAN_EFFORT = 64


def scan_blocks(data: bytes) -> Iterator[Block]:
    """Find the blocks of a pack without its footer, proving each chunk list by decoding and hashing.

    Blocks with a damaged header or damaged bytes are passed over; what lies behind them is still found. Bytes
    made to look like thousands of headers end the scan before it takes hours.
    """
    position = data.find(BLOCK_MAGIC)
    effort = _SCAN_EFFORT * (len(data) + MAXIMUM_CHUNKS)
    while position >= 0 and effort > 0:
        block = _block_at(data, position)
        if block is None:
            effort -= _claimed_header_size(data, position)
            position = data.find(BLOCK_MAGIC, position + 1)
        else:
            yield block
            position = data.find(BLOCK_MAGIC, block.offset + block.stored_length)


def _claimed_header_size(data: bytes, position: int) -> int:
    """Return how long a header says it is, as a measure of what it took to disprove it."""
    if position + BLOCK_HEAD.size > len(data):
        return BLOCK_HEAD.size
    count = BLOCK_HEAD.unpack_from(data, position)[-1]
    return BLOCK_HEAD.size + 4 * min(int(count), MAXIMUM_CHUNKS)


def _block_at(data: bytes, position: int) -> Block | None:
    found = _header_at(data, position)
    if found is None:
        return None
    try:
        raw = decode_block(found, data[found.offset : found.offset + found.stored_length])
    except DamagedError:
        return None
    ids, start = [], 0
    for length in lengths_from_bytes(found.chunk_lengths):
        ids.append(chunk_id(raw[start : start + length]))
        start += length
    return replace(found, chunk_ids=b"".join(ids))


def _header_at(data: bytes, position: int) -> Block | None:
    """Return what the block header at a position says, if it is proved and agrees with itself."""
    head_end = position + BLOCK_HEAD.size
    if head_end > len(data):
        return None
    _, kind, codec, zero, stored_length, raw_length, count = BLOCK_HEAD.unpack_from(data, position)
    lengths_end = head_end + 4 * count
    offset = lengths_end + CHECK_SIZE
    if (
        zero
        or kind not in set(ChunkKind)
        or codec not in set(Codec)
        or not 0 < count <= min(MAXIMUM_CHUNKS, raw_length)
        or raw_length > MAXIMUM_RAW_LENGTH
        or offset + stored_length > len(data)
        or blake3(data[position:lengths_end]).digest(CHECK_SIZE) != data[lengths_end:offset]
    ):
        return None
    chunk_lengths = data[head_end:lengths_end]
    if sum(lengths_from_bytes(chunk_lengths)) != raw_length:
        return None
    return Block(ChunkKind(kind), Codec(codec), offset, stored_length, raw_length, chunk_lengths, b"")
