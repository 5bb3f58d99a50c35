"""Packs as they are read: immutable objects of compressed blocks of chunks (docs/format.md section 5)."""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from blake3 import blake3

from chatcask.errors import DamagedError
from chatcask.format import zstd
from chatcask.format.binary import strip_prefix, unpack_value
from chatcask.ids import CHUNK_ID_SIZE, ChunkId

PACK_MAGIC = b"CASKPACK"
NONCE_SIZE = 16
HEADER_SIZE = 8 + 4 + NONCE_SIZE
TARGET_PACK_SIZE = 16 * 1024 * 1024
"""Bytes after which a writer ends a pack."""

BLOCK_MAGIC = b"BLCK"
MAXIMUM_RAW_LENGTH = 64 * 1024 * 1024
MAXIMUM_CHUNKS = 1 << 20
_SMALL = 256 * 1024
"""Bytes of a block that is decoded whole at once."""

BLOCK_HEAD = struct.Struct("<4sBBHIII")
CHECK_SIZE = 16
_LARGEST = 1 << 62

_TAIL_MAGIC = b"CASKTAIL"
_TRAILER = struct.Struct(f"<I{CHECK_SIZE}s8s")
TRAILER_SIZE = _TRAILER.size


class ChunkKind(IntEnum):
    """What a block's chunks are."""

    DATA = 1
    LIST = 2
    TREE = 3


class Codec(IntEnum):
    """How a block's bytes are encoded."""

    STORED = 0
    ZSTD = 1


@dataclass(frozen=True, slots=True)
class Block:
    """Where one block lies in its pack and which chunks it holds.

    `offset` is that of the encoded bytes, behind the block's own header. `chunk_lengths` are u32 values
    and `chunk_ids` 32-byte ids, each joined in order.
    """

    kind: ChunkKind
    codec: Codec
    offset: int
    stored_length: int
    raw_length: int
    chunk_lengths: bytes
    chunk_ids: bytes

    @property
    def memory(self) -> int:
        """How many bytes decoding may take: both forms of the block, and the window of the compression."""
        return self.raw_length if self.codec is Codec.STORED else 2 * self.raw_length + self.stored_length

    def chunks(self) -> Iterator[tuple[ChunkId, int, int]]:
        """Yield (id, offset in the decoded block, length) in order."""
        offset = 0
        for number, length in enumerate(lengths_from_bytes(self.chunk_lengths)):
            start = number * CHUNK_ID_SIZE
            yield ChunkId(self.chunk_ids[start : start + CHUNK_ID_SIZE]), offset, length
            offset += length


def lengths_from_bytes(data: bytes) -> array[int]:
    """Return the values that `lengths_to_bytes` joined."""
    return array("I", struct.unpack(f"<{len(data) // 4}I", data))


class DecodeBuffer:
    """Memory that one block after the other is decoded into; what it holds is valid until the next one."""

    def __init__(self) -> None:
        self._memory = bytearray()

    def room_for(self, length: int) -> memoryview:
        """Return so many bytes to write to."""
        if len(self._memory) < length:
            self._memory = bytearray(length)
        return memoryview(self._memory)[:length]


class BlockDecoder:
    """Decodes a block from its start, as far as somebody asks: half of it, on average, for one chunk.

    Raises:
        DamagedError: its lengths contradict each other.
    """

    def __init__(self, block: Block, stored: bytes, buffer: DecodeBuffer) -> None:
        _check_lengths(block, stored)
        self.block = block
        self.buffer = buffer
        self._damage = ""
        if block.codec is Codec.STORED:
            self._raw, self._done, self._frame = memoryview(stored), len(stored), None
        else:
            self._raw, self._done = buffer.room_for(block.raw_length), 0
            self._frame = zstd.Decompressor(stored)

    def read(self, offset: int, length: int) -> memoryview:
        """Return bytes of the decoded block, which still have to be proved; valid while the buffer is.

        Raises:
            DamagedError: the bytes do not decode so far.
        """
        end = offset + length
        if self._frame is not None and self._done < end:
            self._decode(self._frame, end if len(self._raw) > _SMALL else len(self._raw))
        if self._done < end:
            missing = f"compressed bytes yield {self._done} bytes where {end} are needed"
            raise DamagedError(self._damage or missing)
        return self._raw[offset:end]

    def read_all(self) -> memoryview:
        """Return the whole block.

        Raises:
            DamagedError: the bytes do not decode to exactly the stated length.
        """
        everything = self.read(0, len(self._raw))
        if self._damage:
            raise DamagedError(self._damage)
        return everything

    def _decode(self, frame: zstd.Decompressor, end: int) -> None:
        self._done += frame.read_into(self._raw[self._done : end])
        self._damage = frame.damage
        if self._done == len(self._raw):
            if frame.read_into(memoryview(bytearray(1))) or not frame.has_ended:
                self._damage = f"compressed bytes do not end after the {self._done} that were written"
            self._frame = None  # what it holds may be more than a small block


