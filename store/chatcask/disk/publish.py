"""Many whole files that take their names together: each is synced before, their folders after.

One by one it would take many times as long, since each sync waits for the disk's journal.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from chatcask.disk.durable import sync_folder

_AT_ONCE = 32
"""Files that are synced at once; the journal writes what waits in one go."""
_FLAGS = os.O_RDWR | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)


class WaitingFile(NamedTuple):
    """A whole, closed file and the name that it is to take, in the same folder."""

    temporary: Path
    path: Path


def publish(waiting: Sequence[WaitingFile]) -> list[OSError | None]:
    """Let files take their names, replacing what has them; durable on return.

    So at every moment, also after a power cut, a name stands for its old bytes or for all of the new ones.

    Returns:
        What went wrong with each file, in their order: it was removed, or its folder cannot be synced.
    """
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="chatcask-sync") as workers:
        outcomes = list(workers.map(_sync, waiting))
    for number, file in enumerate(waiting):
        outcomes[number] = outcomes[number] or _rename(file)
        if outcomes[number]:
            with suppress(OSError):
                file.temporary.unlink()
    folders = {file.path.parent for file, outcome in zip(waiting, outcomes, strict=True) if not outcome}
    unsynced = {folder: error for folder in folders if (error := _sync_names(folder))}
    return [
        outcome or unsynced.get(file.path.parent) for file, outcome in zip(waiting, outcomes, strict=True)
    ]


def _sync(file: WaitingFile) -> OSError | None:
    try:
        descriptor = os.open(file.temporary, _FLAGS)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        return error
    return None


def _rename(file: WaitingFile) -> OSError | None:
    try:
        file.temporary.replace(file.path)
    except OSError as error:
        return error
    return None


def _sync_names(folder: Path) -> OSError | None:
    try:
        sync_folder(folder)
    except OSError as error:
        return error
    return None
