"""A block gives the chunks before a damaged place, whatever is asked for first, and hides no other damage."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcask.errors import DamagedError
from chatcask.format import zstd
from chatcask.format.new_pack import build_pack, encode_block
from chatcask.format.pack import Block, BlockDecoder, ChunkKind, DecodeBuffer
from chatcask.ids import ObjectName, chunk_id
from chatcask.repository.block_stream import Piece, stream_blocks
from chatcask.repository.keys import pack_key
from chatcask.repository.locations import Location
from chatcask.transport import MemoryTransport
from support.effort import effort

SIZE = 2_000


def _block(count: int, seed: int = 1) -> tuple[Block, bytes, list[bytes]]:
    """Return a block of chunks that compress a little, its encoded bytes, and the chunks."""
    chance = random.Random(seed)
    chunks = [bytes(chance.choices(b"abcdefgh", k=SIZE)) for _ in range(count)]
    ids = b"".join(map(chunk_id, chunks))
    encoded = encode_block(ChunkKind.DATA, b"".join(chunks), [SIZE] * count, ids, level=3)
    block = build_pack([encoded], bytes(16)).blocks[0]
    return block, encoded.stored, chunks


def _readable(block: Block, stored: bytes, order: list[int]) -> set[int]:
    found: set[int] = set()
    try:
        decoder = BlockDecoder(block, stored, DecodeBuffer())
    except DamagedError:  # the frame's own head is damaged
        return found
    for number in order:
        try:
            data = decoder.read(number * SIZE, SIZE)
        except DamagedError:
            continue
        if chunk_id(data) == block.chunk_ids[32 * number : 32 * number + 32]:
            found.add(number)
    return found


@given(st.integers(0, 2**32), st.integers(1, 400), st.randoms(use_true_random=False))
@effort(0.4)
def test_what_is_readable_hardly_depends_on_the_order(
    position: int, count: int, chance: random.Random
) -> None:
    block, stored, _ = _block(count, seed=count)
    damaged = bytearray(stored)
    damaged[position % len(damaged)] ^= 0x55
    order = list(range(count))
    forward = _readable(block, bytes(damaged), order)
    chance.shuffle(order)
    # A step of decoding that meets the damage gives nothing, and steps end where somebody asked.
    assert len(_readable(block, bytes(damaged), order) ^ forward) * SIZE <= 64 * 1024
    assert _readable(block, stored, order) == set(order)


def test_chunks_before_a_damaged_place_come_out() -> None:
    block, stored, _ = _block(400)
    damaged = stored[: len(stored) // 2] + bytes(len(stored) - len(stored) // 2)
    found = _readable(block, damaged, list(range(399, -1, -1)))
    assert 50 < len(found) < 400
    assert found == set(range(len(found)))


@pytest.mark.parametrize("count", [3, 400])
def test_bytes_behind_the_frame_are_found_when_the_whole_block_is_read(count: int) -> None:
    block, stored, _ = _block(count)
    for more in (b"x", stored):
        longer = replace(block, stored_length=len(stored) + len(more))
        decoder = BlockDecoder(longer, stored + more, DecodeBuffer())
        for number in range(count):
            decoder.read(number * SIZE, SIZE)
        with pytest.raises(DamagedError):
            decoder.read_all()


def test_each_piece_is_proved_even_where_two_begin_at_one_place() -> None:
    block, stored, chunks = _block(3)
    transport = MemoryTransport()
    pack = ObjectName("ab" * 32)
    transport.put(pack_key(pack), bytes(block.offset) + stored)
    right = Piece(chunk_id(chunks[1]), Location(pack, block, SIZE, SIZE), 0, 0)
    wrong = Piece(chunk_id(b"something else"), Location(pack, block, SIZE, SIZE), 1, 0)
    empty = Piece(chunk_id(b""), Location(pack, block, SIZE, 0), 2, 0)
    for pieces in ([right, wrong, empty], [empty, wrong, right]):
        (found,) = stream_blocks(transport, pieces)
        assert set(found.pieces) == {right, empty}
        assert found.unproved == (wrong,)


def test_too_little_memory_is_no_damage(monkeypatch: pytest.MonkeyPatch) -> None:
    class Poor:
        eof = False
        unused_data = b""

        def decompress(self, data: bytes, max_length: int) -> bytes:
            raise zstd.zstd.ZstdError("Unable to decompress: Allocation error : not enough memory")

    def refuse(*_: object, **__: object) -> bytes:
        raise zstd.zstd.ZstdError("Unable to compress: Allocation error : not enough memory")

    monkeypatch.setattr(zstd.zstd, "ZstdDecompressor", Poor)
    monkeypatch.setattr(zstd.zstd, "compress", refuse)
    with pytest.raises(MemoryError):
        zstd.Decompressor(b"").read_into(memoryview(bytearray(3)))
    with pytest.raises(MemoryError):
        zstd.compress(b"x", 3)
