"""Transports around a transport: each changes one thing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import timedelta

from chatcask.errors import ReadOnlyError
from chatcask.transport.base import ObjectInfo, Transport

_CHANGING = frozenset({"put", "put_new", "delete", "lock", "sweep"})


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


class ReadOnlyTransport(WrapperTransport):
    """Reads and lists; refuses to write."""

    def before(self, verb: str, key: str) -> None:
        """Refuse writes."""
        if verb in _CHANGING:
            what = key or "anything"
            raise ReadOnlyError(
                f"cannot change {what}: {self.description} is open for reading only", where=key
            )
