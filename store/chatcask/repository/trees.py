"""The trees of a store: read, walked, and looked into by path."""

from __future__ import annotations

from collections.abc import Iterator

from chatcask.advice import Advice, AdviceCode
from chatcask.errors import NotFoundError
from chatcask.format.tree import EMPTY, Content, Entry, EntryKind, decode_tree
from chatcask.repository.chunk_reader import ChunkReader


def read_tree(reader: ChunkReader, content: Content) -> tuple[Entry, ...]:
    """Read a tree.

    Raises:
        DamagedError: it cannot be read.
    """
    if content == EMPTY:
        return ()
    name = content.id.hex()[:16] if content.id else ""
    return decode_tree(reader.read_all(content), f"tree {name}")


def entry_at(reader: ChunkReader, root: Content, path: str) -> Entry:
    """Return the entry at a path inside a root tree; the empty path is the root itself.

    Raises:
        DamagedError: a tree on the way cannot be read.
        NotFoundError: there is nothing at that path; the message says how far it led.
    """
    entry = Entry("", EntryKind.FOLDER, 0, 0, root)
    walked: list[str] = []
    for part in (part for part in path.split("/") if part):
        children = read_tree(reader, entry.content) if entry.kind is EntryKind.FOLDER else ()
        match = next((child for child in children if child.name == part), None)
        if match is None:
            place = "/".join(walked) or "the snapshot"
            raise NotFoundError(
                f"nothing named {part!r} in {place}",
                what="path",
                name=path,
                advice=Advice(AdviceCode.LIST_FOLDER),
            )
        entry = match
        walked.append(part)
    return entry


def walk_tree(reader: ChunkReader, content: Content, prefix: str = "") -> Iterator[tuple[str, Entry]]:
    """Yield (path, entry) of everything below a tree, folders before what they hold.

    Raises:
        DamagedError: a tree cannot be read.
    """
    for entry in read_tree(reader, content):
        path = f"{prefix}{entry.name}"
        yield path, entry
        if entry.kind is EntryKind.FOLDER:
            yield from walk_tree(reader, entry.content, f"{path}/")
