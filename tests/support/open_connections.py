"""Which connections to SQLite databases a test opened and left open."""

from __future__ import annotations

import sqlite3
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

_open: dict[int, str] = {}


class _Watched(sqlite3.Connection):
    """A connection that is known as open, with who opened it, until `close`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._number = len(_open) and max(_open) + 1
        _open[self._number] = "".join(traceback.format_stack(limit=6)[:-1])

    def close(self) -> None:
        super().close()
        _open.pop(self._number, None)


@contextmanager
def no_connection_left_open() -> Iterator[None]:
    """Fail unless every connection opened inside was closed; that it was collected is not enough."""
    _open.clear()
    real = sqlite3.connect

    def connect(*args: Any, **kwargs: Any) -> sqlite3.Connection:
        return real(*args, **{"factory": _Watched, **kwargs})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sqlite3, "connect", connect)
        yield
    if _open:
        pytest.fail(
            f"{len(_open)} connections were never closed; one was opened here:\n{next(iter(_open.values()))}"
        )
