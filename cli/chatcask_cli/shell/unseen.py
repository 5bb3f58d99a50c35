"""One line to a person at a terminal: that runs by themselves found chats lost which nobody was told of."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from chatcask.jobs import mark_seen, unseen_losses
from chatcask_cli.shell import environment
from chatcask_cli.shell.output import count_text

if TYPE_CHECKING:
    from chatcask_cli.shell.output import Output


def tell_unseen_losses(output: Output) -> None:
    """Say it once, on standard error."""
    memory, now = environment.data_folder(), environment.utc_now()
    unseen = unseen_losses(memory)
    if unseen is None:
        return
    were = "was" if unseen.chats == 1 else "were"
    lost = f"{count_text(unseen.chats, 'chat')} {were} lost {since_text(unseen.since, now)}"
    output.message(output.paint(output.wording.text(f"{lost}: 'chatcask losses'"), "yellow"))
    mark_seen(memory, now)


def since_text(moment: datetime, now: datetime) -> str:
    """Return since when, as people say it."""
    day, today = moment.astimezone().date(), now.astimezone().date()
    if day == today:
        return "today"
    return "since yesterday" if today - day == timedelta(days=1) else f"since {day.isoformat()}"
