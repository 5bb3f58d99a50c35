"""Locks of the operating system, which end with the process that holds them."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

# On Windows a locked byte cannot be read by others, so the one that is locked lies far behind the text.
_LOCKED_BYTE = 1 << 20

if sys.platform == "win32":
    import msvcrt

    def try_lock(descriptor: int) -> bool:
        """Lock an open file unless another process has; tell whether it is locked now."""
        os.lseek(descriptor, _LOCKED_BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    @contextmanager
    def locked_folder(folder: Path) -> Iterator[None]:  # noqa: ARG001
        """Do nothing: what needs the lock elsewhere is one step of the system here."""
        yield

    @contextmanager
    def shared_folder(folder: Path, when_alone: Callable[[], None]) -> Iterator[None]:  # noqa: ARG001
        """Do nothing: a folder cannot be locked here, so nobody knows to be alone."""
        yield

else:
    import fcntl

    def try_lock(descriptor: int) -> bool:
        """Lock an open file unless another process has; tell whether it is locked now.

        A file system without locks lets everybody pass.
        """
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            return True
        return True

    @contextmanager
    def locked_folder(folder: Path) -> Iterator[None]:
        """Hold a folder's lock, waiting for it; a file system without locks lets everybody pass.

        Raises:
            OSError: the folder cannot be opened.
        """
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            with suppress(OSError):
                fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    @contextmanager
    def shared_folder(folder: Path, when_alone: Callable[[], None]) -> Iterator[None]:
        """Work in a folder beside others who do; whoever is alone in it at the start does something first.

        On a file system without locks nobody knows to be alone.

        Raises:
            OSError: the folder cannot be opened.
        """
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            with suppress(OSError):
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                when_alone()
            with suppress(OSError):
                fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
            yield
        finally:
            os.close(descriptor)
