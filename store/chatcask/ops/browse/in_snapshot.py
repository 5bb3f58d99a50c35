"""The chats of one snapshot, what cannot be read reported: one damaged part never hides the others.

Every loop over chats in this room reads them through these functions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TypeVar

from chatcask.catalog.catalog import Catalog
from chatcask.catalog.chat_file import ChatFile
from chatcask.errors import DamagedError
from chatcask.monitor import Monitor, Problem
from chatcask.ops.browse.sync_copies import named_after_chats, without_copies
from chatcask.repository.keys import SnapshotReference
from chatcask.repository.snapshots import StoredSnapshot

T = TypeVar("T")


def chats_in(catalog: Catalog, stored: StoredSnapshot, monitor: Monitor) -> tuple[ChatFile, ...]:
    """Return one file for each chat of a snapshot, the one that the editor reads; a sync copy is none."""
    report_gaps(catalog, stored, monitor)
    return without_copies(catalog, catalog.chats(stored.snapshot.root))


def chats_or_copies(catalog: Catalog, stored: StoredSnapshot, monitor: Monitor) -> tuple[ChatFile, ...]:
    """Return the chats of a snapshot, and of one whose own file it lacks the copy that a sync tool left."""
    report_gaps(catalog, stored, monitor)
    return named_after_chats(catalog, catalog.chats(stored.snapshot.root))


def files_in(catalog: Catalog, stored: StoredSnapshot, monitor: Monitor) -> tuple[ChatFile, ...]:
    """Return every file of a chat in a snapshot, also those that another one hides."""
    report_gaps(catalog, stored, monitor)
    return catalog.files(stored.snapshot.root)


def chats_named(
    catalog: Catalog, stored: StoredSnapshot, text: str, monitor: Monitor
) -> tuple[ChatFile, ...]:
    """Return the chats of a snapshot whose ids begin with a text; no other chat is looked at."""
    report_gaps(catalog, stored, monitor)
    return catalog.beginning_with(stored.snapshot.root, text)


def report_gaps(catalog: Catalog, stored: StoredSnapshot, monitor: Monitor) -> None:
    """Report the parts of a snapshot that cannot be read and may hold chats."""
    reference = stored.reference
    for gap in catalog.gaps(stored.snapshot.root):
        monitor.problem(replace(gap, path=gap.path or reference.key, snapshot=reference.id))


def is_hidden(path: str, gaps: Iterable[Problem]) -> bool:
    """Tell whether a path may be in a part of a snapshot that cannot be read."""
    return any(not gap.path or f"{path}/".startswith(f"{gap.path}/") for gap in gaps)


def readable(
    read: Callable[[ChatFile], T], file: ChatFile, reference: SnapshotReference, monitor: Monitor
) -> T | None:
    """Return what `read` makes of a chat; None if its bytes cannot be read, which is reported."""
    try:
        return read(file)
    except DamagedError as error:
        monitor.problem(Problem(file.path, "damaged", error.message, reference.id))
        return None


def each_root_once(snapshots: Iterable[StoredSnapshot]) -> Iterator[StoredSnapshot]:
    """Yield the snapshots that hold something else than those before them."""
    roots = set()
    for stored in snapshots:
        if stored.snapshot.root not in roots:
            roots.add(stored.snapshot.root)
            yield stored
