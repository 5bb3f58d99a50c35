"""Chunks into packs: what the store has is not stored again.

New chunks are joined to blocks, worker threads compress the blocks, full packs are put, and `finish` is
the one barrier after which everything added is durable and indexed.
"""

from __future__ import annotations

import io
import os
from collections import deque
from collections.abc import Callable, Collection, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from chatcask.format.chunker import TREE_PARAMETERS, Chunker, Readable, cut_list
from chatcask.format.config import Config
from chatcask.format.index import PackIndex, encode_index
from chatcask.format.new_pack import EncodedBlock, build_pack, encode_block
from chatcask.format.pack import NONCE_SIZE, TARGET_PACK_SIZE, ChunkKind
from chatcask.format.tree import EMPTY, Content, Cuts, Entry, encode_tree
from chatcask.ids import CHUNK_ID_SIZE, ChunkId, ObjectName, chunk_id, object_name
from chatcask.repository.keys import PACKS, index_key, name_in, pack_key
from chatcask.repository.locations import Locations
from chatcask.transport.base import Transport

_WORKERS = 2
_BLOCKS_IN_FLIGHT = _WORKERS + 1
_CHUNKS_PER_INDEX = 60_000
"""Chunks after which an index is put, so that a run of millions needs no more memory than one of these."""
_CAREFUL_LEVEL = 9
_CAREFUL_BYTES = 16 * 1024 * 1024
"""How much of a run is compressed with care: all of a day of use, little of a first snapshot."""


@dataclass(frozen=True, slots=True)
class WriteTotals:
    """What a writer stored: raw bytes of new chunks, and bytes and names of what it put."""

    bytes_new: int
    bytes_stored: int
    packs: tuple[ObjectName, ...]


@dataclass(slots=True)
class _OpenBlock:
    """Chunks of one kind that wait to become a block."""

    raw: bytearray = field(default_factory=bytearray)
    lengths: list[int] = field(default_factory=list)
    ids: list[ChunkId] = field(default_factory=list)


@dataclass(slots=True)
class _OpenPack:
    """Blocks, compressed or on their way, that wait to become a pack."""

    pending: deque[Future[EncodedBlock]] = field(default_factory=deque)
    done: list[EncodedBlock] = field(default_factory=list)
    size: int = 0


