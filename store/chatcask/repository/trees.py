"""The trees of a store: read, walked, and looked into by path."""

from __future__ import annotations

from collections.abc import Iterator

from chatcask.advice import Advice, AdviceCode
from chatcask.errors import DamagedError, NotFoundError
from chatcask.format.tree import EMPTY, Content, Entry, EntryKind, decode_tree
from chatcask.repository.chunk_reader import ChunkReader

_FREE_ROWS = 20_000
_TIMES = 20
"""How often a walk may meet each row, beyond the first rows: equal folders are met more than once."""
_LARGEST_TREE = 64 * 1024 * 1024
MAXIMUM_NESTING = 150
"""How many folders may stand inside each other; a run stores no more than about 70."""


def read_tree(reader: ChunkReader, content: Content) -> tuple[Entry, ...]:
    """Read a tree.

    Raises:
        DamagedError: it cannot be read.
    """
    if content == EMPTY:
        return ()
    name = content.id.hex()[:16] if content.id else ""
    return decode_tree(reader.read_all(content, _LARGEST_TREE), f"tree {name}")


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


def require_shallow(path: str) -> None:
    """Refuse a path of more folders than any run stores.

    Raises:
        DamagedError: it is one.
    """
    if path.count("/") > MAXIMUM_NESTING:
        raise DamagedError("its folders stand deeper inside each other than in any editor's folder")


class Expansion:
    """Counts what one walk through trees meets, so that a few trees cannot stand for billions of paths.

    Equal folders share a tree. Where each tree holds the next one twice, the number of paths doubles at every
    level; no editor's folder repeats itself like that.
    """

    def __init__(self) -> None:
        self._met = 0
        self._distinct = 0
        self._seen: set[Content] = set()

    def note(self, content: Content, rows: int, path: str) -> None:
        """Note that a tree of so many rows was met at a path.

        Raises:
            DamagedError: the walk has met far more rows than the trees hold that it met, or folders stand
                deeper inside each other than any run stores them.
        """
        require_shallow(path)
        self._met += rows
        if content not in self._seen:
            self._seen.add(content)
            self._distinct += rows
        if self._met > _FREE_ROWS + _TIMES * self._distinct:
            raise DamagedError("its folders hold each other more often than any editor's folder does")


def walk_tree(reader: ChunkReader, content: Content, prefix: str = "") -> Iterator[tuple[str, Entry]]:
    """Yield (path, entry) of everything below a tree, folders before what they hold.

    Raises:
        DamagedError: a tree cannot be read, or expands without end.
    """
    met = Expansion()

    def rows(tree: Content, path: str) -> list[tuple[str, Entry]]:
        entries = read_tree(reader, tree)
        met.note(tree, len(entries), path)
        return [(f"{path}{entry.name}", entry) for entry in reversed(entries)]

    waiting = rows(content, prefix)
    while waiting:
        path, entry = waiting.pop()
        yield path, entry
        if entry.kind is EntryKind.FOLDER:
            waiting += rows(entry.content, f"{path}/")
