"""Stores that nobody's program wrote: trees and files that expand to far more than they take."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from chatcask.format.pack import ChunkKind
from chatcask.format.tree import Content, Entry, EntryKind
from chatcask.ids import ChunkId
from chatcask.repository.chunk_writer import ChunkWriter
from chatcask.repository.repository import Repository
from chatcask.transport import Transport

Craft = Callable[[ChunkWriter, Entry], Entry]
"""Returns what stands in the place of a source's entry."""


def folder(name: str, content: Content) -> Entry:
    return Entry(name, EntryKind.FOLDER, 0, 0, content)


def expanding(writer: ChunkWriter, depth: int, wide: int = 30, piece: bytes = b"x" * 100) -> Content:
    """Store a list of lists of equal ids each, which stands for `wide` to the power of `depth` pieces."""
    found = ChunkId(writer.add(ChunkKind.DATA, piece))
    for _ in range(depth):
        found = ChunkId(writer.add(ChunkKind.LIST, found * wide))
    return Content(depth, found)


def doubling(writer: ChunkWriter, levels: int = 60) -> Content:
    """Store trees each of which holds the next one twice."""
    tree = writer.add_tree([Entry("f", EntryKind.FILE, 1, 0, writer.add_bytes(b"x"))])
    for _ in range(levels):
        tree = writer.add_tree([folder("a", tree), folder("b", tree)])
    return tree


def nested(writer: ChunkWriter, levels: int = 3000) -> Content:
    """Store trees each of which holds the next one once."""
    tree = writer.add_tree([Entry("f", EntryKind.FILE, 1, 0, writer.add_bytes(b"x"))])
    for _ in range(levels):
        tree = writer.add_tree([folder("d", tree)])
    return tree


def craft(transport: Transport, change: Callable[[ChunkWriter], tuple[str, Entry]]) -> None:
    """Commit a snapshot like the newest, with an entry put at a path."""
    with Repository.open(transport) as repository:
        reference = repository.snapshots()[-1]
        snapshot = repository.load(reference)
        run = repository.begin()
        writer = run.writer()
        path, entry = change(writer)
        root = _put(repository, writer, snapshot.root, path.split("/"), entry)
        writer.finish()
        run.commit(reference.origin, replace(snapshot, root=root, parent=reference.id))


def _put(
    repository: Repository, writer: ChunkWriter, tree: Content, path: list[str], entry: Entry
) -> Content:
    name, *rest = path
    entries = {found.name: found for found in repository.tree(tree)}
    if rest:
        below = entries[name].content if name in entries else Content(0, None)
        entries[name] = folder(name, _put(repository, writer, below, rest, entry))
    else:
        entries[name] = replace(entry, name=name)
    return writer.add_tree(list(entries.values()))
