"""Store what a repair wants: copies from damaged packs and other stores, or closed editors' files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from chatcask.assistants.base import Guard, Source
from chatcask.errors import DamagedError, EditorRunningError
from chatcask.format.pack import ChunkKind
from chatcask.format.tree import EMPTY, Content, Entry, EntryKind, sort_key
from chatcask.ids import ChunkId, ObjectName, chunk_id
from chatcask.monitor import Monitor
from chatcask.ops.integrity.donors import from_donors
from chatcask.ops.integrity.survey import Survey
from chatcask.ops.snapshot.capture import SourceCapture
from chatcask.ops.snapshot.parent import Parent
from chatcask.repository.chunk_writer import ChunkWriter
from chatcask.repository.locations import Locations
from chatcask.repository.repository import Repository

_LONG_AGO = datetime(1970, 1, 2, tzinfo=UTC)


class MendingWriter(ChunkWriter):
    """Stores chunks that the survey misses, each once, whatever indexes say of them.

    Where a tree or a list is missing, nobody knows which chunks it leads to; then every chunk that the store
    lacks is welcome, and one that turns out to be needed by nobody is found stored by the next snapshot.
    """

    def __init__(self, repository: Repository, seen: Survey) -> None:
        # In memory and apart from the repository's own: what is derived cannot prove anything.
        self._fresh = Locations(None, repository.transport)
        super().__init__(repository.transport, self._fresh, repository.config)
        self._table = seen.table
        self._all_welcome = seen.table.wanted_count([ChunkKind.TREE, ChunkKind.LIST]) > 0
        self.mended = 0

    def close(self) -> None:
        """Abandon what is not finished and drop the table of places."""
        self.abandon()
        self._fresh.close()

    def add(self, kind: ChunkKind, data: bytes | memoryview) -> ChunkId:
        """Store a chunk if it is missed; return its id."""
        identifier = chunk_id(data)
        if self._table.is_wanted(identifier):
            self.mended += self.copy(kind, identifier, data)
        elif self._all_welcome and not self._table.find(identifier):
            self.copy(kind, identifier, data)
        return identifier

    def copy(self, kind: ChunkKind, identifier: ChunkId, data: bytes | memoryview) -> bool:
        """Store a chunk unless this writer did so before; tell whether it did."""
        claimed = self._table.claim(identifier)
        if claimed:
            self._append(kind, identifier, data)
        return claimed


@dataclass(frozen=True, slots=True)
class Unasked:
    """A source that could not be looked at for missing bytes, since its editor runs."""

    source: Source
    reason: str


def rescue(seen: Survey, writer: MendingWriter, packs: Iterable[ObjectName]) -> int:
    """Copy the good chunks of these packs that no other pack safely holds; return how many."""
    count = 0
    for pack in packs:
        for identifier, kind in seen.table.endangered(pack):
            try:
                count += writer.copy(kind, identifier, seen.reader.get(identifier))
            except DamagedError:  # it was readable a moment ago; the next survey sees what it is now
                continue
    return count


def refill_from_stores(seen: Survey, writer: MendingWriter, donors: Sequence[Repository]) -> None:
    """Copy missing chunks from other stores."""
    for identifier, kind in seen.table.wanted():
        data = from_donors(donors, identifier)
        if data is not None:
            writer.mended += writer.copy(kind, identifier, data)


def refill_from_sources(
    writer: MendingWriter, sources: Iterable[Source], guard: Guard, monitor: Monitor
) -> tuple[Unasked, ...]:
    """Read closed editors' files again for missing bytes; return the sources that could not be read.

    What was taken from an editor that starts meanwhile is kept: bytes that were asked for by their hash are
    the right ones, wherever they come from.
    """
    captured: list[Entry] = []
    unasked: list[Unasked] = []
    for source in sources:
        monitor.phase(source.product.display_name, None)
        editor = guard.running(source)
        if editor is not None:
            unasked.append(Unasked(source, editor.description))
            continue
        try:
            content = _capture(writer, source, guard, monitor)
        except EditorRunningError as error:
            unasked.append(Unasked(source, error.message))
            continue
        if content != EMPTY:
            captured.append(Entry(source.id, EntryKind.FOLDER, 0, 0, content))
    if captured:
        writer.add_tree(sorted(captured, key=lambda entry: sort_key(entry.name)))
    return tuple(unasked)


def _capture(writer: MendingWriter, source: Source, guard: Guard, monitor: Monitor) -> Content:
    parent = Parent(lambda _: (), EMPTY, _LONG_AGO)
    capture = SourceCapture(source, parent, writer, lambda: guard.watch(source), monitor)
    return capture.run().root
