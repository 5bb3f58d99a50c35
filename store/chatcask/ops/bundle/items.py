"""What a bundle carries: each state of each chosen path once, with the snapshots in which it was so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from chatcask.errors import DamagedError
from chatcask.format.bundle import MAXIMUM_DEPTH
from chatcask.format.tree import EMPTY, Content, Entry, sort_key
from chatcask.monitor import Monitor, Problem
from chatcask.ops.browse.selection import ChosenChats, tree_changes
from chatcask.repository.repository import Repository


@dataclass(slots=True)
class TolerantTrees:
    """Reads trees; a damaged one is told and counts as empty. `is_damaged` tells whether one was met."""

    repository: Repository
    monitor: Monitor
    is_damaged: bool = False

    def read(self, content: Content, path: str) -> tuple[Entry, ...]:
        """Return the entries of a tree."""
        try:
            return self.repository.tree(content)
        except DamagedError as error:
            name = content.id.hex()[:16] if content.id else ""
            self.monitor.problem(Problem(path or f"tree {name}", "damaged", error.message))
            self.is_damaged = True
            return ()


@dataclass(frozen=True, slots=True)
class Item:
    """One state of one path, and the ranges of snapshots in which it was so, each with its last."""

    path: str
    entry: Entry
    ranges: list[tuple[int, int]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Items:
    """What is chosen, sorted by path; `gap_from` is the first snapshot that may lack something."""

    items: tuple[Item, ...]
    gap_from: int


def find_items(trees: TolerantTrees, roots: Sequence[Content], chosen: ChosenChats) -> Items:
    """Walk from each root tree to the next; what cannot be carried is told to the monitor of `trees`."""
    items: dict[tuple[str, Entry], Item] = {}
    began: dict[str, tuple[int, Entry]] = {}
    before, gap_from = EMPTY, len(roots)
    for place, root in enumerate([*roots, EMPTY]):
        for change in tree_changes(trees.read, before, root):
            if not chosen.has(change.path) or not _can_carry(change.path, trees.monitor):
                continue
            if change.before is not None and change.path in began:
                start, entry = began.pop(change.path)
                item = items.setdefault((change.path, entry), Item(change.path, entry))
                item.ranges.append((start, place - 1))
            if change.after is not None:
                began[change.path] = (place, change.after)
        before = root
        if trees.is_damaged:
            gap_from = min(gap_from, place)
    return Items(tuple(sorted(items.values(), key=lambda item: (sort_key(item.path), item.ranges))), gap_from)


def _can_carry(path: str, monitor: Monitor) -> bool:
    if 1 < len(path.split("/")) <= MAXIMUM_DEPTH:
        return True
    monitor.problem(Problem(path[:200], "name", "its path is too long for a bundle"))
    return False
