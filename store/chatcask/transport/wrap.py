"""Transports around a transport: each changes one thing. Used by tests, benches and read-only opening."""

from __future__ import annotations

import builtins
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import timedelta

from chatcask.errors import ReadOnlyError, TransportError
from chatcask.transport.base import ObjectInfo, Transport

_WRITING = frozenset({"put", "put_new", "delete"})
_CHANGING = _WRITING | {"lock", "sweep"}


class FaultInjectedError(TransportError):
    """The failure that a `FaultyTransport` was told to make."""


class WrapperTransport:
    """Passes every call on to `inner`; a subclass says in `before` what happens first."""

    def __init__(self, inner: Transport) -> None:
        self.inner = inner

    @property
    def description(self) -> str:
        """Where the inner transport is."""
        return self.inner.description

    def before(self, verb: str, key: str) -> None:
        """Run before each call with its verb and its key or prefix; raising prevents the call."""

    def get(self, key: str, start: int = 0, length: int | None = None) -> bytes:
        """Return bytes of an object of the inner transport."""
        self.before("get", key)
        return self.inner.get(key, start, length)

    def put(self, key: str, *parts: bytes) -> None:
        """Store an object in the inner transport."""
        self.before("put", key)
        self.inner.put(key, *parts)

    def put_new(self, key: str, *parts: bytes) -> None:
        """Store a new object in the inner transport."""
        self.before("put_new", key)
        self.inner.put_new(key, *parts)

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        """Yield objects of the inner transport."""
        self.before("list", prefix)
        return self.inner.list(prefix)

    def delete(self, key: str) -> None:
        """Remove an object from the inner transport."""
        self.before("delete", key)
        self.inner.delete(key)

    def lock(self, name: str, holder: str) -> AbstractContextManager[None]:
        """Hold a lock of the inner transport."""
        self.before("lock", name)
        return self.inner.lock(name, holder)

    def sweep(self, older_than: timedelta) -> int:
        """Remove what killed writers left in the inner transport."""
        self.before("sweep", "")
        return self.inner.sweep(older_than)


class RecordingTransport(WrapperTransport):
    """Notes every call as (verb, key or prefix)."""

    def __init__(self, inner: Transport) -> None:
        super().__init__(inner)
        self.calls: builtins.list[tuple[str, str]] = []

    def before(self, verb: str, key: str) -> None:
        """Note the call."""
        self.calls.append((verb, key))

    def keys(self, verb: str) -> builtins.list[str]:
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


class LatencyTransport(WrapperTransport):
    """Waits before every call, as a place far away makes its callers wait."""

    def __init__(self, inner: Transport, seconds: float, sleep: Callable[[float], None] = time.sleep) -> None:
        super().__init__(inner)
        self._seconds = seconds
        self._sleep = sleep

    def before(self, verb: str, key: str) -> None:
        """Wait."""
        self._sleep(self._seconds)


class ReadOnlyTransport(WrapperTransport):
    """Reads and lists; refuses to write."""

    def before(self, verb: str, key: str) -> None:
        """Refuse writes."""
        if verb in _CHANGING:
            what = key or "anything"
            raise ReadOnlyError(
                f"cannot change {what}: {self.description} is open for reading only", where=key
            )
