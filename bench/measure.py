"""Runs commands as whole processes and tells what each cost: wall time, CPU time, peak memory."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_OUTPUT_SHOWN = 600


@dataclass(frozen=True, slots=True)
class Command:
    """One process: its arguments, its folder, and what is added to the environment."""

    arguments: tuple[str, ...]
    folder: Path | None = None
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Usage:
    """What a run cost. CPU time is user and system time of the process and of the children it waited for."""

    wall_seconds: float
    cpu_seconds: float
    peak_bytes: int

    def then(self, later: Usage) -> Usage:
        """Return the cost of this run and a later one together."""
        return Usage(
            self.wall_seconds + later.wall_seconds,
            self.cpu_seconds + later.cpu_seconds,
            max(self.peak_bytes, later.peak_bytes),
        )


class CommandFailedError(Exception):
    """A command that was measured did not succeed."""


def measure(commands: Sequence[Command]) -> Usage:
    """Run the commands one after the other and return what they cost together.

    Raises:
        CommandFailedError: one of them could not be started, or ended with another code than 0.
    """
    os.sync()  # what an earlier command wrote must not be flushed on the time of this one
    total = Usage(0.0, 0.0, 0)
    for command in commands:
        total = total.then(_run(command))
    return total


def median(usages: Sequence[Usage]) -> Usage:
    """Return the median of each figure."""
    return Usage(
        statistics.median(usage.wall_seconds for usage in usages),
        statistics.median(usage.cpu_seconds for usage in usages),
        round(statistics.median(usage.peak_bytes for usage in usages)),
    )


def output_of(command: Command) -> str:
    """Return what a command prints; nothing is measured.

    Raises:
        CommandFailedError: it could not be started, or ended with another code than 0.
    """
    try:
        done = subprocess.run(
            command.arguments,
            cwd=command.folder,
            env=os.environ | dict(command.environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError) as error:
        printed = (getattr(error, "stdout", None) or b"") + (getattr(error, "stderr", None) or b"")
        raise CommandFailedError(f"{error} {_tail(printed)}") from error
    return done.stdout.decode(errors="replace")


def tree_bytes(folder: Path) -> int:
    """Return the sum of the sizes of all files below a folder."""
    total = 0
    for parent, _, names in os.walk(folder):
        total += sum(Path(parent, name).lstat().st_size for name in names)
    return total


def _run(command: Command) -> Usage:
    started = time.perf_counter()
    try:
        process = subprocess.Popen(
            command.arguments,
            cwd=command.folder,
            env=os.environ | dict(command.environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
    except OSError as error:
        raise CommandFailedError(str(error)) from error
    with process:
        assert process.stdout is not None
        output = process.stdout.read()
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        name = " ".join(command.arguments[:4])
        raise CommandFailedError(f"{name} ... ended with {process.returncode}: {_tail(output)}")
    # Linux counts kilobytes here, macOS bytes.
    scale = 1 if sys.platform == "darwin" else 1024
    return Usage(wall, used.ru_utime + used.ru_stime, used.ru_maxrss * scale)


def _tail(output: bytes) -> str:
    return output.decode(errors="replace").strip()[-_OUTPUT_SHOWN:]
