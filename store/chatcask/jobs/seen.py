"""Which losses of runs by themselves a person of this machine has been told of: a time in a small file."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from chatcask.chats.fields import text_at
from chatcask.disk.durable import make_folder
from chatcask.disk.new_file import new_file
from chatcask.errors import ChatcaskError
from chatcask.format.times import time_text, time_value
from chatcask.jobs.record import LOCKS_FOLDER, SEEN_FILE, read_record

_LARGEST = 4096


@dataclass(frozen=True, slots=True)
class UnseenLosses:
    """How many chats runs by themselves found lost since a person was told of some, and since when."""

    chats: int
    since: datetime


def unseen_losses(memory: Path | None) -> UnseenLosses | None:
    """Return what nobody was told of; None for nothing, or nothing that can be understood."""
    if memory is None:
        return None
    seen = _seen_until(memory)
    runs = [run for run in read_record(memory).runs if run.losses and (seen is None or run.ended > seen)]
    if not runs:
        return None
    return UnseenLosses(sum(run.losses for run in runs), min(run.started for run in runs))


def mark_seen(memory: Path | None, until: datetime) -> None:
    """Remember that a person was told of all losses until then. That it cannot be kept is no failure."""
    if memory is None:
        return
    with suppress(OSError, ChatcaskError):
        make_folder(memory / LOCKS_FOLDER, 0o700)
        with new_file(memory / LOCKS_FOLDER / SEEN_FILE, overwrite=True) as file:
            file.write(json.dumps({"losses_until": time_text(until)}).encode("ascii"))


def _seen_until(memory: Path) -> datetime | None:
    try:
        with (memory / LOCKS_FOLDER / SEEN_FILE).open("rb") as file:
            return time_value(text_at(json.loads(file.read(_LARGEST)), "losses_until") or "")
    except (OSError, ValueError, TypeError, RecursionError):
        return None
