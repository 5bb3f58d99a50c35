"""What is said of chats that are less than they were: what was lost, and the command that helps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from chatcask.documents import remedy
from chatcask_cli.shell import environment
from chatcask_cli.shell.output import count_text

if TYPE_CHECKING:
    from pathlib import Path

    from chatcask.editing import Applied
    from chatcask.snapshots import Loss
    from chatcask_cli.shell.output import Output

_SHOWN = 10


def tell_losses(applied: Iterable[Applied | None], taken: Mapping[str, datetime], output: Output) -> None:
    """Name the chats beside those that were meant that safety snapshots found to be less than before.

    Args:
        applied: What was done.
        taken: When each snapshot was taken, by id.
        output: Where to.
    """
    losses = [loss for each in applied if each is not None for loss in each.losses]
    for line in also_lost_lines(losses, taken, environment.utc_now(), output):
        output.line(line)


def also_lost_lines(
    losses: Iterable[Loss], taken: Mapping[str, datetime], now: datetime, output: Output
) -> Iterator[str]:
    """Yield chats that were found lost while something else was done.

    Args:
        losses: What was lost.
        taken: When each snapshot was taken, by id.
        now: The time now.
        output: How to show it.
    """
    groups: dict[str, list[Loss]] = {}
    for loss in losses:
        groups.setdefault(loss.snapshot, []).append(loss)
    for snapshot, group in groups.items():
        since = f" since {age_text(now - taken[snapshot])}" if snapshot in taken else ""
        yield output.paint(f"also lost{since}:", "yellow")
        yield from loss_lines(group, output)


def age_text(age: timedelta) -> str:
    """Return a span of time for people: `5 min`, `14 h`, `3 days`."""
    minutes = max(0, int(age.total_seconds())) // 60
    if minutes < 60:
        return f"{minutes} min"
    hours = minutes // 60
    return f"{hours} h" if hours < 48 else count_text(hours // 24, "day")


def loss_lines(
    losses: Iterable[Loss], output: Output, folders: Mapping[str, Path] | None = None
) -> Iterator[str]:
    """Yield each loss and its command; of many alike, the first ones and how many more there are.

    `folders` are editors' folders that were named, by source, if there are several.
    """
    every = list(losses)
    shown = every if output.verbosity > 0 else every[:_SHOWN]
    for loss in shown:
        name = f'"{loss.title}"' if loss.title else loss.session[:8]
        yield output.paint(f"  {name}: {loss.message}" if name else f"  {loss.message}", "yellow")
        wording = output.wording.at((folders or {}).get(loss.path.partition("/")[0]))
        helping = wording.words(remedy(loss.kind, loss.session, loss.snapshot, loss.editor))
        yield f"    to bring it back: {helping}"
    if more := len(every) - len(shown):
        yield output.paint(f"  and {count_text(more, 'more chat')}; -v lists them", "yellow")