def decode_block(block: Block, stored: bytes, buffer: DecodeBuffer | None = None) -> memoryview:
    """Return the joined chunks of a block. Chunks still have to be proved by their ids.

    Args:
        block: What is known of the block.
        stored: Its encoded bytes.
        buffer: Memory to use again: the result is valid until it is.

    Raises:
        DamagedError: the bytes do not decode to the stated length.
    """
    return BlockDecoder(block, stored, buffer or DecodeBuffer()).read_all()


def _check_lengths(block: Block, stored: bytes) -> None:
    if len(stored) != block.stored_length:
        raise DamagedError(f"block is cut short: {len(stored)} of {block.stored_length} bytes")
    if block.raw_length > MAXIMUM_RAW_LENGTH:
        raise DamagedError(f"block claims {block.raw_length} bytes, more than any writer makes")
    if block.codec is Codec.STORED and len(stored) != block.raw_length:
        raise DamagedError(f"block claims {block.raw_length} bytes and stores {len(stored)} as they are")
    # Before room is made for what a few bytes claim.
    if block.codec is Codec.ZSTD and zstd.content_size(stored) != block.raw_length:
        raise DamagedError(f"compressed bytes do not state the {block.raw_length} that were written")


def footer_rows(blocks: Sequence[Block]) -> list[list[Any]]:
    """Return blocks as the array that stands in footers and indexes."""
    return [
        [b.kind, b.codec, b.offset, b.stored_length, b.raw_length, b.chunk_lengths, b.chunk_ids]
        for b in blocks
    ]


def blocks_from_rows(rows: Any, what: str) -> tuple[Block, ...]:
    """Return the blocks of a footer's array.

    Raises:
        DamagedError: the array has another shape, or its numbers contradict each other.
    """
    try:
        blocks = tuple(Block(ChunkKind(row[0]), Codec(row[1]), *row[2:]) for row in rows)
        for block in blocks:
            _require_types(block)
            count, remainder = divmod(len(block.chunk_ids), CHUNK_ID_SIZE)
            if remainder or not count or len(block.chunk_lengths) != 4 * count:
                raise DamagedError(f"{what} lists chunks without lengths")
            if sum(lengths_from_bytes(block.chunk_lengths)) != block.raw_length:
                raise DamagedError(f"{what} has a block whose chunks do not add up")
            if max(block.offset, block.stored_length) >= _LARGEST or block.raw_length > MAXIMUM_RAW_LENGTH:
                raise DamagedError(f"{what} has a block of impossible size")
    except (TypeError, ValueError, IndexError) as error:
        raise DamagedError(f"{what} has a malformed block list") from error
    return blocks


def _require_types(block: Block) -> None:
    numbers = (block.offset, block.stored_length, block.raw_length)
    if not all(type(number) is int and number >= 0 for number in numbers):
        raise TypeError("a block's place and lengths are numbers")
    chunks: tuple[object, ...] = (block.chunk_lengths, block.chunk_ids)
    if not all(isinstance(joined, bytes) for joined in chunks):
        raise TypeError("a block's chunks are bytes")


def read_footer(trailer: bytes, tail: bytes, what: str) -> tuple[Block, ...]:
    """Decode the footer from the last bytes of a pack.

    `tail` holds at least the footer and the trailer; ask `footer_length` how much that is.

    Raises:
        DamagedError: footer or trailer is damaged.
    """
    length, check, _ = _TRAILER.unpack(trailer)
    footer = tail[-TRAILER_SIZE - length : -TRAILER_SIZE]
    if len(footer) != length or blake3(footer).digest(CHECK_SIZE) != check:
        raise DamagedError(f"{what} has a damaged footer")
    return blocks_from_rows(unpack_value(footer, what), what)


def footer_length(trailer: bytes, what: str) -> int:
    """Return how many bytes the footer in front of this trailer has.

    Raises:
        DamagedError: these bytes are not a trailer.
    """
    if len(trailer) != TRAILER_SIZE or not trailer.endswith(_TAIL_MAGIC):
        raise DamagedError(f"{what} does not end with a trailer")
    length: int = _TRAILER.unpack(trailer)[0]
    return length


def check_header(header: bytes, what: str) -> None:
    """Prove that a pack begins as one.

    Raises:
        DamagedError: it does not.
        UnsupportedFormatError: its version is newer than this program.
    """
    if len(strip_prefix(PACK_MAGIC, header[:HEADER_SIZE], what)) != NONCE_SIZE:
        raise DamagedError(f"{what} is cut short")
