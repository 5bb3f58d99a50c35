"""Read one chat folder at a time and say what each of its entries is.

What cannot be captured becomes a `Problem` whose path is the logical one inside the source, such as
`workspaces/<id>/chatSessions/<file>`: it tells where the gap is, and no home folder.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from chatcask.assistants.base import FoundFile, FoundFolder, Item, Report
from chatcask.disk.durable import is_temporary
from chatcask.monitor import Problem

_JUNCTION = 0xA0000003  # IO_REPARSE_TAG_MOUNT_POINT: a folder link of Windows that is no symbolic link
MAXIMUM_DEPTH = 64
"""How many folders may stand inside each other; editors were seen to need 6."""

_KINDS = {
    stat.S_IFDIR: "a folder where a file should be",
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


Entry = os.DirEntry[str]


class NotFollowedError(OSError):
    """A link that is not followed; `strerror` says why."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.strerror = why


@dataclass(frozen=True, slots=True)
class Target:
    """What a path leads to: where it is in truth, and what it is there."""

    path: str
    found: os.stat_result


@dataclass(frozen=True, slots=True)
class Walk:
    """What a walk of an editor's folder needs.

    Attributes:
        report: Told of problems.
        user_data_dir: The editor's folder, whose owner's links are followed.
        excluded: Patterns of folders whose workspaces are passed over.
        passed_over: Told of the id of each of those.
    """

    report: Report
    user_data_dir: Path
    excluded: tuple[str, ...] = ()
    passed_over: Callable[[str], None] = field(default=lambda _: None)

    def target(self, entry: Entry, where: str) -> Target | None:
        """Return what an entry leads to; None if that cannot be looked at, which is reported."""
        try:
            return target_of(entry.path, self.user_data_dir, entry.stat(follow_symlinks=False))
        except OSError as error:
            self.report(problem_of(where, error))
            return None


def target_of(path: str, user_data_dir: Path, found: os.stat_result | None = None) -> Target:
    """Return what a path leads to by the rule of `links`: itself, if it is no link.

    Args:
        path: A path below the editor's folder, of which the folder it lies in is followed already.
        user_data_dir: The editor's folder.
        found: What a stat gave that followed nothing, if there was one.

    Raises:
        NotFollowedError: it is a link that is not followed.
        OSError: it cannot be looked at, or nothing is there.
    """
    before = os.lstat(path) if found is None else found
    if not is_link(before):
        return Target(path, before)
    from chatcask.assistants.vscode.places.links import followed  # noqa: PLC0415 - few folders have a link

    return followed(path, before, user_data_dir)


def is_link(found: os.stat_result) -> bool:
    """Tell whether a stat that followed nothing is of a symbolic link or a junction."""
    return stat.S_ISLNK(found.st_mode) or getattr(found, "st_reparse_tag", 0) == _JUNCTION


def link_problem(logical: str, error: NotFollowedError) -> Problem:
    """Return the problem for a link at a logical path."""
    return Problem(logical, "link", str(error.strerror))


def name_order(name: str) -> bytes:
    """Return the sort key of an entry name: its bytes, also where they are not UTF-8."""
    return name.encode("utf-8", "surrogateescape" if os.name == "posix" else "surrogatepass")


def read_folder(path: str, logical: str, report: Report) -> list[Entry]:
    """Return the entries of a folder sorted by name; a folder that cannot be read is reported.

    What a killed restore of ours left unfinished is none of them.
    """
    try:
        with os.scandir(path) as scan:
            entries = [entry for entry in scan if not is_temporary(entry.name)]
            return sorted(entries, key=lambda entry: name_order(entry.name))
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
    if isinstance(error, NotFollowedError):
        return link_problem(logical, error)
    if isinstance(error, (FileNotFoundError, NotADirectoryError)):
        return Problem(logical, "vanished", "it disappeared while it was being read")
    return Problem(logical, "unreadable", error.strerror or str(error))


def plain_file(entry: Entry, logical: str, walk: Walk, name: str = "") -> FoundFile | None:
    """Return the file that an entry is or leads to; anything else is reported.

    Args:
        entry: An entry of a folder just read.
        logical: The logical path of that folder.
        walk: Follows a link, and receives a problem instead of an item.
        name: The entry name in the tree, if it is another than on disk.
    """
    where = f"{logical}/{name or entry.name}"
    target = walk.target(entry, where)
    return None if target is None else _file(target, name or entry.name, where, walk)


def _file(target: Target, name: str, where: str, walk: Walk) -> FoundFile | None:
    found = target.found
    if stat.S_ISREG(found.st_mode):
        return FoundFile(name, target.path, found.st_size, found.st_mtime_ns)
    kind = _KINDS.get(stat.S_IFMT(found.st_mode), "neither a file nor a folder")
    walk.report(Problem(where, "special", f"it is {kind}, which is not captured"))
    return None


def subfolder(
    entry: Entry, logical: str, walk: Walk, name: str, items: Callable[[str, str], Iterator[Item]]
) -> FoundFolder | None:
    """Return the folder that an entry is or leads to, called `name`; anything else is reported.

    Args:
        entry: An entry of a folder just read.
        logical: The logical path of that folder.
        walk: Follows a link, and receives a problem instead of an item.
        name: The entry name in the tree.
        items: Lists the folder, given its path on disk and its logical path.
    """
    where = f"{logical}/{name}"
    target = walk.target(entry, where)
    if target is None:
        return None
    path = target.path
    if stat.S_ISDIR(target.found.st_mode):
        return FoundFolder(name, lambda: items(path, where))
    walk.report(Problem(where, "special", "it is not a folder, so it is not captured"))
    return None


def flat_items(path: str, logical: str, walk: Walk, suffix: str = "") -> Iterator[Item]:
    """Yield the files of a folder whose names end in `suffix`; subfolders are reported."""
    for entry in read_folder(path, logical, walk.report):
        if entry.name.endswith(suffix):
            item = plain_file(entry, logical, walk)
            if item is not None:
                yield item


def tree_items(path: str, logical: str, walk: Walk) -> Iterator[Item]:
    """Yield the files and folders of a folder, and so on below; only a link in this folder is followed."""
    for entry in read_folder(path, logical, walk.report):
        item = _tree_item(entry, logical, walk, lambda path, where: _tree_below(path, where, walk))
        if item is not None:
            yield item


def _tree_below(path: str, logical: str, walk: Walk) -> Iterator[Item]:
    """Yield what lies deeper in a tree, where a link is no place that somebody moved chats from."""
    if logical.count("/") > MAXIMUM_DEPTH:
        words = f"it lies more than {MAXIMUM_DEPTH} folders deep, so it is not captured"
        walk.report(Problem(logical, "deep", words))
        return
    for entry in read_folder(path, logical, walk.report):
        if _is_link(entry):
            words = "it is a link inside a chat's own folder, which is not followed"
            walk.report(link_problem(f"{logical}/{entry.name}", NotFollowedError(words)))
            continue
        item = _tree_item(entry, logical, walk, lambda path, where: _tree_below(path, where, walk))
        if item is not None:
            yield item


def _tree_item(
    entry: Entry, logical: str, walk: Walk, below: Callable[[str, str], Iterator[Item]]
) -> Item | None:
    where = f"{logical}/{entry.name}"
    target = walk.target(entry, where)
    if target is None:
        return None
    path = target.path
    if stat.S_ISDIR(target.found.st_mode):
        return FoundFolder(entry.name, lambda: below(path, where))
    return _file(target, entry.name, where, walk)


def _is_link(entry: Entry) -> bool:
    try:
        return is_link(entry.stat(follow_symlinks=False))
    except OSError:
        return False
