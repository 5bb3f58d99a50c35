"""What is said of chats that are less than they were: what was lost, and the command that helps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from chatcask.documents import remedy
from chatcask_cli.shell import environment
from chatcask_cli.shell.command_text import command_text
from chatcask_cli.shell.output import count_text

if TYPE_CHECKING:
    from chatcask import Platform
    from chatcask.snapshots import Loss
    from chatcask_cli.shell.options import Run
    from chatcask_cli.shell.output import Output

_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Helping:
    """What a command that helps has to say beside its own words.

    Attributes:
        platform: Whose shell it is for.
        store: The store, if it was named.
        folders: Editors' folders that were named, by source.
    """

    platform: Platform
    store: Path | None = None
    folders: Mapping[str, Path] = field(default_factory=dict)

    def command(self, loss: Loss) -> str:
        """Return the command that brings back what was lost."""
        folder = self.folders.get(loss.path.partition("/")[0])
        options = [] if self.store is None else ["--store", str(self.store)]
        options += [] if folder is None else ["--user-data-dir", str(folder)]
        return command_text(remedy(loss.kind, loss.session, loss.snapshot), options, self.platform)


def helping(run: Run, folders: Mapping[str, Path]) -> Helping:
    """Return what commands need that help after this one."""
    return Helping(environment.platform(), run.store, folders)


def also_lost_lines(
    losses: Iterable[Loss], taken: Mapping[str, datetime], now: datetime, helps: Helping, output: Output
) -> Iterator[str]:
    """Yield chats that were found lost while something else was done.

    Args:
        losses: What was lost.
        taken: When each snapshot was taken, by id.
        now: The time now.
        helps: What their commands have to say.
        output: How to show it.
    """
    groups: dict[str, list[Loss]] = {}
    for loss in losses:
        groups.setdefault(loss.snapshot, []).append(loss)
    for snapshot, group in groups.items():
        since = f" since {age_text(now - taken[snapshot])}" if snapshot in taken else ""
        yield output.paint(f"also lost{since}:", "yellow")
        yield from loss_lines(group, helps, output)


def age_text(age: timedelta) -> str:
    """Return a span of time for people: `5 min`, `14 h`, `3 days`."""
    minutes = max(0, int(age.total_seconds())) // 60
    if minutes < 60:
        return f"{minutes} min"
    hours = minutes // 60
    return f"{hours} h" if hours < 48 else count_text(hours // 24, "day")


def loss_lines(losses: Iterable[Loss], helps: Helping, output: Output) -> Iterator[str]:
    """Yield each loss and its command; of many alike, the first ones and how many more there are."""
    every = list(losses)
    shown = every if output.verbosity > 0 else every[:_SHOWN]
    for loss in shown:
        name = f'"{loss.title}"' if loss.title else loss.session[:8]
        yield output.paint(f"  {name}: {loss.message}" if name else f"  {loss.message}", "yellow")
        yield f"    to bring it back: {helps.command(loss)}"
    if more := len(every) - len(shown):
        yield output.paint(f"  and {count_text(more, 'more chat')}; -v lists them", "yellow")
