"""Where chunks lie, as a local SQLite table: derived from the store's indexes, safe to delete.

The table counts as current when it was filled from exactly the index objects that the store lists. New
ones are added; if one is gone (prune merged it, or the folder holds another copy of the store) everything is
read again. A damaged or unwritable table is replaced by a fresh one, in memory if need be.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chatcask.disk.derived import DAMAGE, open_derived, remove_derived
from chatcask.errors import DamagedError, ObjectNotFoundError
from chatcask.format.pack import Block, ChunkKind, Codec
from chatcask.ids import ChunkId, ObjectName
from chatcask.repository.keys import INDEXES, name_in
from chatcask.repository.objects import read_object
from chatcask.transport.base import Transport

if TYPE_CHECKING:
    from chatcask.format.index import PackIndex

_SCHEMA_VERSION = 3
_SCHEMA = """
CREATE TABLE index_object (name TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE pack (number INTEGER PRIMARY KEY, name BLOB NOT NULL UNIQUE, size INTEGER NOT NULL);
CREATE TABLE block (
    number INTEGER PRIMARY KEY, pack INTEGER NOT NULL, kind INTEGER NOT NULL, codec INTEGER NOT NULL,
    offset INTEGER NOT NULL, stored_length INTEGER NOT NULL, raw_length INTEGER NOT NULL,
    chunk_lengths BLOB NOT NULL, chunk_ids BLOB NOT NULL
);
CREATE TABLE chunk (
    id BLOB NOT NULL, block INTEGER NOT NULL, offset INTEGER NOT NULL, length INTEGER NOT NULL,
    PRIMARY KEY (id, block, offset)
) WITHOUT ROWID;
"""
_FIND = """
SELECT pack.name, block.kind, block.codec, block.offset, block.stored_length, block.raw_length,
       block.chunk_lengths, block.chunk_ids, chunk.offset, chunk.length
FROM chunk JOIN block ON block.number = chunk.block JOIN pack ON pack.number = block.pack
WHERE chunk.id = ? ORDER BY block.number DESC
"""
_PACKS_OF = """
SELECT pack.name FROM chunk JOIN block ON block.number = chunk.block JOIN pack ON pack.number = block.pack
WHERE chunk.id = ?
"""
_INSERT_BLOCK = """
INSERT INTO block (pack, kind, codec, offset, stored_length, raw_length, chunk_lengths, chunk_ids)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""


@dataclass(frozen=True, slots=True)
class Location:
    """One place of one chunk: `offset` and `length` in the decoded block.

    `block` lists all chunks it holds: they are likely to be asked for next, and one question answers for all.
    """

    pack: ObjectName
    block: Block
    offset: int
    length: int


class Locations:
    """Answers where the chunks of one store lie. One thread at a time; processes may share the file."""

    def __init__(self, path: Path | None, transport: Transport) -> None:
        self._path = path
        self._transport = transport
        self._database = open_derived(path, _SCHEMA, _SCHEMA_VERSION)
        self._fresh = False

    def close(self) -> None:
        """Close the table."""
        self._database.close()

    def find(self, chunk: ChunkId) -> list[Location]:
        """Return every known place of a chunk, newest first; look into the store again before giving up."""
        rows = self._ask(_FIND, chunk)
        if not rows and self.synchronise():
            rows = self._ask(_FIND, chunk)
        try:
            return [_location(row) for row in rows]
        except (ValueError, TypeError, AttributeError):  # no index says such things: the table is damaged
            self.rebuild()
            return [_location(row) for row in self._ask(_FIND, chunk)]

    def packs_of(self, chunk: ChunkId) -> list[ObjectName]:
        """Return the packs that are known to hold a chunk; empty for a new one, without a second look."""
        names = [name for (name,) in self._ask(_PACKS_OF, chunk)]
        return [ObjectName(name.hex()) for name in names if isinstance(name, bytes)]

    def expire(self) -> None:
        """Forget that the table was brought up to date: the next question does so first."""
        self._fresh = False

    def refresh(self) -> None:
        """Bring the table up to date unless that was done since it expired."""
        if not self._fresh:
            self.synchronise()

    def missing_of(self, listed: Mapping[ObjectName, int]) -> frozenset[ObjectName]:
        """Return the packs that indexes know and that are not listed with the length that indexes give.

        Args:
            listed: The packs that there are, each with its length in bytes; listed after `refresh`.
        """
        rows = self._database.execute("SELECT name, size FROM pack").fetchall()
        known = ((ObjectName(name.hex()), size) for name, size in rows if isinstance(name, bytes))
        return frozenset(name for name, size in known if listed.get(name) != size)

    def rebuild(self) -> bool:
        """Fill the table anew if it is one that could be damaged; tell whether that was done."""
        if self._path is None:
            return False
        self._start_over()
        self.synchronise()
        return True

    def synchronise(self) -> bool:
        """Bring the table up to date with the store; tell whether that changed it.

        A damaged index does not count: its chunks are unknown, and the rest of the store stays usable.
        """
        listed = {name: info.key for info in self._transport.list(INDEXES) if (name := name_in(info.key))}
        known = self._known_indexes()
        if known - listed.keys():
            self._start_over()
            known = set()
        changed = False
        for name in sorted(listed.keys() - known):
            packs = _read_index(self._transport, listed[name])
            if packs is not None:
                self.add(name, packs)
                changed = True
        self._fresh = True
        return changed

    def add(self, index: ObjectName, packs: Iterable[PackIndex]) -> None:
        """Take in one index object. A table that another process keeps busy is left as it is."""
        try:
            with self._database:
                self._insert(index, packs)
        except sqlite3.OperationalError:
            # Derived data: what is missing here is read from the store by the next synchronisation.
            return
        except DAMAGE:
            self._start_over()

    def _ask(self, query: str, chunk: ChunkId) -> list[tuple[Any, ...]]:
        self.refresh()
        try:
            return self._database.execute(query, (chunk,)).fetchall()
        except DAMAGE:
            self._start_over()
            self.synchronise()
            return self._database.execute(query, (chunk,)).fetchall()

    def _known_indexes(self) -> set[ObjectName]:
        query = "SELECT name FROM index_object"
        try:
            return {ObjectName(name) for (name,) in self._database.execute(query)}
        except DAMAGE:
            self._start_over()
            return set()

    def _insert(self, index: ObjectName, packs: Iterable[PackIndex]) -> None:
        insert = self._database.execute
        insert("BEGIN IMMEDIATE")
        added = insert("INSERT OR IGNORE INTO index_object VALUES (?)", (index,))
        if not added.rowcount:
            return
        for entry in packs:
            pack, known = self._pack(entry)
            for block in entry.blocks:
                if block.offset in known:
                    continue
                number = insert(_INSERT_BLOCK, (pack, *_block_row(block))).lastrowid
                rows = ((chunk, number, offset, length) for chunk, offset, length in block.chunks())
                self._database.executemany("INSERT OR IGNORE INTO chunk VALUES (?, ?, ?, ?)", rows)

    def _pack(self, entry: PackIndex) -> tuple[int, set[int]]:
        """Return a pack's number and the blocks of it that another index named already, by their offsets."""
        name = bytes.fromhex(entry.pack)
        execute = self._database.execute
        is_new = execute("INSERT OR IGNORE INTO pack (name, size) VALUES (?, ?)", (name, entry.size)).rowcount
        row = execute("SELECT number FROM pack WHERE name = ?", (name,)).fetchone()
        blocks = () if is_new else execute("SELECT offset FROM block WHERE pack = ?", row)
        return row[0], {offset for (offset,) in blocks}

    def _start_over(self) -> None:
        self._database.close()
        remove_derived(self._path)
        self._database = open_derived(self._path, _SCHEMA, _SCHEMA_VERSION)


def _location(row: tuple[Any, ...]) -> Location:
    block = Block(ChunkKind(row[1]), Codec(row[2]), *row[3:8])
    if not all(isinstance(number, int) for number in (*row[3:6], *row[8:10])):
        raise TypeError("a place in a pack is made of numbers")
    if not all(isinstance(joined, bytes) for joined in row[6:8]):
        raise TypeError("the chunks of a block are bytes")
    return Location(ObjectName(row[0].hex()), block, row[8], row[9])


def _block_row(block: Block) -> tuple[Any, ...]:
    return (
        block.kind,
        block.codec,
        block.offset,
        block.stored_length,
        block.raw_length,
        block.chunk_lengths,
        block.chunk_ids,
    )


def _read_index(transport: Transport, key: str) -> tuple[PackIndex, ...] | None:
    from chatcask.format.index import decode_index  # noqa: PLC0415 - an unchanged run meets no new index

    try:
        return decode_index(read_object(transport, key), key)
    except ObjectNotFoundError:
        return ()  # merged away since it was listed
    except DamagedError:
        return None
