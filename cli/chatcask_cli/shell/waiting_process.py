"""The one waiting program of a user: only one waits at a time, and it can be found to end it."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from chatcask.jobs import LOCKS_FOLDER, held_by, hold

if TYPE_CHECKING:
    from chatcask.workbench import Machine

_NAME = "wait"


def take_the_wait(machine: Machine) -> int | None:
    """Let this process be the one that waits, also when it goes on as another program.

    Returns:
        The descriptor that holds the lock, to be kept open; None where nothing can be remembered.

    Raises:
        StoreLockedError: another one waits.
    """
    if machine.memory_folder is None:
        return None
    return hold(machine.memory_folder / LOCKS_FOLDER, _NAME)


def end_waiting_program(machine: Machine) -> None:
    """End the program that waits, if one does. On Windows the Task Scheduler does that."""
    if machine.memory_folder is None or sys.platform == "win32":
        return
    pid = held_by(machine.memory_folder / LOCKS_FOLDER, _NAME)
    if pid is not None:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGTERM)
