"""One process at a time, where the place can tell: a lock that ends with the process that holds it.

The lock is a courtesy between prunes of one store, so that two do not do the same work; what they do is
safe without it (docs/format.md section 12). Only a local folder has it.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from chatcask.advice import Advice, AdviceCode
from chatcask.errors import StoreLockedError, TransportError
from chatcask.transport.base import Transport
from chatcask.transport.local import TEMPORARY_FOLDER, LocalTransport

_PAUSE_SECONDS = 0.05
_HOLDER_BYTES = 200
_FLAGS = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
# On Windows a locked byte cannot be read by others, so the one that is locked lies behind the holder's name.
_LOCKED_BYTE = 1 << 20


@contextmanager
def exclusive(
    transport: Transport,
    name: str,
    *,
    holder: str,
    wait_seconds: float,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[None]:
    """Hold the lock `name` of a local folder; do nothing for other places.

    Args:
        transport: The place.
        name: The lock's name.
        holder: Who holds it, for those who wait in vain.
        wait_seconds: How long to wait for it.
        sleep: Waits.

    Raises:
        StoreLockedError: another process holds it, and did all the time; the message names the holder.
        TransportError: the lock's file cannot be written.
    """
    if not isinstance(transport, LocalTransport):
        yield
        return
    path = transport.root / TEMPORARY_FOLDER / f"{name}.lock"
    descriptor = _open(path)
    try:
        _acquire(descriptor, transport, wait_seconds, sleep)
        os.ftruncate(descriptor, 0)
        os.lseek(descriptor, 0, os.SEEK_SET)
        os.write(descriptor, holder.encode("utf-8", "replace")[:_HOLDER_BYTES])
        yield
        with suppress(OSError):
            os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)  # lets go of the lock


def _open(path: Path) -> int:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return os.open(path, _FLAGS, 0o600)
    except OSError as error:
        raise TransportError(
            f"cannot lock {path}: {error.strerror or error}", advice=Advice(AdviceCode.CHECK_STORE_OWNER)
        ) from error


def _acquire(
    descriptor: int, transport: Transport, wait_seconds: float, sleep: Callable[[float], None]
) -> None:
    until = time.monotonic() + wait_seconds
    while not _try_lock(descriptor):
        if time.monotonic() >= until:
            os.lseek(descriptor, 0, os.SEEK_SET)
            holder = os.read(descriptor, _HOLDER_BYTES).decode("utf-8", "replace") or "another process"
            raise StoreLockedError(
                f"{transport.description} is locked by {holder}",
                place=transport.description,
                holder=holder,
                advice=Advice(AdviceCode.WAIT_FOR_LOCK),
            )
        sleep(_PAUSE_SECONDS)


if sys.platform == "win32":
    import msvcrt

    def _try_lock(descriptor: int) -> bool:
        os.lseek(descriptor, _LOCKED_BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _try_lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            return True  # a file system without locks; prune is safe without one
        return True
