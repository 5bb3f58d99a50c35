"""The contract between a store and the place that keeps its bytes: five verbs, a lock, a sweep."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from chatcask.errors import InvalidInputError

_KEY = re.compile(r"[0-9A-Za-z][0-9A-Za-z.\-]*(/[0-9A-Za-z][0-9A-Za-z.\-]*)*")
_MAXIMUM_KEY_LENGTH = 200


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """One listed object. `modified_ns` is by the clock of the place, nanoseconds since 1970."""

    key: str
    size: int
    modified_ns: int


class Transport(Protocol):
    """A place that keeps objects of bytes under keys such as `packs/ab/ab12...`.

    Every method may be called from several threads at once.
    """

    @property
    def description(self) -> str:
        """Where this is, in words a user recognises."""

    def get(self, key: str, start: int = 0, length: int | None = None) -> bytes:
        """Return `length` bytes from `start`, fewer where the object ends; all of it by default.

        Raises:
            ObjectNotFoundError: there is no such object.
            TransportError: it cannot be read.
        """

    def put(self, key: str, *parts: bytes) -> None:
        """Store the joined parts: durable on return, invisible before, replacing what was there.

        Raises:
            TransportError: it cannot be written; nothing is visible under the key that was not before.
        """

    def put_new(self, key: str, *parts: bytes) -> None:
        """Store the joined parts as `put` does, but only under a key that does not exist.

        Raises:
            ObjectExistsError: the key exists; it is unchanged. Of several writers at once one succeeds.
            TransportError: it cannot be written.
        """

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        """Yield all objects whose key begins with `prefix`, which is empty or ends in `/`, sorted by key.

        Raises:
            TransportError: the place cannot be listed.
        """

    def delete(self, key: str) -> None:
        """Remove an object; nothing happens when there is none.

        Raises:
            TransportError: it cannot be removed.
        """

    def lock(self, name: str, holder: str) -> AbstractContextManager[None]:
        """Hold a lock of this place while the block runs; a place without locks lets everybody pass.

        A courtesy between those who would do the same work twice: nothing may depend on it. It ends with the
        process that holds it. Nothing of it is listed.

        Args:
            name: The lock's name, a key.
            holder: Who holds it, for those who are refused.

        Raises:
            StoreLockedError: another process holds it; the message names the holder.
            TransportError: it cannot be written.
        """

    def sweep(self, older_than: timedelta) -> int:
        """Remove what writers that were killed left and nobody sees, by now older than this.

        The age is that by the clock of the place. Return how many went; a place that keeps none has none.

        Raises:
            TransportError: the place cannot be read or written.
        """


def check_key(key: str) -> str:
    """Return the key if every place can hold it.

    Raises:
        InvalidInputError: it could leave the store or is not portable.
    """
    if len(key) > _MAXIMUM_KEY_LENGTH or _KEY.fullmatch(key) is None:
        raise InvalidInputError(f"not a key: {key!r}")
    return key


def check_prefix(prefix: str) -> str:
    """Return the prefix if it is empty or a key and a slash.

    Raises:
        InvalidInputError: it is something else.
    """
    if prefix and not (prefix.endswith("/") and check_key(prefix[:-1])):
        raise InvalidInputError(f"not a prefix: {prefix!r}")
    return prefix
