"""Where content is cut: FastCDC 2020 for bytes, a rule on ids for long chunk lists."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from pyfastcdc import FastCDC, NormalizedChunking

from chatcask.format.config import ChunkerParameters
from chatcask.ids import ChunkId

SEGMENT_SIZE = 4 * 1024 * 1024
"""How many bytes of a file are held at once while it is cut."""

TREE_PARAMETERS = ChunkerParameters(minimum=512, average=2048, maximum=16 * 1024)
"""Trees change by single rows, so small pieces of them are stored again."""

_LIST_MINIMUM = 32
_LIST_MAXIMUM = 512
_LIST_MASK = 0x3F


class Readable(Protocol):
    """Anything that gives bytes piece by piece, as `io.RawIOBase.readinto` does."""

    def readinto(self, buffer: memoryview, /) -> int | None:
        """Fill `buffer` from its start; return how many bytes, 0 at the end."""


class Chunker:
    """Cuts streams at content-defined places; one object serves one thread.

    After an append every cut but the last stays where it was, so cutting segment by segment from the
    last open cut gives the cuts of a single pass.
    """

    def __init__(self, parameters: ChunkerParameters) -> None:
        normalization: NormalizedChunking = parameters.normalization  # type: ignore[assignment]
        self._cutter = FastCDC(
            parameters.average,
            min_size=parameters.minimum,
            max_size=parameters.maximum,
            normalized_chunking=normalization,
        )
        self._maximum = parameters.maximum
        self._buffer = bytearray(max(SEGMENT_SIZE, 2 * parameters.maximum))

    def cut(self, source: Readable) -> Iterator[memoryview]:
        """Yield the chunks of a stream in order; each is valid until the next is asked for."""
        view = memoryview(self._buffer)
        held = 0
        while True:
            held, ended = _fill(source, view, held)
            done = 0
            for chunk in self._cutter.cut_buf(view[:held]):
                # A cut within reach of the buffer's end might lie elsewhere if more bytes followed.
                if not ended and held - chunk.offset < self._maximum:
                    break
                yield view[chunk.offset : chunk.offset + chunk.length]
                done = chunk.offset + chunk.length
            if ended:
                return
            view[: held - done] = bytes(view[done:held])
            held -= done


def _fill(source: Readable, view: memoryview, held: int) -> tuple[int, bool]:
    """Read until the buffer is full; return how much it holds and whether the stream ended."""
    while held < len(view):
        count = source.readinto(view[held:])
        if not count:
            return held, True
        held += count
    return held, False


def cut_list(ids: Iterable[ChunkId]) -> Iterator[bytes]:
    """Yield chunk lists: joined ids, cut where docs/format.md section 6 says."""
    group: list[ChunkId] = []
    for identifier in ids:
        group.append(identifier)
        count = len(group)
        if (count >= _LIST_MINIMUM and not identifier[-1] & _LIST_MASK) or count >= _LIST_MAXIMUM:
            yield b"".join(group)
            group.clear()
    if group:
        yield b"".join(group)
