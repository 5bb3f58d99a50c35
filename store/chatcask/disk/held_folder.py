"""A folder that is held open while something in it is changed: no link put in its way leads elsewhere.

Its links are resolved once. From there every folder on the way is opened by a handle that follows no link,
and files are made, renamed and removed relative to the last one. Root follows no link that somebody else
could have made: else the owner of a folder could let root write where only root may.

Windows has no such calls. There the folder is looked at before each step and everything goes by its path.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

_MOST_LINKS = 40
_HAS_HANDLES = {os.open, os.rename, os.unlink, os.mkdir, os.rmdir, os.stat} <= os.supports_dir_fd
_NOFOLLOW = getattr(os, "O_NOFOLLOW", 0)
_DIRECTORY = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_CLOEXEC", 0)
_ANYWHERE = getattr(os, "O_NOFOLLOW_ANY", 0)
_ON_THE_WAY = getattr(os, "O_PATH", None)
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NOFOLLOW | getattr(os, "O_BINARY", 0)


class HeldFolder:
    """A folder that is open; names are of what lies directly in it. `path` is without links."""

    def __init__(self, path: Path, handle: int | None) -> None:
        self.path = path
        self._handle = handle

    def make_file(self, name: str, mode: int) -> BinaryIO:
        """Make a file and open it for writing.

        Raises:
            FileExistsError: something has the name.
        """
        descriptor = os.open(self._named(name), _NEW, mode, dir_fd=self._handle)
        return open(descriptor, "wb")  # noqa: PTH123 - an open descriptor, closed by the caller

    def replace(self, old: str, new: str) -> None:
        """Let a file take the name and the place of another; durable on return."""
        os.replace(self._named(old), self._named(new), src_dir_fd=self._handle, dst_dir_fd=self._handle)
        self.sync()

    def remove(self, name: str) -> None:
        """Remove a file; one that is gone is fine."""
        with suppress(FileNotFoundError):
            os.unlink(self._named(name), dir_fd=self._handle)
        self.sync()

    def make_folder(self, name: str) -> None:
        """Make a folder; one that is there is fine."""
        with suppress(FileExistsError):
            os.mkdir(self._named(name), dir_fd=self._handle)
            self.sync()

    def remove_folder(self, name: str) -> None:
        """Remove an empty folder."""
        os.rmdir(self._named(name), dir_fd=self._handle)

    def stat(self, name: str) -> os.stat_result:
        """Look at what has the name; a link is not followed."""
        return os.stat(self._named(name), dir_fd=self._handle, follow_symlinks=False)

    def facts(self) -> os.stat_result:
        """Look at the folder itself."""
        return os.stat(self.path if self._handle is None else self._handle)  # noqa: PTH116

    def names(self) -> list[str]:
        """Return the names in the folder."""
        return os.listdir(self.path if self._handle is None else self._handle)  # noqa: PTH208

    def sync(self) -> None:
        """Make the names in the folder durable, where its file system has such a thing."""
        if self._handle is None:
            return
        try:
            os.fsync(self._handle)
        except OSError as error:
            if error.errno not in {errno.EINVAL, errno.ENOTSUP}:
                raise

    def _named(self, name: str) -> str:
        return name if self._handle is not None else str(self.path / name)


@contextmanager
def held_folder(folder: Path) -> Iterator[HeldFolder]:
    """Hold a folder open.

    Raises:
        OSError: it is not there, is no folder, or a link leads to it that is not followed.
    """
    real = resolved(folder)
    if not _HAS_HANDLES:
        if not stat.S_ISDIR(os.lstat(real).st_mode):
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(real))
        yield HeldFolder(real, None)
        return
    handle = _opened(real)
    try:
        yield HeldFolder(real, handle)
    finally:
        os.close(handle)


def resolved(path: Path) -> Path:
    """Return a path without links, whatever its last name is.

    Raises:
        OSError: a link on the way is not followed, leads in a circle, or something on the way is not there.
    """
    if os.name == "nt":
        return Path(os.path.realpath(path))
    waiting = list(reversed(Path(os.path.abspath(path)).parts[1:]))  # noqa: PTH100 - no link is resolved yet
    real, links = Path("/"), 0
    while waiting:
        name = waiting.pop()
        if name == "..":
            real = real.parent
            continue
        there = real / name
        try:
            found = os.lstat(there)
        except FileNotFoundError:
            if waiting:
                raise
            return there
        if not stat.S_ISLNK(found.st_mode):
            real = there
            continue
        links += 1
        if links > _MOST_LINKS:
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))
        _require_trusted(there, found)
        target = there.readlink()
        if target.is_absolute():
            real = Path("/")
        waiting += [part for part in reversed(target.parts) if part != "/"]
    return real


def _require_trusted(link: Path, found: os.stat_result) -> None:
    """Let root follow links only that root alone can have made."""
    if os.geteuid() == 0 and (found.st_uid, os.lstat(link.parent).st_uid) != (0, 0):
        raise OSError(errno.ELOOP, "root follows no link of another user", str(link))


def _opened(real: Path) -> int:
    if _ANYWHERE:
        return os.open(real, _DIRECTORY | _ANYWHERE)
    if _ON_THE_WAY is None:
        return os.open(real, _DIRECTORY | _NOFOLLOW)
    way = _DIRECTORY | _NOFOLLOW | _ON_THE_WAY
    handle = os.open("/", way)
    try:
        for part in real.parts[1:]:
            inner = os.open(part, way, dir_fd=handle)
            os.close(handle)
            handle = inner
        return os.open(".", _DIRECTORY, dir_fd=handle)
    finally:
        os.close(handle)