class ChunkWriter:
    """Adds chunks to a store. One writer serves one run and one thread; `finish` or `abandon` ends it."""

    def __init__(
        self,
        transport: Transport,
        locations: Locations,
        config: Config,
        *,
        condemned: frozenset[ObjectName] = frozenset(),
        distrusted: Collection[ObjectName] = (),
        random_bytes: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self._transport = transport
        self._locations = locations
        self._config = config
        self._condemned = condemned
        self._distrusted = distrusted
        self._random_bytes = random_bytes
        chunker = Chunker(config.chunker)
        self._chunkers = {ChunkKind.DATA: chunker, ChunkKind.TREE: Chunker(TREE_PARAMETERS)}
        self._present: frozenset[ObjectName] | None = None
        self._added: set[ChunkId] = set()
        self._blocks = {kind: _OpenBlock() for kind in ChunkKind}
        data, metadata = _OpenPack(), _OpenPack()
        self._packs = {ChunkKind.DATA: data, ChunkKind.LIST: metadata, ChunkKind.TREE: metadata}
        self._workers = ThreadPoolExecutor(_WORKERS, thread_name_prefix="chatcask-compress")
        self._unindexed: list[PackIndex] = []
        self._stored: list[ObjectName] = []
        self._bytes_new = 0
        self._bytes_stored = 0
        self._bytes_with_care = 0

    @property
    def bytes_new(self) -> int:
        """Raw bytes of chunks that the store lacked, so far."""
        return self._bytes_new

    def knows(self, chunk: ChunkId) -> bool:
        """Tell whether this run added the chunk, or a present, trusted, not condemned pack holds it."""
        if chunk in self._added:
            return True
        packs = [pack for pack in self._locations.packs_of(chunk) if pack not in self._distrusted]
        return bool(packs) and not self._present_packs().isdisjoint(packs)

    def add(self, kind: ChunkKind, data: bytes | memoryview) -> ChunkId:
        """Store one chunk unless the store has it; return its id."""
        identifier = chunk_id(data)
        if not self.knows(identifier):
            self._append(kind, identifier, data)
        return identifier

    def _append(self, kind: ChunkKind, identifier: ChunkId, data: bytes | memoryview) -> None:
        """Take a chunk into the open block of its kind."""
        block = self._blocks[kind]
        if block.raw and len(block.raw) + len(data) > self._config.blocks.size:
            self._close_block(kind)
            block = self._blocks[kind]
        block.raw += data
        block.lengths.append(len(data))
        block.ids.append(identifier)
        self._added.add(identifier)
        self._bytes_new += len(data)

    def add_stream(self, source: Readable) -> tuple[Content, Cuts]:
        """Store what a stream yields; return its content and where it was cut."""
        return self._add_stream(ChunkKind.DATA, source)

    def add_bytes(self, data: bytes) -> Content:
        """Store a small value, such as a row of a state database, beside the trees it is read with."""
        return self._add_stream(ChunkKind.TREE, io.BytesIO(data))[0]

    def add_tree(self, entries: Iterable[Entry]) -> Content:
        """Store a tree; return its content."""
        return self._add_stream(ChunkKind.TREE, io.BytesIO(encode_tree(entries)))[0]

    def finish(self) -> WriteTotals:
        """Make everything added durable and indexed. The writer cannot be used again."""
        try:
            for kind in ChunkKind:
                self._close_block(kind)
            for pack in {id(pack): pack for pack in self._packs.values()}.values():
                self._collect(pack, leave=0)
                self._close_pack(pack)
            self._put_index()
        finally:
            self.abandon()
        return WriteTotals(self._bytes_new, self._bytes_stored, tuple(self._stored))

    def abandon(self) -> None:
        """Stop the workers. What was put already is garbage that no snapshot names."""
        self._workers.shutdown(cancel_futures=True)

    def _add_stream(self, kind: ChunkKind, source: Readable) -> tuple[Content, Cuts]:
        cuts = [(self.add(kind, data), len(data)) for data in self._chunkers[kind].cut(source)]
        return self._fold([chunk for chunk, _ in cuts]), cuts

    def _fold(self, ids: list[ChunkId]) -> Content:
        depth = 0
        while len(ids) > 1:
            ids = [self.add(ChunkKind.LIST, joined) for joined in cut_list(ids)]
            depth += 1
        return Content(depth, ids[0]) if ids else EMPTY

    def _present_packs(self) -> frozenset[ObjectName]:
        if self._present is None:
            listed = (name_in(info.key) for info in self._transport.list(PACKS))
            self._present = frozenset(name for name in listed if name) - self._condemned
        return self._present

    def _close_block(self, kind: ChunkKind) -> None:
        block = self._blocks[kind]
        if not block.ids:
            return
        self._blocks[kind] = _OpenBlock()
        pack = self._packs[kind]
        pack.pending.append(self._workers.submit(_encode, kind, block, self._level_for(block)))
        self._collect(pack, leave=_BLOCKS_IN_FLIGHT)
        if pack.size >= TARGET_PACK_SIZE:
            self._close_pack(pack)

    def _level_for(self, block: _OpenBlock) -> int:
        level = self._config.blocks.level
        if self._bytes_with_care + len(block.raw) > _CAREFUL_BYTES:
            return level
        self._bytes_with_care += len(block.raw)
        return max(level, _CAREFUL_LEVEL)

    def _collect(self, pack: _OpenPack, *, leave: int) -> None:
        """Take compressed blocks in order, waiting until at most `leave` are under way."""
        while pack.pending and (len(pack.pending) > leave or pack.pending[0].done()):
            block = pack.pending.popleft().result()
            pack.done.append(block)
            pack.size += len(block.header) + len(block.stored)

    def _close_pack(self, pack: _OpenPack) -> None:
        if not pack.done:
            return
        built = build_pack(pack.done, self._random_bytes(NONCE_SIZE))
        pack.done, pack.size = [], 0
        self._transport.put(pack_key(built.name), *built.parts)
        self._unindexed.append(PackIndex(built.name, built.size, built.blocks))
        self._stored.append(built.name)
        self._bytes_stored += built.size
        waiting = sum(len(b.chunk_ids) for entry in self._unindexed for b in entry.blocks) // CHUNK_ID_SIZE
        if waiting >= _CHUNKS_PER_INDEX:
            self._put_index()

    def _put_index(self) -> None:
        """Index the packs put so far, so that memory does not grow with the run."""
        if not self._unindexed:
            return
        data = encode_index(self._unindexed)
        name = object_name(data)
        self._transport.put(index_key(name), data)
        self._locations.add(name, self._unindexed)
        self._bytes_stored += len(data)
        indexed = {chunk for entry in self._unindexed for b in entry.blocks for chunk, _, _ in b.chunks()}
        self._added -= indexed
        self._present = self._present_packs() | {entry.pack for entry in self._unindexed}
        self._unindexed = []


def _encode(kind: ChunkKind, block: _OpenBlock, level: int) -> EncodedBlock:
    return encode_block(kind, block.raw, block.lengths, b"".join(block.ids), level=level)
