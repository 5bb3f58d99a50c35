"""Packs as they are made: chunks into compressed blocks, blocks into a pack (docs/format.md section 5)."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from blake3 import blake3

from chatcask.format import zstd
from chatcask.format.binary import pack_value
from chatcask.format.pack import (
    _TAIL_MAGIC,
    _TRAILER,
    BLOCK_HEAD,
    BLOCK_MAGIC,
    CHECK_SIZE,
    HEADER_SIZE,
    PACK_MAGIC,
    Block,
    ChunkKind,
    Codec,
    footer_rows,
)
from chatcask.ids import ObjectName, object_name


@dataclass(frozen=True, slots=True)
class EncodedBlock:
    """A block ready to be placed in a pack."""

    header: bytes
    stored: bytes
    kind: ChunkKind
    codec: Codec
    raw_length: int
    chunk_lengths: bytes
    chunk_ids: bytes


@dataclass(frozen=True, slots=True)
class Pack:
    """A finished pack: its name, its bytes in parts, and where its blocks lie."""

    name: ObjectName
    parts: tuple[bytes, ...]
    blocks: tuple[Block, ...]

    @property
    def size(self) -> int:
        """The pack's length in bytes."""
        return sum(len(part) for part in self.parts)


def lengths_to_bytes(lengths: Sequence[int]) -> bytes:
    """Return u32 little-endian values, joined."""
    return struct.pack(f"<{len(lengths)}I", *lengths)


def encode_block(
    kind: ChunkKind, raw: bytes | bytearray, lengths: Sequence[int], ids: bytes, *, level: int
) -> EncodedBlock:
    """Compress chunks that stand joined in `raw`; bytes that do not shrink are stored as they are."""
    stored = zstd.compress(raw, level)
    codec = Codec.ZSTD
    if len(stored) >= len(raw):
        stored, codec = bytes(raw), Codec.STORED
    chunk_lengths = lengths_to_bytes(lengths)
    head = BLOCK_HEAD.pack(BLOCK_MAGIC, kind, codec, 0, len(stored), len(raw), len(lengths)) + chunk_lengths
    header = head + blake3(head).digest(CHECK_SIZE)
    return EncodedBlock(header, stored, kind, codec, len(raw), chunk_lengths, ids)


def build_pack(blocks: Sequence[EncodedBlock], nonce: bytes) -> Pack:
    """Join blocks to a pack; `nonce` is 16 random bytes."""
    parts = [PACK_MAGIC + (1).to_bytes(4, "little") + nonce]
    offset = HEADER_SIZE
    placed = []
    for block in blocks:
        offset += len(block.header)
        placed.append(
            Block(
                block.kind,
                block.codec,
                offset,
                len(block.stored),
                block.raw_length,
                block.chunk_lengths,
                block.chunk_ids,
            )
        )
        offset += len(block.stored)
        parts += [block.header, block.stored]
    footer = pack_value(footer_rows(placed))
    parts += [footer, _TRAILER.pack(len(footer), blake3(footer).digest(CHECK_SIZE), _TAIL_MAGIC)]
    return Pack(object_name(*parts), tuple(parts), tuple(placed))
