"""One file of an editor, read once: open, read, close, while the guard watches."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path

_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NOFOLLOW", 0)
    # A file that became a named pipe since it was listed must not make the run wait for a writer.
    | getattr(os, "O_NONBLOCK", 0)
)


_PIECE = 1 << 20


class NotRegularError(OSError):
    """What was listed as a file is something else by now."""


class WatchedFile:
    """A regular file open for reading; the guard is asked before every read."""

    def __init__(self, descriptor: int, watch: Callable[[], None]) -> None:
        self._descriptor = descriptor
        self._watch = watch
        self._before = os.fstat(descriptor)
        if not stat.S_ISREG(self._before.st_mode):
            raise NotRegularError("it is no longer a regular file")
        self._file = FileIO(descriptor, closefd=False)

    @property
    def size(self) -> int:
        """The file's length in bytes when it was opened."""
        return self._before.st_size

    @property
    def mtime_ns(self) -> int:
        """The file's time of last change when it was opened."""
        return self._before.st_mtime_ns

    def readinto(self, buffer: memoryview, /) -> int:
        """Fill the buffer from the file; return how many bytes, 0 at the end."""
        self._watch()
        return self._file.readinto(buffer) or 0

    def changed(self) -> bool:
        """Tell whether the file was changed since it was opened."""
        now = os.fstat(self._descriptor)
        return (now.st_size, now.st_mtime_ns) != (self._before.st_size, self._before.st_mtime_ns)


class ObservedFile:
    """A file whose bytes from `start` on are kept while somebody else reads them."""

    def __init__(self, file: WatchedFile, start: int) -> None:
        self.size = file.size
        self._file = file
        self._left_out = start
        self._kept: list[bytes] = []

    def readinto(self, buffer: memoryview, /) -> int:
        """Fill the buffer from the file and keep a copy; return how many bytes, 0 at the end."""
        count = self._file.readinto(buffer)
        skipped = min(self._left_out, count)
        self._left_out -= skipped
        self._kept.append(bytes(buffer[skipped:count]))
        return count

    def kept(self) -> bytes:
        """Hand over what was kept."""
        kept, self._kept = b"".join(self._kept), []
        return kept


@contextmanager
def open_watched(path: str, watch: Callable[[], None]) -> Iterator[WatchedFile]:
    """Open a file for one reading; the handle is closed whatever happens.

    Raises:
        OSError: it cannot be opened, or is not a regular file.
    """
    watch()
    descriptor = os.open(path, _FLAGS)
    try:
        yield WatchedFile(descriptor, watch)
    finally:
        os.close(descriptor)


def read_small(path: str, limit: int, watch: Callable[[], None]) -> bytes:
    """Return at most the first `limit` bytes of a file.

    Raises:
        OSError: it cannot be read.
    """
    with open_watched(path, watch) as file:
        buffer = bytearray(limit)
        return bytes(buffer[: file.readinto(memoryview(buffer))])


def read_whole(path: Path, watch: Callable[[], None]) -> bytes:
    """Return the bytes of a file.

    Raises:
        OSError: it cannot be read, or is not a regular file.
    """
    with open_watched(str(path), watch) as file:
        whole = bytearray()
        buffer = memoryview(bytearray(_PIECE))
        while count := file.readinto(buffer):
            whole += buffer[:count]
        return bytes(whole)
