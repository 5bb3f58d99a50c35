"""How saving by itself goes, for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from chatcask_cli.shell.output import count_text

if TYPE_CHECKING:
    from chatcask.jobs import AutomaticRun, Jobs, SavedSource
    from chatcask_cli.shell.output import Output


def status_lines(
    jobs: Jobs,
    files: Sequence[Path],
    last: AutomaticRun | None,
    rows: Sequence[SavedSource],
    output: Output,
    *,
    silent: bool,
) -> Iterator[str]:
    """Yield the lines of `auto status`."""
    if files:
        yield f"{output.paint('on', 'green')}, by {jobs.kind}"
    else:
        yield f"{output.paint('off', 'yellow')}; 'chatcask auto on' turns it on"
    if last is not None:
        yield f"last run {output.listed_time(last.ended)}: {_came_to(last)}"
    if silent:
        yield output.paint("no run has ended for more than a day: the system does not start it", "red")
    for row in rows:
        when = output.listed_time(row.saved_at) if row.saved_at else "never"
        text = f"{row.id:<28} saved {when}{', runs now' if row.running else ''}"
        yield output.paint(f"{text}; close it once", "red") if row.alarming else text


def _came_to(run: AutomaticRun) -> str:
    if run.message:
        return f"exit code {run.exit_code}: {run.message}"
    if run.losses:
        return f"{count_text(run.losses, 'chat')} lost something; snapshot {(run.snapshot or '')[:12]}"
    if run.snapshot:
        return f"snapshot {run.snapshot[:12]}"
    is_left = run.sources and all(each.reason for each in run.sources)
    return "every editor ran, nothing was touched" if is_left else "nothing had changed"
