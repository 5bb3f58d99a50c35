"""One run at a time: locks of this user on this machine, which end with the process that holds them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from chatcask.disk.durable import make_folder
from chatcask.disk.locks import try_lock
from chatcask.errors import StoreLockedError

_PAUSE_SECONDS = 0.05
_FLAGS = os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOINHERIT", 0)


@contextmanager
def alone(
    folder: Path,
    names: Iterable[str],
    wait_seconds: float,
    *,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[None]:
    """Hold the lock of each name, waiting for other processes that hold one.

    Args:
        folder: Where the locks are; it is made if need be.
        names: The names, in any order: those who take several cannot wait for each other.
        wait_seconds: How long to wait, all in all.
        sleep: Waits.

    Raises:
        StoreLockedError: another process holds one, and did all the time.
        OSError: a lock cannot be made.
    """
    make_folder(folder, 0o700)
    until = time.monotonic() + wait_seconds
    with ExitStack() as held:
        for name in sorted(set(names)):
            path = folder / f"{name}.lock"
            descriptor = os.open(path, _FLAGS, 0o600)
            held.callback(os.close, descriptor)
            while not try_lock(descriptor):
                if time.monotonic() >= until:
                    raise StoreLockedError(
                        f"another run of this user holds {path}", place=str(path), holder="another run"
                    )
                sleep(_PAUSE_SECONDS)
        yield
