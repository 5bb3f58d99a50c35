"""Which chunks snapshots use and which packs hold them, counted in a temporary database on disk.

Forget and prune ask this of stores with a million chunks, so nothing here grows in memory with the store.
The database is private to one object and vanishes with it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Self

from chatcask.advice import Advice, AdviceCode
from chatcask.errors import DamagedError, ObjectNotFoundError, TransportError
from chatcask.format.index import PackIndex
from chatcask.format.pack import ChunkKind
from chatcask.format.tree import Content, EntryKind
from chatcask.ids import ChunkId, ObjectName
from chatcask.monitor import Problem
from chatcask.ops.retention.pack_contents import chunk_places, read_blocks
from chatcask.repository.index_objects import read_indexes
from chatcask.repository.keys import PACKS, name_in, pack_key
from chatcask.repository.repository import Repository
from chatcask.transport.base import ObjectInfo

_SCHEMA = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -32000;
CREATE TABLE used (id BLOB, role INTEGER, pass INTEGER, PRIMARY KEY (id, role)) WITHOUT ROWID;
"""
_PACK_SCHEMA = """
DROP TABLE IF EXISTS pack;
DROP TABLE IF EXISTS place;
DROP TABLE IF EXISTS kept;
CREATE TABLE pack (
    number INTEGER PRIMARY KEY, name TEXT UNIQUE, size INTEGER, indexed INTEGER, present INTEGER,
    condemned INTEGER DEFAULT 0
);
CREATE TABLE place (
    pack INTEGER, position INTEGER, id BLOB, kind INTEGER, stored REAL, PRIMARY KEY (pack, position)
) WITHOUT ROWID;
CREATE TABLE kept (id BLOB PRIMARY KEY, pack INTEGER) WITHOUT ROWID;
"""
_USED_STORED = """
SELECT pack.name, pack.size, pack.indexed,
    (SELECT SUM(stored) FROM place WHERE place.pack = pack.number),
    (SELECT SUM(stored) FROM place WHERE place.pack = pack.number AND id IN (SELECT id FROM used))
FROM pack WHERE present AND NOT condemned ORDER BY name
"""
_KEEP = """
INSERT OR IGNORE INTO kept SELECT place.id, place.pack
FROM place JOIN pack ON pack.number = place.pack
WHERE pack.name = ? AND place.id IN (SELECT id FROM used)
"""
_KEPT_STORED = """
SELECT SUM(place.stored) FROM place JOIN pack ON pack.number = place.pack
JOIN kept ON kept.id = place.id AND kept.pack = place.pack WHERE pack.name = ?
"""
_KEPT_CHUNKS = """
SELECT place.id, place.kind FROM place JOIN pack ON pack.number = place.pack
JOIN kept ON kept.id = place.id AND kept.pack = place.pack WHERE pack.name = ? ORDER BY place.position
"""
_NEEDED_OF = """
INSERT OR IGNORE INTO needed SELECT place.id, place.kind, place.pack, place.position
FROM place JOIN pack ON pack.number = place.pack
WHERE pack.name = ? AND present AND place.id IN (SELECT id FROM used)
"""
_DROP_SAFE = """
DELETE FROM needed WHERE id IN (
    SELECT place.id FROM place JOIN pack ON pack.number = place.pack
    WHERE indexed AND present AND NOT condemned
)
"""
_VANISHED = """
SELECT name FROM pack WHERE NOT present AND NOT EXISTS (
    SELECT 1 FROM place WHERE place.pack = pack.number AND place.id IN (SELECT id FROM used)
)
"""


_RECENT = 100_000
"""How much counted content is known without asking the database: a run mostly has what the last had."""


@dataclass(frozen=True, slots=True)
class PackUse:
    """One present pack that is not condemned.

    `chunk_bytes` is what its chunks take, compressed, `used_bytes` what those take that snapshots use. Both
    are 0 when it is not known what the pack holds: no index names it and its footer is damaged.
    """

    name: ObjectName
    size: int
    indexed: bool
    chunk_bytes: int
    used_bytes: int


