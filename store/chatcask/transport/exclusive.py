"""One process at a time: wait for a lock of a place.

The lock is a courtesy between prunes of one store, so that two do not do the same work; what they do is
safe without it (docs/format.md section 12).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from chatcask.errors import StoreLockedError
from chatcask.transport.base import Transport

_PAUSE_SECONDS = 0.05


@contextmanager
def exclusive(
    transport: Transport,
    name: str,
    *,
    holder: str,
    wait_seconds: float,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[None]:
    """Hold the lock `name` of a place; one that has no locks lets everybody pass.

    Args:
        transport: The place.
        name: The lock's name.
        holder: Who holds it, for those who wait in vain.
        wait_seconds: How long to wait for it.
        sleep: Waits.

    Raises:
        StoreLockedError: another process holds it, and did all the time; the message names the holder.
        TransportError: the lock cannot be written.
    """
    until = time.monotonic() + wait_seconds
    with ExitStack() as held:
        while True:
            try:
                held.enter_context(transport.lock(name, holder))
                break
            except StoreLockedError:
                if time.monotonic() >= until:
                    raise
            sleep(_PAUSE_SECONDS)
        yield
