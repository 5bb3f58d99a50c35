"""Compare two folders of snapshots file by file; folders that are equal are not read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from chatcask.errors import DamagedError
from chatcask.format.tree import EMPTY, Content, Entry, EntryKind, sort_key
from chatcask.monitor import Monitor, Problem
from chatcask.ops.browse.snapshot_folder import SnapshotFolder
from chatcask.repository.repository import Repository
from chatcask.repository.trees import Expansion


class FileChangeKind(StrEnum):
    """What happened to a path between two trees."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class ChangedFile:
    """One file or link that differs. Sizes in bytes; None on the side that does not have it."""

    path: str
    kind: FileChangeKind
    size_before: int | None
    size_after: int | None


@dataclass(frozen=True, slots=True)
class _Comparison:
    repository: Repository
    before: SnapshotFolder
    after: SnapshotFolder
    monitor: Monitor
    met: Mapping[str, Expansion]


def diff_trees(
    repository: Repository, before: SnapshotFolder, after: SnapshotFolder, monitor: Monitor
) -> Iterator[ChangedFile]:
    """Yield the files that differ between two folders, sorted by path. A new time alone is no difference.

    Of a folder that cannot be read on either side nothing is known: it is reported, and the others are
    compared.
    """
    met = {side.id: Expansion() for side in (before, after)}
    comparison = _Comparison(repository, before, after, monitor, met)
    yield from _folders(comparison, before.tree, after.tree, "")


def _folders(comparison: _Comparison, before: Content, after: Content, prefix: str) -> Iterator[ChangedFile]:
    if before == after:
        return
    old = _entries(comparison, comparison.before, before, prefix)
    new = _entries(comparison, comparison.after, after, prefix)
    if old is None or new is None:
        return
    for name in sorted(old.keys() | new.keys(), key=sort_key):
        yield from _entry(comparison, old.get(name), new.get(name), f"{prefix}{name}")


def _entries(
    comparison: _Comparison, side: SnapshotFolder, tree: Content, prefix: str
) -> Mapping[str, Entry] | None:
    """Return the entries of a tree by name; None for one that cannot be read, which is reported."""
    try:
        entries = {entry.name: entry for entry in comparison.repository.tree(tree)}
        comparison.met[side.id].note(tree, len(entries), prefix)
    except DamagedError as error:
        path = f"{side.path}/{prefix}".strip("/") or (side.stored.reference.key if side.stored else "")
        comparison.monitor.problem(Problem(path, "damaged", error.message, side.id))
        return None
    return entries


def _entry(
    comparison: _Comparison, before: Entry | None, after: Entry | None, path: str
) -> Iterator[ChangedFile]:
    if _is_folder(before) or _is_folder(after):
        yield from _folders(comparison, _tree_of(before), _tree_of(after), f"{path}/")
    old = before if before and not _is_folder(before) else None
    new = after if after and not _is_folder(after) else None
    if old and new and (old.content, old.kind) == (new.content, new.kind):
        return
    if old and new:
        yield ChangedFile(path, FileChangeKind.CHANGED, old.size, new.size)
    elif old:
        yield ChangedFile(path, FileChangeKind.REMOVED, old.size, None)
    elif new:
        yield ChangedFile(path, FileChangeKind.ADDED, None, new.size)


def _is_folder(entry: Entry | None) -> bool:
    return entry is not None and entry.kind is EntryKind.FOLDER


def _tree_of(entry: Entry | None) -> Content:
    return entry.content if entry and entry.kind is EntryKind.FOLDER else EMPTY
