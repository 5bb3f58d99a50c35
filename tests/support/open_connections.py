"""Which connections to SQLite databases a test opened and left open."""

from __future__ import annotations

import sqlite3
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count
from typing import Any

import pytest

_open: dict[int, str] = {}
_numbers = count()


@cache
def _watched(kind: type[sqlite3.Connection]) -> type[sqlite3.Connection]:
    """Return a kind of connection that is known as open, with who opened it, until `close`."""

    class Watched(kind):  # type: ignore[misc, valid-type]
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self._number = next(_numbers)
            _open[self._number] = "".join(traceback.format_stack(limit=8)[:-1])

        def close(self) -> None:
            super().close()
            _open.pop(self._number, None)

    return Watched


@contextmanager
def no_connection_left_open() -> Iterator[None]:
    """Fail unless every connection opened inside was closed; that it was collected is not enough."""
    _open.clear()
    real = sqlite3.connect

    def connect(*args: Any, factory: Any = sqlite3.Connection, **kwargs: Any) -> sqlite3.Connection:
        return real(*args, factory=_watched(factory), **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sqlite3, "connect", connect)
        yield
    if _open:
        pytest.fail(
            f"{len(_open)} connections were never closed; one was opened here:\n{next(iter(_open.values()))}"
        )
