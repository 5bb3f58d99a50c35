"""What a survey has learned about packs and chunks, in a temporary SQLite database, not in memory."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from chatcask.format.pack import Block, ChunkKind, Codec
from chatcask.ids import ChunkId, ObjectName
from chatcask.repository.locations import Location

_SCHEMA = """
CREATE TABLE pack (
    number INTEGER PRIMARY KEY, name BLOB NOT NULL UNIQUE,
    present INTEGER NOT NULL, sound INTEGER NOT NULL, condemned INTEGER NOT NULL
);
CREATE TABLE block (
    number INTEGER PRIMARY KEY, pack INTEGER NOT NULL, indexed INTEGER NOT NULL, kind INTEGER NOT NULL,
    codec INTEGER NOT NULL, offset INTEGER NOT NULL, stored_length INTEGER NOT NULL,
    raw_length INTEGER NOT NULL, chunk_lengths BLOB NOT NULL, chunk_ids BLOB NOT NULL
);
CREATE INDEX blocks_of_pack ON block (pack);
CREATE TABLE chunk (
    id BLOB NOT NULL, block INTEGER NOT NULL, offset INTEGER NOT NULL, length INTEGER NOT NULL,
    bad INTEGER NOT NULL, PRIMARY KEY (id, block, offset)
) WITHOUT ROWID;
CREATE TABLE walked (content BLOB PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE wanted (id BLOB PRIMARY KEY, kind INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE claimed (id BLOB PRIMARY KEY) WITHOUT ROWID;
"""
_PLACES = """
SELECT pack.name, block.kind, block.codec, block.offset, block.stored_length, block.raw_length,
       chunk.offset, chunk.length, pack.present, pack.sound, block.indexed, chunk.bad
FROM chunk JOIN block ON block.number = chunk.block JOIN pack ON pack.number = block.pack
WHERE chunk.id = ?
"""
_READABLE = f"{_PLACES} AND pack.present AND NOT chunk.bad ORDER BY pack.sound DESC, block.number DESC"
_STATES = """
SELECT DISTINCT pack.name, pack.present, pack.sound, pack.condemned, block.indexed, chunk.bad
FROM chunk JOIN block ON block.number = chunk.block JOIN pack ON pack.number = block.pack
WHERE chunk.id = ?
"""
_BLOCKS = """
SELECT block.number, indexed, kind, codec, offset, stored_length, raw_length, chunk_lengths, chunk_ids
FROM block JOIN pack ON pack.number = block.pack WHERE pack.name = ? AND block.number > ?
ORDER BY block.number LIMIT 1
"""
_ENDANGERED = """
SELECT chunk.id, block.kind FROM chunk JOIN block ON block.number = chunk.block
    JOIN pack ON pack.number = block.pack
WHERE pack.name = ? AND NOT chunk.bad AND NOT EXISTS (
    SELECT 1 FROM chunk AS other JOIN block AS its ON its.number = other.block
        JOIN pack AS home ON home.number = its.pack
    WHERE other.id = chunk.id AND NOT other.bad AND home.present AND home.sound
        AND NOT home.condemned)
ORDER BY block.number, chunk.offset
"""
_UNWALKED_TREES = """
SELECT DISTINCT chunk.id FROM block
    JOIN pack ON pack.number = block.pack JOIN chunk ON chunk.block = block.number
WHERE block.kind = ? AND pack.present AND NOT chunk.bad
    AND NOT EXISTS (SELECT 1 FROM walked WHERE content = CAST(? || chunk.id AS BLOB))
LIMIT ?
"""
_CACHE_KIBIBYTES = 32 * 1024
_RECENT = 100_000
"""How much walked content is known without asking the database: a run mostly has what the last had."""


@dataclass(frozen=True, slots=True)
class Copy:
    """One copy of a chunk. `good` means that its bytes are there and were not found to be changed."""

    pack: ObjectName
    sound: bool
    condemned: bool
    indexed: bool
    good: bool


@dataclass(frozen=True, slots=True)
class KnownBlock:
    """A block of a pack that an index, the pack's footer or a scan told of."""

    number: int
    indexed: bool
    block: Block


class SurveyTable:
    """Packs, their blocks and chunks, and which content was walked. Answers `find` for a chunk reader."""

    def __init__(self) -> None:
        # An empty name is a private file that SQLite removes by itself; most of it stays on disk.
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.executescript(
            f"PRAGMA journal_mode = OFF; PRAGMA cache_size = -{_CACHE_KIBIBYTES}; BEGIN; {_SCHEMA}"
        )

        self._recent: set[bytes] = set()

    def close(self) -> None:
        """Throw the table away."""
        self._database.close()

    def add_pack(self, name: ObjectName, *, condemned: bool) -> None:
        """Add a pack that is not known to be present."""
        insert = "INSERT OR IGNORE INTO pack (name, present, sound, condemned) VALUES (?, 0, 0, ?)"
        self._execute(insert, bytes.fromhex(name), condemned)

    def mark_present(self, name: ObjectName) -> None:
        """Note that the store has a pack, sound until something else is said."""
        self._execute("UPDATE pack SET present = 1, sound = 1 WHERE name = ?", bytes.fromhex(name))

    def add_blocks(self, name: ObjectName, blocks: Iterable[Block], *, indexed: bool) -> None:
        """Add blocks of a pack that was added before."""
        (pack,) = self._one("SELECT number FROM pack WHERE name = ?", bytes.fromhex(name))
        for block in blocks:
            values = (block.kind, block.codec, block.offset, block.stored_length, block.raw_length)
            number = self._execute(
                "INSERT INTO block VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                pack,
                indexed,
                *values,
                block.chunk_lengths,
                block.chunk_ids,
            ).lastrowid
            rows = ((chunk, number, offset, length) for chunk, offset, length in block.chunks())
            self._database.executemany("INSERT OR IGNORE INTO chunk VALUES (?, ?, ?, ?, 0)", rows)

    def blocks(self, name: ObjectName) -> Iterator[KnownBlock]:
        """Yield the known blocks of a pack, one at a time."""
        number = 0
        while row := self._one(_BLOCKS, bytes.fromhex(name), number):
            number = row[0]
            yield KnownBlock(number, bool(row[1]), Block(ChunkKind(row[2]), Codec(row[3]), *row[4:]))

    def mark_unsound(self, name: ObjectName) -> None:
        """Note that something is wrong with a pack's bytes."""
        self._execute("UPDATE pack SET sound = 0 WHERE name = ?", bytes.fromhex(name))

    def mark_absent(self, name: ObjectName) -> None:
        """Note that a pack was deleted since it was listed."""
        self._execute("UPDATE pack SET present = 0, sound = 0 WHERE name = ?", bytes.fromhex(name))

    def mark_bad(self, block: int, chunks: Sequence[ChunkId]) -> None:
        """Note that a block does not give these chunks."""
        rows = [(chunk, block) for chunk in chunks]
        self._database.executemany("UPDATE chunk SET bad = 1 WHERE id = ? AND block = ?", rows)

    def find(self, chunk: ChunkId) -> list[Location]:
        """Return where a chunk can be read, places in sound packs first."""
        return [
            Location(
                ObjectName(row[0].hex()),
                Block(ChunkKind(row[1]), Codec(row[2]), row[3], row[4], row[5], b"", b""),
                row[6],
                row[7],
            )
            for row in self._execute(_READABLE, chunk)
        ]

    def synchronise(self) -> bool:
        """Know all that there is to know: the survey has read the store itself."""
        return False

    def rebuild(self) -> bool:
        """Do nothing: the table is made for one survey."""
        return False

    def copies(self, chunk: ChunkId) -> list[Copy]:
        """Return every known copy of a chunk, readable or not."""
        return [
            Copy(
                ObjectName(row[0].hex()),
                bool(row[2]),
                bool(row[3]),
                bool(row[4]),
                bool(row[1] and not row[5]),
            )
            for row in self._execute(_STATES, chunk)
        ]

    def is_named(self, chunk: ChunkId) -> bool:
        """Tell whether any known block holds a chunk."""
        return bool(self._one("SELECT 1 FROM chunk WHERE id = ? LIMIT 1", chunk))

    def endangered(self, name: ObjectName) -> Iterator[tuple[ChunkId, ChunkKind]]:
        """Yield the good chunks of a pack that no sound pack will keep, in their order."""
        for identifier, kind in self._execute(_ENDANGERED, bytes.fromhex(name)):
            yield ChunkId(identifier), ChunkKind(kind)

    def walk_once(self, content: bytes) -> bool:
        """Tell whether content was not marked before; mark it."""
        if content in self._recent:
            return False
        if len(self._recent) >= _RECENT:
            self._recent.clear()
        self._recent.add(content)
        return self._execute("INSERT OR IGNORE INTO walked VALUES (?)", content).rowcount > 0

    def unwalked_trees(self, prefix: bytes, limit: int) -> list[ChunkId]:
        """Return readable tree chunks whose content, the prefix and the id, was never marked."""
        return [ChunkId(row[0]) for row in self._execute(_UNWALKED_TREES, ChunkKind.TREE, prefix, limit)]

    def want(self, chunk: ChunkId, kind: ChunkKind) -> None:
        """Note that a snapshot needs a chunk that cannot be read."""
        self._execute("INSERT OR IGNORE INTO wanted VALUES (?, ?)", chunk, kind)

    def wanted(self) -> Iterator[tuple[ChunkId, ChunkKind]]:
        """Yield the chunks that snapshots need and no pack gives, and that nobody claimed yet."""
        query = "SELECT id, kind FROM wanted WHERE id NOT IN (SELECT id FROM claimed)"
        for identifier, kind in self._execute(query):
            yield ChunkId(identifier), ChunkKind(kind)

    def wanted_count(self, kinds: Iterable[ChunkKind] = tuple(ChunkKind)) -> int:
        """Return how many of the chunks that `wanted` yields are of these kinds."""
        listed = ",".join(str(int(kind)) for kind in kinds)
        query = f"SELECT count(*) FROM wanted WHERE kind IN ({listed}) AND id NOT IN (SELECT id FROM claimed)"  # noqa: S608 - numbers of our own
        count: int = self._one(query)[0]
        return count

    def is_wanted(self, chunk: ChunkId) -> bool:
        """Tell whether a snapshot needs a chunk that cannot be read."""
        return bool(self._one("SELECT 1 FROM wanted WHERE id = ?", chunk))

    def claim(self, chunk: ChunkId) -> bool:
        """Take on the storing of a chunk; False when that was done before."""
        return self._execute("INSERT OR IGNORE INTO claimed VALUES (?)", chunk).rowcount > 0

    def chunk_count(self) -> int:
        """Return how many different chunks are known."""
        count: int = self._one("SELECT count(DISTINCT id) FROM chunk")[0]
        return count

    def _execute(self, query: str, *values: Any) -> sqlite3.Cursor:
        return self._database.execute(query, values)

    def _one(self, query: str, *values: Any) -> Any:
        return self._database.execute(query, values).fetchone()
