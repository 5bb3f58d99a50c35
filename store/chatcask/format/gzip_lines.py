"""Lines in gzip members: written so that damage to one member leaves the others readable.

Every member begins with the same ten bytes and holds whole lines (docs/bundle.md), so a reader that meets
damage goes on at the next ten bytes. Nothing is held but one member's input and one line.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

MEMBER_SIZE = 1024 * 1024
"""Bytes of lines after which a member ends."""

HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
_TRAILER = struct.Struct("<II")
_LEVEL = 6
_RAW_DEFLATE = -15
_GZIP = 31
_PIECE = 256 * 1024
_MAXIMUM_INPUT = 64 * 1024


class GzipLineWriter:
    """Compresses lines into members and hands the bytes on as they come."""

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self._write = write
        self._compressor = zlib.compressobj(_LEVEL, zlib.DEFLATED, _RAW_DEFLATE)
        self._checksum = 0
        self._length = 0

    def line(self, data: bytes) -> None:
        """Write a line that ends in a line feed."""
        if not self._length:
            self._write(HEADER)
        self._checksum = zlib.crc32(data, self._checksum)
        self._length += len(data)
        if compressed := self._compressor.compress(data):
            self._write(compressed)
        if self._length >= MEMBER_SIZE:
            self.end_member()

    def end_member(self) -> None:
        """End the open member, if there is one; the last one must be ended."""
        if not self._length:
            return
        self._write(self._compressor.flush() + _TRAILER.pack(self._checksum, self._length & 0xFFFFFFFF))
        self._compressor = zlib.compressobj(_LEVEL, zlib.DEFLATED, _RAW_DEFLATE)
        self._checksum = self._length = 0


@dataclass(frozen=True, slots=True)
class Damage:
    """A place where lines were lost."""

    message: str


def read_lines(source: Iterable[bytes], *, first_limit: int, limit: int) -> Iterator[bytes | Damage]:
    """Yield the lines of a compressed stream, without their line feeds, and the damage between them.

    Args:
        source: The compressed bytes in pieces of any size.
        first_limit: How long the first line may be.
        limit: How long any other line may be; a longer one is damage.
    """
    held = bytearray()
    skipping = False
    longest = first_limit
    for piece in _decompressed(source):
        if isinstance(piece, Damage):
            held.clear()
            skipping, longest = False, limit
            yield piece
            continue
        start = 0
        while start < len(piece):
            end = piece.find(b"\n", start)
            stop = len(piece) if end < 0 else end
            if not skipping:
                held += piece[start:stop]
            if len(held) > longest:
                yield Damage(f"a line is longer than {longest} bytes")
                held.clear()
                skipping = True
            if end >= 0:
                if not skipping:
                    yield bytes(held)
                held.clear()
                skipping, longest = False, limit
            start = stop + 1
    if held:
        yield Damage("the last line is cut short")


def _decompressed(source: Iterable[bytes]) -> Iterator[bytes | Damage]:
    """Yield decompressed pieces; each stretch between two headers is decompressed by itself."""
    member: _Member | None = None
    for piece, begins in _stretches(source):
        if begins or member is None:
            if member is not None:
                yield from member.finish()
            member = _Member()
        yield from member.feed(piece)
    if member is not None:
        yield from member.finish()


def _stretches(source: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Yield the input in pieces cut before each header, and whether a header begins the piece."""
    held = b""
    begins = False
    for piece in _limited(source):
        held += piece
        while (found := held.find(HEADER, 1 if begins else 0)) >= 0:
            if found:
                yield held[:found], begins
            held, begins = held[found:], True
        keep = len(HEADER) - 1
        if len(held) > keep + len(HEADER):
            yield held[:-keep], begins
            held, begins = held[-keep:], False
    if held:
        yield held, begins


def _limited(source: Iterable[bytes]) -> Iterator[bytes]:
    for piece in source:
        for start in range(0, len(piece), _MAXIMUM_INPUT):
            yield piece[start : start + _MAXIMUM_INPUT]


class _Member:
    """Decompresses one stretch: one of our members, or several of another writer's."""

    def __init__(self) -> None:
        self._decompressor = zlib.decompressobj(_GZIP)
        self._fed = False
        self._broken = False

    def feed(self, data: bytes) -> Iterator[bytes | Damage]:
        """Yield what the bytes decompress to, in small pieces."""
        while data and not self._broken:
            if self._decompressor.eof:
                self._decompressor = zlib.decompressobj(_GZIP)
            self._fed = True
            try:
                piece = self._decompressor.decompress(data, _PIECE)
            except zlib.error as error:
                self._broken = True
                yield Damage(f"compressed bytes were changed: {error}")
                return
            data = self._decompressor.unused_data or self._decompressor.unconsumed_tail
            if piece:
                yield piece

    def finish(self) -> Iterator[bytes | Damage]:
        """Yield what is left, and damage if the stretch does not end where it should."""
        if self._broken or not self._fed:
            return
        while not self._decompressor.eof:
            try:
                piece = self._decompressor.decompress(self._decompressor.unconsumed_tail, _PIECE)
            except zlib.error as error:
                yield Damage(f"compressed bytes were changed: {error}")
                return
            if not piece:
                yield Damage("compressed bytes are cut short")
                return
            yield piece
