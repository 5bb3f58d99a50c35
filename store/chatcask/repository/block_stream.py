"""Many chunks in the order in which they lie in packs: each block is decoded once, ahead of its use."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import cycle, groupby

from chatcask.errors import DamagedError, ObjectNotFoundError
from chatcask.format.pack import DecodeBuffer, decode_block
from chatcask.ids import ChunkId, ObjectName, chunk_id
from chatcask.repository.keys import pack_key
from chatcask.repository.locations import Location
from chatcask.transport.base import Transport

_AHEAD = 2
"""Blocks that are decoded before they are asked for: one in work and one that waits."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A chunk that somebody wants at a position of a file; `file` is a number of the caller's."""

    chunk: ChunkId
    location: Location
    file: int
    position: int

    @property
    def place(self) -> tuple[ObjectName, int]:
        """The block that holds the chunk."""
        return self.location.pack, self.location.block.offset


@dataclass(frozen=True, slots=True)
class ProvedBlock:
    """A decoded block, the wanted pieces that were proved by their ids, and those that it does not give.

    `raw` is valid until the next block is asked for.
    """

    raw: memoryview
    pieces: tuple[Piece, ...]
    unproved: tuple[Piece, ...]


def stream_blocks(transport: Transport, pieces: Iterable[Piece]) -> Iterator[ProvedBlock]:
    """Yield every block that holds a wanted piece, once, in the order of packs and offsets.

    `ChunkReader.get` may know other copies of the pieces that a block does not give, or says what is wrong.

    Raises:
        TransportError: the store cannot be read.
    """
    ordered = sorted(pieces, key=lambda piece: (piece.place, _span(piece)))
    groups = (tuple(group) for _, group in groupby(ordered, key=lambda piece: piece.place))
    buffers = cycle([DecodeBuffer() for _ in range(_AHEAD + 2)])  # one more is in the caller's hands
    with ThreadPoolExecutor(1, thread_name_prefix="chatcask-decode") as worker:
        ahead = deque[Future[ProvedBlock]]()
        try:
            for group, buffer in zip(groups, buffers):  # noqa: B905 - the buffers never end
                ahead.append(worker.submit(_proved, transport, group, buffer))
                if len(ahead) > _AHEAD:
                    yield ahead.popleft().result()
            while ahead:
                yield ahead.popleft().result()
        finally:
            for future in ahead:
                future.cancel()


def _proved(transport: Transport, pieces: tuple[Piece, ...], buffer: DecodeBuffer) -> ProvedBlock:
    first = pieces[0].location
    try:
        stored = transport.get(pack_key(first.pack), first.block.offset, first.block.stored_length)
        raw = decode_block(first.block, stored, buffer)
    except (DamagedError, ObjectNotFoundError):
        return ProvedBlock(memoryview(b""), (), pieces)
    proved: list[Piece] = []
    unproved: list[Piece] = []
    for (offset, length, chunk), same in groupby(pieces, key=_span):
        sound = chunk_id(raw[offset : offset + length]) == chunk
        (proved if sound else unproved).extend(same)
    return ProvedBlock(raw, tuple(proved), tuple(unproved))


def _span(piece: Piece) -> tuple[int, int, ChunkId]:
    return piece.location.offset, piece.location.length, piece.chunk
