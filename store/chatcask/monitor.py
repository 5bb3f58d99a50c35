"""How an operation tells its caller about progress and about files it could not take.

A file that cannot be read is not an exception: it is a `Problem` handed to the monitor, and the run
goes on. One program draws a bar, another records, a script ignores.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from chatcask.advice import Advice


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that went wrong with one path, without ending the run.

    `kind` is a stable code: `unreadable`, `vanished`, `changed`, `special`, `name`, `invalid`,
    `editor_running`, `damaged`, ... `snapshot` is the id of the one that the path is of, or "";
    `advice` is the way out, where there is one.
    """

    path: str
    kind: str
    message: str
    snapshot: str = ""
    advice: Advice | None = None


class Monitor(Protocol):
    """What an operation reports to while it works. Every method may be called from the working thread."""

    def phase(self, name: str, total: int | None) -> None:
        """A new phase begins; `total` is its size in the unit of `advance`, if known."""

    def advance(self, amount: int) -> None:
        """`amount` more units of the current phase are done."""

    def problem(self, problem: Problem) -> None:
        """Something went wrong with one path; the run goes on."""


class NullMonitor:
    """Ignores everything."""

    def phase(self, name: str, total: int | None) -> None:
        """Ignore."""

    def advance(self, amount: int) -> None:
        """Ignore."""

    def problem(self, problem: Problem) -> None:
        """Ignore."""


class KeepingMonitor:
    """Hands everything on, and keeps the problems for a result that lists them."""

    def __init__(self, monitor: Monitor) -> None:
        self._monitor = monitor
        self.problems: list[Problem] = []

    def phase(self, name: str, total: int | None) -> None:
        """Hand it on."""
        self._monitor.phase(name, total)

    def advance(self, amount: int) -> None:
        """Hand it on."""
        self._monitor.advance(amount)

    def problem(self, problem: Problem) -> None:
        """Keep it and hand it on."""
        self.problems.append(problem)
        self._monitor.problem(problem)


class OnceMonitor(KeepingMonitor):
    """Does the same, but of damage that many snapshots share only with the first report."""

    def __init__(self, monitor: Monitor) -> None:
        super().__init__(monitor)
        self._reported: set[tuple[str, str]] = set()

    def problem(self, problem: Problem) -> None:
        """Keep it and hand it on unless the same was said of the same path before."""
        if (problem.path, problem.message) not in self._reported:
            self._reported.add((problem.path, problem.message))
            super().problem(problem)