class Usage:
    """Counts for one store. Close it, or use it in a `with` statement. One thread."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.executescript(_SCHEMA)
        self._database.executescript(_PACK_SCHEMA)
        self._pass = 0
        self._recent: set[tuple[Content, bool]] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Drop the database."""
        self._database.close()

    def next_pass(self) -> None:
        """Begin another pass: what it finds used first is counted apart, see `first_used_bytes`."""
        self._pass += 1

    def mark(self, root: Content) -> None:
        """Count every chunk that a snapshot with this root uses; what was counted before is not read again.

        Raises:
            DamagedError: a tree or a list of chunks cannot be read; the counts are then too low for use.
        """
        self._database.execute("BEGIN")
        try:
            waiting = [root]
            while waiting:
                content = waiting.pop()
                if not self._mark_content(content, is_tree=True):
                    continue
                for entry in self._repository.tree(content):
                    if entry.kind is EntryKind.FOLDER:
                        waiting.append(entry.content)
                    else:
                        self._mark_content(entry.content, is_tree=False)
        finally:
            self._database.execute("COMMIT")

    def load_packs(self) -> list[Problem]:
        """Read what all indexes say, then list the packs; return what could not be read.

        A pack that no index names is judged by its footer. What was loaded before is replaced.
        """
        self._database.executescript(_PACK_SCHEMA)
        transport = self._repository.transport
        problems: list[Problem] = []
        self._database.execute("BEGIN")
        for _, packs in read_indexes(transport, problems.append):
            for entry in packs:
                self._add_pack(entry, indexed=True)
        for info in list(transport.list(PACKS)):
            self._add_listed(info, problems)
        self._database.execute("COMMIT")
        return problems

    def leave_out(self, packs: Iterable[ObjectName]) -> None:
        """Leave condemned packs out of account until packs are loaded again."""
        rows = ((name,) for name in packs)
        self._database.executemany("UPDATE pack SET condemned = 1 WHERE name = ?", rows)

    def packs(self) -> list[PackUse]:
        """Return the present packs that are not condemned, with what is used of each."""
        rows = self._database.execute(_USED_STORED)
        return [
            PackUse(name, size, bool(indexed), int(chunks or 0), int(used or 0))
            for name, size, indexed, chunks, used in rows
        ]

    def keep(self, pack: ObjectName) -> int:
        """Let a pack keep the used chunks that no pack before it keeps; return their compressed bytes."""
        self._database.execute(_KEEP, (pack,))
        return int(self._database.execute(_KEPT_STORED, (pack,)).fetchone()[0] or 0)

    def keeps_all(self) -> bool:
        """Tell whether the packs that were asked to keep chunks hold every used one."""
        missing = "SELECT 1 FROM used WHERE id NOT IN (SELECT id FROM kept) LIMIT 1"
        return self._database.execute(missing).fetchone() is None

    def kept_chunks(self, pack: ObjectName) -> Iterator[tuple[ChunkId, ChunkKind]]:
        """Yield the chunks that a pack keeps, in its order."""
        for identifier, kind in self._database.execute(_KEPT_CHUNKS, (pack,)):
            yield ChunkId(identifier), ChunkKind(kind)

    def endangered(self, packs: Iterable[ObjectName]) -> int:
        """Find the used chunks of present packs that no present, indexed pack holds; return how many.

        Packs that were left out do not count as holding any.
        """
        execute = self._database.execute
        execute("DROP TABLE IF EXISTS needed")
        execute("CREATE TABLE needed (id BLOB PRIMARY KEY, kind INTEGER, pack INTEGER, position INTEGER)")
        for name in packs:
            execute(_NEEDED_OF, (name,))
        execute(_DROP_SAFE)
        return int(execute("SELECT COUNT(*) FROM needed").fetchone()[0])

    def endangered_chunks(self) -> Iterator[tuple[ChunkId, ChunkKind]]:
        """Yield what `endangered` found, pack by pack in their order."""
        rows = self._database.execute("SELECT id, kind FROM needed ORDER BY pack, position")
        for identifier, kind in rows:
            yield ChunkId(identifier), ChunkKind(kind)

    def count(self, packs: Iterable[ObjectName]) -> int:
        """Return how many of the packs are present."""
        return len(self._present_sizes(packs))

    def bytes_of(self, packs: Iterable[ObjectName]) -> int:
        """Return how many bytes those of the packs take that are present."""
        return sum(self._present_sizes(packs))

    def vanished(self) -> frozenset[ObjectName]:
        """Return packs that indexes name, that are not there, and of which nothing is used."""
        return frozenset(ObjectName(name) for (name,) in self._database.execute(_VANISHED))

    def first_used_bytes(self) -> int:
        """Return what the chunks that only this pass found used take in indexed packs, compressed."""
        query = (
            "SELECT SUM(stored) FROM (SELECT MIN(place.stored) AS stored FROM place"
            " JOIN pack ON pack.number = place.pack WHERE indexed AND present AND place.id IN"
            " (SELECT id FROM used GROUP BY id HAVING MIN(pass) = ?) GROUP BY place.id)"
        )
        return int(self._database.execute(query, (self._pass,)).fetchone()[0] or 0)

    def _present_sizes(self, packs: Iterable[ObjectName]) -> list[int]:
        query = "SELECT size FROM pack WHERE name = ? AND present"
        found = (self._database.execute(query, (name,)).fetchone() for name in packs)
        return [row[0] for row in found if row]

    def _mark_content(self, content: Content, *, is_tree: bool) -> bool:
        """Count a content's chunks, its lists included; tell whether it was not counted before."""
        if content.id is None or (content, is_tree) in self._recent:
            return False
        if len(self._recent) >= _RECENT:
            self._recent.clear()
        self._recent.add((content, is_tree))
        insert = "INSERT OR IGNORE INTO used VALUES (?, ?, ?)"
        row = (content.id, content.depth * 2 + is_tree, self._pass)
        if not self._database.execute(insert, row).rowcount:
            return False
        listed = self._repository.reader.listed(content)
        if content.depth == 1:
            self._database.executemany(insert, ((chunk, int(is_tree), self._pass) for chunk in listed))
        else:
            for chunk in listed:
                self._mark_content(Content(content.depth - 1, chunk), is_tree=is_tree)
        return True

    def _add_pack(self, entry: PackIndex, *, indexed: bool) -> None:
        execute = self._database.execute
        insert = "INSERT OR IGNORE INTO pack (name, size, indexed, present) VALUES (?, ?, ?, ?)"
        execute(insert, (entry.pack, entry.size, indexed, not indexed))
        number = execute("SELECT number FROM pack WHERE name = ?", (entry.pack,)).fetchone()[0]
        # Two indexes may name different blocks of a pack.
        self._database.executemany(
            "INSERT OR IGNORE INTO place VALUES (?, ?, ?, ?, ?)", chunk_places(number, entry)
        )

    def _add_listed(self, info: ObjectInfo, problems: list[Problem]) -> None:
        name = name_in(info.key)
        if name is None or info.key != pack_key(name):
            return
        update = "UPDATE pack SET present = 1, size = ? WHERE name = ?"
        if self._database.execute(update, (info.size, name)).rowcount:
            return
        try:
            blocks = read_blocks(self._repository.transport, info)
        except ObjectNotFoundError:
            return
        except DamagedError as error:
            problems.append(Problem(info.key, "damaged_pack", error.message))
            blocks = ()
        self._add_pack(PackIndex(name, info.size, blocks), indexed=False)


@contextmanager
def open_usage(repository: Repository) -> Iterator[Usage]:
    """Count in a temporary database for the time of a `with` block.

    Raises:
        TransportError: the database failed, as on a full disk.
    """
    try:
        with Usage(repository) as usage:
            yield usage
    except sqlite3.Error as error:
        raise TransportError(
            f"the temporary table of chunks failed: {error}",
            advice=Advice(AdviceCode.FREE_TEMPORARY_SPACE),
        ) from error
