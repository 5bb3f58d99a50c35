"""A place in memory, for tests and for stores that need not outlive the process."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta

from chatcask.errors import ObjectExistsError, ObjectNotFoundError
from chatcask.transport.base import ObjectInfo, check_key, check_prefix


class MemoryTransport:
    """Objects in a dictionary. Its clock counts writes: one nanosecond each."""

    description = "memory"

    def __init__(self) -> None:
        self._objects: dict[str, tuple[bytes, int]] = {}
        self._writes = 0
        self._lock = threading.Lock()

    def get(self, key: str, start: int = 0, length: int | None = None) -> bytes:
        """Return bytes of an object."""
        try:
            data, _ = self._objects[check_key(key)]
        except KeyError:
            raise ObjectNotFoundError(f"no object {key}", where=key) from None
        return data[start:] if length is None else data[start : start + length]

    def put(self, key: str, *parts: bytes) -> None:
        """Store an object."""
        check_key(key)
        with self._lock:
            self._store(key, parts)

    def put_new(self, key: str, *parts: bytes) -> None:
        """Store an object under a key that does not exist."""
        check_key(key)
        with self._lock:
            if key in self._objects:
                raise ObjectExistsError(f"object {key} exists", where=key)
            self._store(key, parts)

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        """Yield the objects under a prefix, sorted."""
        check_prefix(prefix)
        with self._lock:
            found = sorted((k, len(d), t) for k, (d, t) in self._objects.items() if k.startswith(prefix))
        return (ObjectInfo(*row) for row in found)

    def delete(self, key: str) -> None:
        """Remove an object."""
        with self._lock:
            self._objects.pop(check_key(key), None)

    def lock(self, name: str, holder: str) -> AbstractContextManager[None]:
        """Let everybody pass."""
        check_key(name)
        return nullcontext()

    def sweep(self, older_than: timedelta) -> int:
        """Find nothing: a write here is never unfinished."""
        return 0

    def _store(self, key: str, parts: tuple[bytes, ...]) -> None:
        self._writes += 1
        self._objects[key] = (b"".join(parts), self._writes)
