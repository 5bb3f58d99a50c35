"""Read one chat folder at a time and say what each of its entries is.

What cannot be taken becomes a `Problem` whose path is the logical one inside the source, such as
`workspaces/<id>/chatSessions/<file>`: it tells where the gap is, and no home folder.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from chatcask.monitor import Problem

_JUNCTION = 0xA0000003  # IO_REPARSE_TAG_MOUNT_POINT: a folder link of Windows that is no symbolic link
_KINDS = {
    stat.S_IFDIR: "a folder where a file should be",
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A regular file; `name` is its entry name in the tree, `path` is where to open it."""

    name: str
    path: str
    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class FoundLink:
    """A symbolic link, kept as a link and never followed; the caller reads its target."""

    name: str
    path: str
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
        read: Reads the rows as (file name, exact value) sorted by file name. It raises `StateDatabaseError`
            or `OSError` when that fails.
    """

    name: str
    path: str
    size: int
    mtime_ns: int
    read: Callable[[], tuple[tuple[str, bytes], ...]]


Item = FoundFile | FoundLink | FoundFolder | FoundState
Report = Callable[[Problem], None]
Entry = os.DirEntry[str]


def name_order(name: str) -> bytes:
    """Return the sort key of an entry name: its bytes, also where they are not UTF-8."""
    return name.encode("utf-8", "surrogateescape" if os.name == "posix" else "surrogatepass")


def read_folder(path: str, logical: str, report: Report) -> list[Entry]:
    """Return the entries of a folder sorted by name; a folder that cannot be read is reported."""
    try:
        with os.scandir(path) as scan:
            return sorted(scan, key=lambda entry: name_order(entry.name))
    except OSError as error:
        report(problem_of(logical, error))
        return []


def read_fixed_folder(path: str, logical: str, report: Report) -> dict[str, Entry]:
    """Return the entries, by name, of a folder that need not exist."""
    try:
        with os.scandir(path) as scan:
            entries = sorted(scan, key=lambda entry: name_order(entry.name))
    except FileNotFoundError:
        return {}
    except OSError as error:
        report(problem_of(logical, error))
        return {}
    return {entry.name: entry for entry in entries}


def problem_of(logical: str, error: OSError) -> Problem:
    """Return the problem for an operating system error at a logical path."""
    if isinstance(error, (FileNotFoundError, NotADirectoryError)):
        return Problem(logical, "vanished", "it disappeared while it was being read")
    return Problem(logical, "unreadable", error.strerror or str(error))


def file_or_link(entry: Entry, logical: str, report: Report, name: str = "") -> FoundFile | FoundLink | None:
    """Return what a file entry is; anything that is neither file nor link is reported.

    Args:
        entry: An entry of a folder just read.
        logical: The logical path of that folder.
        report: Receives a problem instead of an item.
        name: The entry name in the tree, if it is another than on disk.
    """
    where = f"{logical}/{name or entry.name}"
    try:
        found = entry.stat(follow_symlinks=False)
    except OSError as error:
        report(problem_of(where, error))
        return None
    if stat.S_ISREG(found.st_mode):
        return FoundFile(name or entry.name, entry.path, found.st_size, found.st_mtime_ns)
    if is_link(found):
        return FoundLink(name or entry.name, entry.path, found.st_mtime_ns)
    kind = _KINDS.get(stat.S_IFMT(found.st_mode), "neither a file nor a folder")
    report(Problem(where, "special", f"it is {kind}, which is not captured"))
    return None


def is_link(found: os.stat_result) -> bool:
    """Tell whether a stat that followed nothing is of a symbolic link or a junction."""
    return stat.S_ISLNK(found.st_mode) or getattr(found, "st_reparse_tag", 0) == _JUNCTION


def subfolder(
    entry: Entry, logical: str, report: Report, name: str, items: Callable[[str, str], Iterator[Item]]
) -> FoundFolder | FoundLink | None:
    """Return a folder entry as a folder called `name`, or as a link; anything else is reported.

    Args:
        entry: An entry of a folder just read.
        logical: The logical path of that folder.
        report: Receives a problem instead of an item.
        name: The entry name in the tree.
        items: Lists the folder, given its path on disk and its logical path.
    """
    where = f"{logical}/{name}"
    try:
        found = entry.stat(follow_symlinks=False)
    except OSError as error:
        report(problem_of(where, error))
        return None
    if is_link(found):
        return FoundLink(name, entry.path, found.st_mtime_ns)
    if stat.S_ISDIR(found.st_mode):
        path = entry.path
        return FoundFolder(name, lambda: items(path, where))
    report(Problem(where, "special", "it is not a folder, so it is not captured"))
    return None


def flat_items(path: str, logical: str, report: Report, suffix: str = "") -> Iterator[Item]:
    """Yield the files and links of a folder whose names end in `suffix`; subfolders are reported."""
    for entry in read_folder(path, logical, report):
        if entry.name.endswith(suffix):
            item = file_or_link(entry, logical, report)
            if item is not None:
                yield item


def tree_items(path: str, logical: str, report: Report) -> Iterator[Item]:
    """Yield the files, links and folders of a folder, and so on below."""
    for entry in read_folder(path, logical, report):
        item: Item | None
        if _is_folder(entry):
            item = subfolder(
                entry, logical, report, entry.name, lambda path, where: tree_items(path, where, report)
            )
        else:
            item = file_or_link(entry, logical, report)
        if item is not None:
            yield item


def _is_folder(entry: Entry) -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False
