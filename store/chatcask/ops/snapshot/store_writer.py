"""Where a run puts what it captures: a writer that is made when it is needed, or nowhere in a dry run."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from chatcask.errors import DamagedError
from chatcask.format.tree import Content, Cuts, Entry
from chatcask.ids import CHUNK_ID_SIZE, ChunkId
from chatcask.monitor import Monitor
from chatcask.repository.chunk_reader import ChunkReader
from chatcask.repository.run import Run

if TYPE_CHECKING:
    from chatcask.assistants.watched_file import ObservedFile, WatchedFile
    from chatcask.repository.chunk_writer import ChunkWriter, WriteTotals

_NO_CHUNK = ChunkId(bytes(CHUNK_ID_SIZE))
_NOT_STORED = Content(0, _NO_CHUNK)


class Writer(Protocol):
    """Where captured bytes go: a chunk writer, or what stands for one."""

    def add_stream(self, source: WatchedFile | ObservedFile) -> tuple[Content, Cuts]:
        """Store an open file; return its content and where it was cut."""

    def add_bytes(self, data: bytes) -> Content:
        """Store bytes."""

    def add_tree(self, entries: Iterable[Entry]) -> Content:
        """Store a tree."""


class DryRun:
    """Stands where the store stands; reads and stores nothing, and counts what would be read."""

    bytes_new = bytes_stored = 0
    reusable = None

    def add_stream(self, source: WatchedFile | ObservedFile) -> tuple[Content, Cuts]:
        """Read nothing; pretend that the file is one chunk."""
        return _NOT_STORED, [(_NO_CHUNK, source.size)]

    def add_bytes(self, data: bytes) -> Content:
        """Store nothing."""
        return _NOT_STORED

    def add_tree(self, entries: Iterable[Entry]) -> Content:
        """Store nothing."""
        return _NOT_STORED

    def finish(self) -> None:
        """Store nothing."""

    def preserve(self, root: Content, monitor: Monitor) -> None:
        """Store nothing."""


@dataclass(slots=True)
class StoreWriter:
    """A chunk writer that is made when the first byte has to be stored, which an unchanged run never has."""

    run: Run
    reader: ChunkReader
    writer: ChunkWriter | None = None
    bytes_new: int = 0
    bytes_stored: int = 0

    def add_stream(self, source: WatchedFile | ObservedFile) -> tuple[Content, Cuts]:
        """Store an open file."""
        return self._open().add_stream(source)

    def add_bytes(self, data: bytes) -> Content:
        """Store bytes."""
        return self._open().add_bytes(data)

    def add_tree(self, entries: Iterable[Entry]) -> Content:
        """Store a tree."""
        return self._open().add_tree(entries)

    @property
    def reusable(self) -> Callable[[Content], bool] | None:
        """Tells whether content of the parent is there and will stay; None if all of it is sure to."""
        return self._stays if self.run.absent else None

    def preserve(self, root: Content, monitor: Monitor) -> None:
        """Store again what only condemned or cut packs hold of a durable tree."""
        if self.run.absent:
            self._count(self.run.preserve(root, monitor.problem))

    def finish(self) -> None:
        """Make everything added durable."""
        if self.writer is not None:
            done, self.writer = self.writer.finish(), None
            self._count(done)

    def close(self) -> None:
        """Stop; what was put since the last `finish` is garbage."""
        if self.writer is not None:
            self.writer.abandon()

    def _stays(self, content: Content) -> bool:
        """Tell whether every chunk of the content is known to lie in a pack that will stay."""
        writer = self._open()
        try:
            return all(writer.knows(chunk) for chunk in self.reader.every_chunk(content))
        except DamagedError:
            return False

    def _count(self, done: WriteTotals) -> None:
        self.bytes_new += done.bytes_new
        self.bytes_stored += done.bytes_stored

    def _open(self) -> ChunkWriter:
        if self.writer is None:
            self.writer = self.run.writer()
        return self.writer
