"""Store again what only condemned packs hold of a tree, so that a new snapshot may reference it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from chatcask.errors import DamagedError
from chatcask.format.pack import ChunkKind
from chatcask.format.tree import Content, EntryKind
from chatcask.monitor import Problem
from chatcask.repository.repository import Repository

if TYPE_CHECKING:
    from chatcask.repository.chunk_writer import ChunkWriter


def preserve(repository: Repository, writer: ChunkWriter, root: Content) -> Iterator[Problem]:
    """Add every chunk of a durable tree that the writer does not know; yield what cannot be read.

    A writer that was told of condemned packs takes them for absent (docs/format.md section 12), so
    afterwards nothing of the tree depends on them.
    """
    yield from _Preserving(repository, writer).folder(root, "")


class _Preserving:
    """One walk; remembers what it has looked at."""

    def __init__(self, repository: Repository, writer: ChunkWriter) -> None:
        self._repository = repository
        self._writer = writer
        self._done: set[tuple[Content, ChunkKind]] = set()

    def folder(self, content: Content, path: str) -> Iterator[Problem]:
        if (content, ChunkKind.TREE) in self._done:
            return
        try:
            self._keep(content, ChunkKind.TREE)
            entries = self._repository.tree(content)
        except DamagedError as error:
            yield Problem(path, "damaged", error.message)
            return
        for entry in entries:
            where = f"{path}/{entry.name}" if path else entry.name
            if entry.kind is EntryKind.FOLDER:
                yield from self.folder(entry.content, where)
                continue
            try:
                self._keep(entry.content, ChunkKind.DATA)
            except DamagedError as error:
                yield Problem(where, "damaged", error.message)

    def _keep(self, content: Content, kind: ChunkKind) -> None:
        """Keep a content's lists and what they list."""
        if content.id is None or (content, kind) in self._done:
            return
        if content.depth or kind is ChunkKind.TREE:  # single chunks would be too many to remember
            self._done.add((content, kind))
        if not self._writer.knows(content.id):
            found = kind if content.depth == 0 else ChunkKind.LIST
            self._writer.add(found, self._repository.reader.get(content.id))
        for listed in self._repository.reader.listed(content):
            self._keep(Content(content.depth - 1, listed), kind)
