"""Progress for people: a bar on a terminal while long work runs, nothing where nobody looks."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from chatcask.visible import visible_line
from chatcask_cli.shell.output import PlainMonitor

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from chatcask import Problem
    from chatcask_cli.shell.output import Output

_PATIENCE_SECONDS = 0.7
"""Work shorter than this shows no bar, and does not pay for the library that draws it."""

_REDRAW_SECONDS = 0.1


class TerminalMonitor(PlainMonitor):
    """Draws a bar once the work has taken a while; it goes away when the work is done."""

    def __init__(self, output: Output) -> None:
        super().__init__(output)
        self._began = time.monotonic()
        self._drawn = 0.0
        self._name = ""
        self._total: int | None = None
        self._done = 0
        self._bar: Progress | None = None
        self._task: TaskID | None = None

    def phase(self, name: str, total: int | None) -> None:
        """Begin a new bar."""
        self.close()
        self._name, self._total, self._done = name, total, 0
        self._began = time.monotonic()

    def advance(self, amount: int) -> None:
        """Move the bar."""
        self._done += amount
        now = time.monotonic()
        if now - self._began < _PATIENCE_SECONDS or now - self._drawn < _REDRAW_SECONDS:
            return
        self._drawn = now
        if self._bar is None:
            self._open()
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=self._done)

    def problem(self, problem: Problem) -> None:
        """Print the problem above the bar."""
        self.close()
        super().problem(problem)

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = self._task = None

    def _open(self) -> None:
        from rich.console import Console  # noqa: PLC0415 - costs 40 ms, paid only when a bar is drawn
        from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415

        self._bar = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            DownloadColumn(),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._task = self._bar.add_task(visible_line(self._name), total=self._total)
        self._bar.start()


def monitor_for(output: Output, *, show_progress: bool) -> PlainMonitor:
    """Return the monitor for this run: a bar only on a terminal, and neither quiet nor as JSON."""
    wanted = show_progress and not output.as_json and output.verbosity >= 0
    return TerminalMonitor(output) if wanted and sys.stderr.isatty() else PlainMonitor(output)
