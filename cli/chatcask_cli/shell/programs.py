"""The one place from which other programs are started."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from chatcask.jobs import Done
from chatcask_cli.shell import environment

if TYPE_CHECKING:
    from chatcask.jobs import Command


def run_to_its_end(command: Command) -> Done:
    """Run a command and keep what it says; the exit code is 127 if it cannot be started."""
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
        )
    except OSError as error:
        return Done(127, str(error))
    return Done(done.returncode, done.stdout.decode(errors="replace"))


def start_apart(command: Sequence[str]) -> None:
    """Start a program that outlives this one and has no terminal.

    Raises:
        OSError: it cannot be started.
    """
    nowhere = subprocess.DEVNULL
    process = subprocess.Popen(
        command, stdin=nowhere, stdout=nowhere, stderr=nowhere, start_new_session=True, close_fds=True
    )
    process.returncode = 0  # nobody waits for it


def become(command: Sequence[str]) -> int:  # noqa: RET503 - or it does not return
    """Go on as another program; where that cannot be had, run it and return its exit code.

    Raises:
        OSError: it cannot be started.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    if sys.platform == "win32":
        return subprocess.call(command)
    else:  # noqa: RET505 - so that type checkers see one system at a time
        os.execv(command[0], list(command))  # noqa: S606 - no shell is wanted


def run_bounded(
    command: Sequence[str], data: bytes, seconds: float, variables: Mapping[str, str] | None = None
) -> str:
    """Run a program, give it bytes on standard input, and end it after a time.

    Returns:
        What went wrong, in words; "" for nothing.
    """
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=None if variables is None else {**environment.variables(), **variables},
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        return f"{command[0]} cannot be started: {getattr(error, 'strerror', None) or error}"
    try:
        process.communicate(data, timeout=seconds)
    except subprocess.TimeoutExpired:
        _end(process)
        return f"{command[0]} was ended after {seconds:g} seconds"
    return f"{command[0]} ended with {process.returncode}" if process.returncode else ""


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a program and, where the system knows which they are, those that it has started."""
    if sys.platform == "win32":
        process.kill()
    else:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()
