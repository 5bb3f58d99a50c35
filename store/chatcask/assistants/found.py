"""What an assistant finds to be captured: files, links, folders and rows of databases, listed lazily."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from chatcask.monitor import Problem


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A regular file; `name` is its entry name in the tree, `path` is where to open it."""

    name: str
    path: str
    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class FoundFolder:
    """A folder; `list` reads it anew on every call and may yield nothing, since folders are not probed."""

    name: str
    list: Callable[[], Iterator[Item]]


@dataclass(frozen=True, slots=True)
class FoundState:
    """The picked rows of a state database, to be kept as a folder of `<key>.json` files.

    Attributes:
        name: `state`, or `state-backup` for rows of the backup that differ.
        path: The database file.
        size: Changes when the rows may have changed, together with `mtime_ns`; see `state_items`.
        mtime_ns: See `size`.
        read: Reads the rows as (file name, exact value) sorted by file name. It raises an error of this
            library or `OSError` when that fails.
    """

    name: str
    path: str
    size: int
    mtime_ns: int
    read: Callable[[], tuple[tuple[str, bytes], ...]]


Item = FoundFile | FoundFolder | FoundState
Report = Callable[[Problem], None]
