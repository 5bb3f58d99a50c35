"""A folder of a snapshot as one of the two things to compare."""

from __future__ import annotations

from dataclasses import dataclass

from chatcask.advice import Advice, AdviceCode
from chatcask.errors import InvalidInputError, NotFoundError
from chatcask.format.tree import EMPTY, Content, EntryKind
from chatcask.repository.repository import Repository
from chatcask.repository.snapshots import StoredSnapshot


@dataclass(frozen=True, slots=True)
class SnapshotFolder:
    """A folder of a snapshot: its path, `/` at neither end, and its tree. Without a snapshot it is empty."""

    stored: StoredSnapshot | None = None
    path: str = ""
    tree: Content = EMPTY

    @property
    def id(self) -> str:
        """The snapshot's id, or ""."""
        return self.stored.reference.id if self.stored else ""


def snapshot_folder(repository: Repository, stored: StoredSnapshot, path: str) -> SnapshotFolder:
    """Return a folder of a snapshot; one that the snapshot lacks is empty.

    Raises:
        InvalidInputError: the path is that of a file.
        DamagedError: a tree on the way there cannot be read.
    """
    path = path.strip("/")
    try:
        entry = repository.entry(stored.snapshot.root, path)
    except NotFoundError:
        return SnapshotFolder(stored, path)
    if entry.kind is not EntryKind.FOLDER:
        raise InvalidInputError(f"{path} is a file", advice=Advice(AdviceCode.COMPARE_FOLDERS))
    return SnapshotFolder(stored, path, entry.content)
