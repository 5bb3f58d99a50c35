"""Transports around a transport that note calls or die, as a store's place does not."""

from __future__ import annotations

import threading

from chatcask.errors import TransportError
from chatcask.transport import Transport
from chatcask.transport.wrap import WrapperTransport

_WRITING = frozenset({"put", "put_new", "delete"})


class FaultInjectedError(TransportError):
    """The failure that a `FaultyTransport` was told to make."""


class RecordingTransport(WrapperTransport):
    """Notes every call as (verb, key or prefix)."""

    def __init__(self, inner: Transport) -> None:
        super().__init__(inner)
        self.calls: list[tuple[str, str]] = []

    def before(self, verb: str, key: str) -> None:
        """Note the call."""
        self.calls.append((verb, key))

    def keys(self, verb: str) -> list[str]:
        """Return the keys that one verb was called with, in order."""
        return [key for called, key in self.calls if called == verb]


class FaultyTransport(WrapperTransport):
    """Dies after a number of writes: the next write and every call after it fail, as in a crash.

    With `recover` only that one write fails, as on a full disk that somebody clears.
    """

    def __init__(self, inner: Transport, writes: int, *, recover: bool = False) -> None:
        super().__init__(inner)
        self._left = writes
        self._recover = recover
        self._lock = threading.Lock()
        self._dead = False

    def before(self, verb: str, key: str) -> None:
        """Fail when dead; count writes."""
        with self._lock:
            if self._dead:
                raise FaultInjectedError("the transport has died")
            if verb not in _WRITING:
                return
            self._left -= 1
            if self._left == -1:
                self._dead = not self._recover
                raise FaultInjectedError(f"cannot write {key}: no space left (injected)")
