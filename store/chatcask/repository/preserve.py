"""Store again what only condemned packs hold of a tree, so that a new snapshot may reference it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from chatcask.errors import DamagedError
from chatcask.format.pack import ChunkKind
from chatcask.format.tree import Content, EntryKind
from chatcask.monitor import Problem
from chatcask.repository.chunk_reader import ChunkReader
from chatcask.repository.chunk_writer import ChunkWriter
from chatcask.repository.trees import read_tree, require_shallow


def preserve(
    reader: ChunkReader, writer: ChunkWriter, root: Content, report: Callable[[Problem], None]
) -> None:
    """Add every chunk of a durable tree that the writer does not know; report what cannot be read.

    A writer that was told of condemned packs takes them for absent (docs/format.md section 12), so
    afterwards nothing of the tree depends on them.
    """
    _folder(_Walk(reader, writer, report, set()), root, "")


@dataclass(frozen=True, slots=True)
class _Walk:
    """What is read from and stored with, who is told, and what was looked at already."""

    reader: ChunkReader
    writer: ChunkWriter
    report: Callable[[Problem], None]
    done: set[tuple[Content, ChunkKind]]


def _folder(walk: _Walk, content: Content, path: str) -> None:
    if (content, ChunkKind.TREE) in walk.done:
        return
    try:
        require_shallow(path)
        _keep(walk, content, ChunkKind.TREE)
        entries = read_tree(walk.reader, content)
    except DamagedError as error:
        walk.report(Problem(path, "damaged", error.message))
        return
    for entry in entries:
        where = f"{path}/{entry.name}" if path else entry.name
        if entry.kind is EntryKind.FOLDER:
            _folder(walk, entry.content, where)
            continue
        try:
            _keep(walk, entry.content, ChunkKind.DATA)
        except DamagedError as error:
            walk.report(Problem(where, "damaged", error.message))


def _keep(walk: _Walk, content: Content, kind: ChunkKind) -> None:
    """Keep a content's lists and what they list."""
    if content.id is None or (content, kind) in walk.done:
        return
    if content.depth or kind is ChunkKind.TREE:  # single chunks would be too many to remember
        walk.done.add((content, kind))
    if not walk.writer.knows(content.id):
        walk.writer.add(kind if content.depth == 0 else ChunkKind.LIST, walk.reader.get(content.id))
    for listed in walk.reader.listed(content):
        _keep(walk, Content(content.depth - 1, listed), kind)
