"""Builds a store as it is after years: many small runs, a million chunks, hardly any bytes.

python bench/scale_store.py --snapshots 2000 --chunks 1000000 --store DIR --user-data-dir DIR

Every run puts packs, an index and a manifest as a real run does, and adds one file; only the chunks are a
thousandth of the usual length, so blocks hold as many as usual. The user-data folder is a small real one.
"""

from __future__ import annotations

import argparse
import os
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from chatcask.format.chunker import cut_list
from chatcask.format.config import BlockParameters, Config
from chatcask.format.index import PackIndex, encode_index
from chatcask.format.new_pack import build_pack, encode_block
from chatcask.format.pack import NONCE_SIZE, ChunkKind
from chatcask.format.snapshot import Snapshot, SourceState, encode_snapshot
from chatcask.format.tree import Content, Entry, EntryKind, encode_tree
from chatcask.ids import ChunkId, ObjectName, chunk_id, object_name
from chatcask.repository.keys import SnapshotReference, index_key, pack_key
from chatcask.repository.repository import Repository
from chatcask.transport import LocalTransport, Transport
from chatcask_cli.demo import folder as fictional
from chatcask_cli.shell import environment
from scale import SOURCE

_CHUNK_SIZE = 32
_CHUNKS_PER_BLOCK = 500
_FILES_PER_WORKSPACE = 50
_LEVEL = 1
_HOST = "lighthouse"
_BETWEEN_RUNS = timedelta(hours=6)


@dataclass(slots=True)
class Run:
    """The chunks of one run, by kind."""

    chunks: dict[ChunkKind, list[bytes]] = field(default_factory=lambda: {kind: [] for kind in ChunkKind})

    def add(self, kind: ChunkKind, data: bytes) -> ChunkId:
        """Take a chunk; return its id."""
        self.chunks[kind].append(data)
        return chunk_id(data)

    def add_file(self, pieces: Sequence[bytes]) -> Content:
        """Take a file that is cut into these pieces."""
        ids, depth = [self.add(ChunkKind.DATA, piece) for piece in pieces], 0
        while len(ids) > 1:
            ids = [self.add(ChunkKind.LIST, joined) for joined in cut_list(ids)]
            depth += 1
        return Content(depth, ids[0])

    def add_folder(self, name: str, entries: Sequence[Entry]) -> Entry:
        """Take a tree; return the entry that names it."""
        content = Content(0, self.add(ChunkKind.TREE, encode_tree(entries)))
        return Entry(name, EntryKind.FOLDER, 0, 0, content)

    def put(self, transport: Transport) -> None:
        """Put the packs, one of data and one of the rest, and the index that names them."""
        rows = []
        for kinds in ((ChunkKind.DATA,), (ChunkKind.LIST, ChunkKind.TREE)):
            blocks = [
                encode_block(
                    kind,
                    b"".join(chunks),
                    [len(chunk) for chunk in chunks],
                    b"".join(map(chunk_id, chunks)),
                    level=_LEVEL,
                )
                for kind in kinds
                for chunks in _in_blocks(self.chunks[kind])
            ]
            pack = build_pack(blocks, os.urandom(NONCE_SIZE))
            transport.put(pack_key(pack.name), *pack.parts)
            rows.append(PackIndex(pack.name, pack.size, pack.blocks))
        index = encode_index(rows)
        transport.put(index_key(object_name(index)), index)


@dataclass(slots=True)
class Years:
    """What the folder holds so far; every run adds one file to one workspace."""

    generator: random.Random
    workspaces: int
    files: dict[str, list[Entry]] = field(default_factory=dict)
    folders: dict[str, Entry] = field(default_factory=dict)

    def add_run(self, run: Run, number: int, chunks: int) -> Content:
        """Add the file of a run; return the root tree."""
        raw = self.generator.randbytes(chunks * _CHUNK_SIZE)
        pieces = [raw[start : start + _CHUNK_SIZE] for start in range(0, len(raw), _CHUNK_SIZE)]
        workspace = f"{number % self.workspaces:032x}"
        files = self.files.setdefault(workspace, [])
        files.append(Entry(f"{number:06d}", EntryKind.FILE, len(raw), number, run.add_file(pieces)))
        edits = run.add_folder("chatEditingSessions", files)
        self.folders[workspace] = run.add_folder(workspace, [edits])
        workspaces = run.add_folder("workspaces", list(self.folders.values()))
        return run.add_folder("", [run.add_folder(SOURCE, [workspaces])]).content


def build(store: Path, snapshots: int, chunks: int, now: datetime) -> None:
    """Make a store of so many snapshots and chunks of data, the last one made shortly before `now`."""
    transport = LocalTransport(store)
    blocks = BlockParameters(size=_CHUNK_SIZE * _CHUNKS_PER_BLOCK)
    Repository.create(
        transport, Config("5ca1e" * 6 + "00", now.strftime("%Y-%m-%dT%H:%M:%SZ"), blocks=blocks)
    )
    years = Years(random.Random(1), -(-snapshots // _FILES_PER_WORKSPACE))
    parent: ObjectName | None = None
    for number in range(snapshots):
        run = Run()
        taken_at = now - (snapshots - number) * _BETWEEN_RUNS
        # The chunks are shared out so that the last run ends with exactly as many as were asked for.
        share = chunks * (number + 1) // snapshots - chunks * number // snapshots
        root = years.add_run(run, number, share)
        run.put(transport)
        parent = _commit(transport, taken_at, parent, root)


def _commit(transport: Transport, taken_at: datetime, parent: ObjectName | None, root: Content) -> ObjectName:
    source = SourceState(SOURCE, "code", captured=True, seen_at=taken_at)
    snapshot = Snapshot(
        taken_at=taken_at,
        finished_at=taken_at,
        host=_HOST,
        program="bench",
        parent=parent,
        root=root,
        sources=(source,),
        complete=True,
    )
    data = encode_snapshot(snapshot)
    # The runs are those of this user on this machine, as it was named before it had
    # an identity, so that the next real one takes them over.
    reference = SnapshotReference(taken_at, environment.machine().former_origin, object_name(data))
    transport.put(reference.key, data)
    return reference.id


def _in_blocks(chunks: list[bytes]) -> list[list[bytes]]:
    return [chunks[start : start + _CHUNKS_PER_BLOCK] for start in range(0, len(chunks), _CHUNKS_PER_BLOCK)]


def main() -> None:
    parser = argparse.ArgumentParser(description="Builds a store of many runs and many chunks.")
    parser.add_argument("--snapshots", type=int, required=True)
    parser.add_argument("--chunks", type=int, required=True)
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--user-data-dir", type=Path, required=True)
    options = parser.parse_args()
    now = datetime.now(UTC)
    fictional.build_folder(options.user_data_dir, now - timedelta(days=1))
    build(options.store, options.snapshots, options.chunks, now)


if __name__ == "__main__":
    main()
