"""What every durable write shares: the name it waits under, and the sync of the folder it appears in."""

from __future__ import annotations

import errno
import os
from pathlib import Path

TEMPORARY_PREFIX = ".chatcask-"
_WINDOWS = os.name == "nt"


def temporary_beside(path: Path) -> Path:
    """Return a new name in the same folder, for a file that is to be renamed to `path` once it is whole."""
    return path.with_name(f"{TEMPORARY_PREFIX}{os.urandom(6).hex()}")


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
