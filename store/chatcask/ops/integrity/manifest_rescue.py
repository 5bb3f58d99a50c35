"""Make a snapshot's manifest again from what a damaged one still says.

Its key tells when and whose, its bytes which tree; the tree's own hash proves that it is the right one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from chatcask.errors import DamagedError
from chatcask.format.snapshot import Snapshot, SourceState, encode_snapshot
from chatcask.format.tree import MAXIMUM_DEPTH, Content, Entry, EntryKind
from chatcask.ids import ChunkId, object_name
from chatcask.monitor import Problem
from chatcask.repository.keys import SnapshotReference
from chatcask.repository.snapshots import StoredSnapshot

# How msgpack writes the key `root` and its value, an array of a small number and 32 bytes.
_ROOT = re.compile(rb"\xa4root\x92([\x00-\x08])\xc4\x20(.{32})", re.DOTALL)
_SOURCE = re.compile(r"[a-z][a-z0-9-]*(~[0-9a-f]{8})?")
_REASON = "unreadable"

ReadTree = Callable[[Content], tuple[Entry, ...]]


def rescue_manifest(
    damaged: bytes, reference: SnapshotReference, read_tree: ReadTree
) -> StoredSnapshot | None:
    """Return a snapshot with the tree that a damaged manifest names, and its place; None if it names none.

    The same damaged bytes always give the same snapshot, so rescuing twice changes nothing.
    """
    for root in _roots(damaged):
        try:
            entries = read_tree(root)
        except DamagedError:
            continue
        if looks_like_root(entries):
            snapshot = _snapshot(reference, root, entries)
            name = object_name(encode_snapshot(snapshot))
            return StoredSnapshot(SnapshotReference(reference.taken_at, reference.origin, name), snapshot)
    return None


def looks_like_root(entries: tuple[Entry, ...], products: frozenset[str] | None = None) -> bool:
    """Tell whether a tree has the shape of a root tree: folders named by ids of these products' sources."""
    return bool(entries) and all(
        entry.kind is EntryKind.FOLDER
        and _SOURCE.fullmatch(entry.name)
        and (products is None or entry.name.partition("~")[0] in products)
        for entry in entries
    )


def _roots(damaged: bytes) -> Iterator[Content]:
    for match in _ROOT.finditer(damaged):
        depth = match[1][0]
        if depth <= MAXIMUM_DEPTH:
            yield Content(depth, ChunkId(match[2]))


def _snapshot(reference: SnapshotReference, root: Content, entries: tuple[Entry, ...]) -> Snapshot:
    moment = reference.taken_at
    return Snapshot(
        taken_at=moment,
        finished_at=moment,
        host="",
        program="chatcask repair",
        parent=None,
        root=root,
        sources=tuple(
            SourceState(e.name, e.name.partition("~")[0], captured=False, seen_at=moment, reason=_REASON)
            for e in entries
        ),
        complete=False,
        problems=(
            Problem(reference.key, "damaged_snapshot", "the manifest was damaged; this one replaces it"),
        ),
        problem_count=1,
    )
