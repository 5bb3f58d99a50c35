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


def hold(folder: Path, name: str) -> int:
    """Take a lock for as long as this process lives, also as another program, and write down who has it.

    Returns:
        The descriptor that holds the lock; programs that take this one's place inherit it.

    Raises:
        StoreLockedError: another process holds it.
        OSError: the lock cannot be made.
    """
    make_folder(folder, 0o700)
    path = folder / f"{name}.lock"
    descriptor = os.open(path, _FLAGS, 0o600)
    if not try_lock(descriptor):
        os.close(descriptor)
        raise StoreLockedError(f"another process holds {path}", place=str(path), holder="another process")
    os.ftruncate(descriptor, 0)
    os.write(descriptor, str(os.getpid()).encode())
    os.set_inheritable(descriptor, True)  # noqa: FBT003 - the system's own name for it
    return descriptor


def held_by(folder: Path, name: str) -> int | None:
    """Return the process that holds a lock taken by `hold`, or None if none does."""
    path = folder / f"{name}.lock"
    try:
        descriptor = os.open(path, os.O_RDWR)
    except OSError:
        return None
    try:
        if try_lock(descriptor):
            return None
        text = os.read(descriptor, 32)
    finally:
        os.close(descriptor)
    return int(text) if text.isdigit() else None
