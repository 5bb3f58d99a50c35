"""Compare two root trees file by file; folders that are equal are not read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from chatcask.format.tree import EMPTY, Content, Entry, EntryKind, sort_key
from chatcask.repository.repository import Repository


class ChangeKind(StrEnum):
    """What happened to a path between two trees."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file or link that differs. Sizes in bytes; None on the side that does not have it."""

    path: str
    kind: ChangeKind
    size_before: int | None
    size_after: int | None


def diff_trees(
    repository: Repository, before: Content, after: Content, prefix: str = ""
) -> Iterator[FileChange]:
    """Yield the files that differ between two trees, sorted by path. A new time alone is no difference.

    Raises:
        DamagedError: a tree cannot be read.
    """
    if before == after:
        return
    old = {entry.name: entry for entry in repository.tree(before)}
    new = {entry.name: entry for entry in repository.tree(after)}
    for name in sorted(old.keys() | new.keys(), key=sort_key):
        yield from _diff_entry(repository, old.get(name), new.get(name), f"{prefix}{name}")


def _diff_entry(
    repository: Repository, before: Entry | None, after: Entry | None, path: str
) -> Iterator[FileChange]:
    if _is_folder(before) or _is_folder(after):
        yield from diff_trees(repository, _tree_of(before), _tree_of(after), f"{path}/")
    old = before if before and not _is_folder(before) else None
    new = after if after and not _is_folder(after) else None
    if old and new and (old.content, old.kind) == (new.content, new.kind):
        return
    if old and new:
        yield FileChange(path, ChangeKind.CHANGED, old.size, new.size)
    elif old:
        yield FileChange(path, ChangeKind.REMOVED, old.size, None)
    elif new:
        yield FileChange(path, ChangeKind.ADDED, None, new.size)


def _is_folder(entry: Entry | None) -> bool:
    return entry is not None and entry.kind is EntryKind.FOLDER


def _tree_of(entry: Entry | None) -> Content:
    return entry.content if entry and entry.kind is EntryKind.FOLDER else EMPTY
