"""Bytes of files for standard output: exact for a program that reads them, made visible on a terminal."""

from __future__ import annotations

import codecs
import sys
from collections.abc import Iterable, Iterator

from chatcask.visible import visible_text


def write_exact(pieces: Iterable[bytes]) -> int:
    """Write bytes to standard output; return how many there were.

    On a terminal, where a stored file could act on it, escape sequences and the like are made visible.
    """
    size = 0
    shown = _visible(pieces) if sys.stdout.isatty() else pieces
    for piece in shown:
        size += sys.stdout.buffer.write(piece)
    sys.stdout.buffer.flush()
    return size


def _visible(pieces: Iterable[bytes]) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    for piece in pieces:
        yield visible_text(decoder.decode(piece)).encode()
    yield visible_text(decoder.decode(b"", final=True)).encode()
