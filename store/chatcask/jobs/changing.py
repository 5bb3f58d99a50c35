"""The mark of a restore, an undo or a fix at work on this machine, which upkeep keeps out of the way of."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from chatcask.errors import ChatcaskError
from chatcask.jobs.turns import alone

_FOLDER = "changed-folders"
"""Where a machine notes which editors' folders were changed: a change makes this folder anyway."""

_NAME = "changing"
_MARK_SECONDS = 0.5


@contextmanager
def changing(memory: Path | None) -> Iterator[None]:
    """Hold the mark. That it cannot be had, since another one holds it too, keeps nothing from being done."""
    with ExitStack() as held:
        if memory is not None:
            with suppress(OSError, ChatcaskError):
                held.enter_context(alone(memory / _FOLDER, [_NAME], _MARK_SECONDS))
        yield


def is_changing(memory: Path | None) -> bool:
    """Tell whether somebody holds the mark."""
    if memory is None or not (memory / _FOLDER).is_dir():
        return False
    try:
        with alone(memory / _FOLDER, [_NAME], 0):
            return False
    except ChatcaskError:
        return True
    except OSError:
        return False
