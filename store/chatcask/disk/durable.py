"""What every durable write shares: the name it waits under, its bytes, the name it takes, its folder."""

from __future__ import annotations

import errno
import os
import re
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

TEMPORARY_PREFIX = ".chatcask-"
_TEMPORARY_NAME = re.compile(re.escape(TEMPORARY_PREFIX) + "[0-9a-f]{12}")
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
_WINDOWS = os.name == "nt"
# Some file systems (vfat, some network mounts) cannot make hard links; Linux and macOS say so differently.
_NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EACCES}


def temporary_beside(path: Path) -> Path:
    """Return a new name in the same folder, for a file that is to be renamed to `path` once it is whole."""
    return path.with_name(f"{TEMPORARY_PREFIX}{os.urandom(6).hex()}")


def is_temporary(name: str) -> bool:
    """Tell whether a name is one that `temporary_beside` gives."""
    return _TEMPORARY_NAME.fullmatch(name) is not None


def open_new(path: Path, mode: int) -> BinaryIO:
    """Open a file for writing that does not exist.

    Raises:
        FileExistsError: something has the name.
        OSError: the file cannot be made.
    """
    return open(os.open(path, _NEW, mode), "wb")  # noqa: PTH123 - an open descriptor, closed by the caller


def make_durable(file: BinaryIO) -> None:
    """Bring what was written into a file to the disk.

    Raises:
        OSError: it cannot be written or synced.
    """
    file.flush()
    os.fsync(file.fileno())


def make_folder(folder: Path, mode: int = 0o777) -> None:
    """Make a folder and those above it that are missing; their names are durable on return.

    Raises:
        OSError: one cannot be made or synced; but something else under the name is left to who uses it.
    """
    missing = [folder]
    while not missing[-1].parent.is_dir() and missing[-1].parent != missing[-1]:
        missing.append(missing[-1].parent)
    for path in reversed(missing):
        with suppress(FileExistsError):
            path.mkdir(mode=mode)
        sync_folder(path.parent)


def rename_new(temporary: Path, path: Path) -> None:
    """Give a whole file its name unless the name is in use; of several at once one succeeds.

    Where there are no hard links, those who do this look and rename in turn, under a lock of the folder. So
    nothing but the whole file is ever seen under the name. `temporary` may be left, as a second link.

    Raises:
        FileExistsError: the name is in use; what has it is unchanged.
        OSError: the file cannot be renamed.
    """
    if _WINDOWS:
        os.rename(temporary, path)  # noqa: PTH104 - on Windows this refuses an existing target
        return
    try:
        os.link(temporary, path)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        from chatcask.disk.locks import locked_folder  # noqa: PLC0415 - few file systems have no links

        with locked_folder(path.parent):
            if os.path.lexists(path):
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from None
            temporary.replace(path)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable.

    Raises:
        OSError: the folder cannot be synced, and not because its file system has no such thing.
    """
    if _WINDOWS:
        return  # NTFS journals its names; a folder cannot be opened for syncing there
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in {errno.EINVAL, errno.ENOTSUP}:
            raise
    finally:
        os.close(descriptor)
