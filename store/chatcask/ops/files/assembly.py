"""Write files out of packs: block by block instead of file by file, so that no block is decoded twice.

A file grows beside its place under a temporary name, in pieces and in any order. Once the last piece is there
it waits with others to be synced and to take its own name.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import BinaryIO

from chatcask.disk.durable import temporary_beside
from chatcask.disk.publish import WaitingFile, publish
from chatcask.errors import DamagedError
from chatcask.format.tree import Entry
from chatcask.repository.block_stream import Piece, ProvedBlock, stream_blocks
from chatcask.repository.repository import Repository

_FLAGS = os.O_WRONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
_BATCH = 30_000
"""Chunks that are placed at once: they bound the memory, and how many files are unfinished at a time."""
_SLACK = 64 * 1024 * 1024
"""A place may state a wrong length of a chunk, and the file still be sound: it is then read in order."""
_WAITING = 1_000
"""Whole files that are synced and named at once."""


Run = tuple[int, bytes | memoryview]
"""A position in a file and bytes to write there."""


@dataclass(frozen=True, slots=True)
class Target:
    """One file or link to write; `relative` is its path below the output."""

    output: Path
    relative: str
    entry: Entry

    @property
    def path(self) -> Path:
        """The place itself."""
        return self.output.joinpath(*self.relative.split("/"))


@dataclass(slots=True)
class _Growing:
    """A file of which `missing` pieces are not written yet."""

    target: Target
    temporary: Path
    missing: int = 0
    is_made: bool = False


class FileAssembly:
    """Writes files; a finished one is durable under its name.

    `failed` is told of each that could not be written, and may raise to end it all.
    """

    def __init__(
        self,
        repository: Repository,
        *,
        finished: Callable[[Target], None],
        failed: Callable[[Target, DamagedError | OSError], None],
        advance: Callable[[int], None],
    ) -> None:
        self._repository = repository
        self._finished = finished
        self._failed = failed
        self._advance = advance
        self._growing: dict[int, _Growing] = {}
        self._whole: list[_Growing] = []

    def write(self, targets: Iterable[Target]) -> None:
        """Write the targets, whose folders exist. What is unfinished when this fails is removed."""
        numbered = iter(enumerate(targets))
        try:
            while pieces := self._next_batch(numbered):
                for block in stream_blocks(self._repository.transport, pieces):
                    self._write_block(block)
            self._publish()
        finally:
            for growing in (*self._growing.values(), *self._whole):
                _remove(growing)

    def _next_batch(self, numbered: Iterator[tuple[int, Target]]) -> list[Piece]:
        """Return the pieces of the next files; files that have none are written here."""
        batch: list[Piece] = []
        for number, target in numbered:
            growing = self._growing[number] = _Growing(target, temporary_beside(target.path))
            try:
                pieces = list(self._pieces(number, target))
            except DamagedError as error:
                self._give_up(number, error)
                continue
            growing.missing = len(pieces)
            batch += pieces
            if not pieces:
                self._write(number, [])
            if len(batch) >= _BATCH:
                break
        return batch

    def _pieces(self, number: int, target: Target) -> Iterator[Piece]:
        reader = self._repository.reader
        position = 0
        most = 2 * target.entry.size + _SLACK
        for number_of_chunk, chunk in enumerate(reader.chunks(target.entry.content)):
            location = reader.locate(chunk)
            if position + location.length > most or number_of_chunk >= max(target.entry.size, 1):
                raise DamagedError(f"it holds more than the {target.entry.size} bytes that it should")
            yield Piece(chunk, location, number, position)
            position += location.length

    def _write_block(self, block: ProvedBlock) -> None:
        ordered = sorted(block.pieces, key=lambda piece: (piece.file, piece.position))
        for number, group in groupby(ordered, key=lambda piece: piece.file):
            pieces = list(group)
            self._write(number, list(_runs(block.raw, pieces)), pieces=len(pieces))
        for piece in block.unproved:
            self._write_other_copy(piece)

    def _write_other_copy(self, piece: Piece) -> None:
        """Write a piece that its block does not give from wherever else it can be had."""
        if piece.file not in self._growing:
            return
        try:
            data = self._repository.reader.get(piece.chunk)
        except DamagedError as error:
            self._give_up(piece.file, error)
            return
        if len(data) == piece.location.length:
            self._write(piece.file, [(piece.position, data)], pieces=1)
        else:
            self._write_in_order(piece.file)

    def _write_in_order(self, number: int) -> None:
        """Write a file anew from its first chunk to its last, since the places had a wrong length of one."""
        growing = self._growing.pop(number)  # its other pieces are not waited for
        _remove(growing)
        anew = _Growing(growing.target, growing.temporary, missing=1)
        self._growing[-1 - number] = anew
        self._write(-1 - number, self._in_order(growing.target), pieces=1)

    def _in_order(self, target: Target) -> Iterator[Run]:
        position = 0
        for data in self._repository.reader.read(target.entry.content, target.entry.size):
            yield position, data
            position += len(data)

    def _write(self, number: int, runs: Iterable[Run], *, pieces: int = 0) -> None:
        """Write some pieces of a file, and give it its name if they were the last."""
        growing = self._growing.get(number)
        if growing is None:
            return  # given up before
        written = 0
        try:
            with _opened(growing) as file:
                for position, data in runs:
                    file.seek(position)
                    written += file.write(data)
                growing.missing -= pieces
            if not growing.missing:
                _date(growing)
        except (DamagedError, OSError) as error:
            self._give_up(number, error)
            return
        self._advance(written)
        if not growing.missing:
            self._whole.append(self._growing.pop(number))
            if len(self._whole) >= _WAITING:
                self._publish()

    def _publish(self) -> None:
        """Let the whole files take their names."""
        whole, self._whole = self._whole, []
        outcomes = publish([WaitingFile(growing.temporary, growing.target.path) for growing in whole])
        for growing, error in zip(whole, outcomes, strict=True):
            if error is None:
                self._finished(growing.target)
            else:
                self._failed(growing.target, error)

    def _give_up(self, number: int, error: DamagedError | OSError) -> None:
        growing = self._growing.pop(number)
        _remove(growing)
        self._failed(growing.target, error)


def _runs(view: memoryview, pieces: Sequence[Piece]) -> Iterator[Run]:
    """Join pieces that lie side by side both in the block and in the file."""
    start = end = position = 0
    for piece in pieces:
        location = piece.location
        if location.offset != end or piece.position - position != end - start:
            if end > start:
                yield position, view[start:end]
            start, position = location.offset, piece.position
        end = location.offset + location.length
    if end > start:
        yield position, view[start:end]


def _opened(growing: _Growing) -> BinaryIO:
    flags = _FLAGS if growing.is_made else _FLAGS | os.O_CREAT | os.O_EXCL
    descriptor = os.open(growing.temporary, flags, 0o600)
    growing.is_made = True
    return open(descriptor, "wb")  # noqa: PTH123 - an open descriptor, closed by the caller


def _date(growing: _Growing) -> None:
    mtime_ns = growing.target.entry.mtime_ns
    os.utime(growing.temporary, ns=(mtime_ns, mtime_ns))


def _remove(growing: _Growing) -> None:
    if growing.is_made:
        with suppress(OSError):
            growing.temporary.unlink()
