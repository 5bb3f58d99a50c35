"""What a person of this machine has been told of runs by themselves: times in a small file."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from chatcask.chats.fields import object_at, text_at
from chatcask.disk.new_file import new_file
from chatcask.errors import ChatcaskError
from chatcask.format.times import time_text, time_value
from chatcask.jobs.record import LOCKS_FOLDER, SEEN_FILE, read_record

if TYPE_CHECKING:
    from chatcask.chats.jsontext import Json, JsonObject

_LARGEST = 64 * 1024
_DAY = timedelta(days=1)
_LOSSES, _FAILURES = "losses_until", "failures"


@dataclass(frozen=True, slots=True)
class UnseenLosses:
    """How many chats runs by themselves found lost since a person was told of some, and since when."""

    chats: int
    since: datetime


def unseen_losses(memory: Path | None) -> UnseenLosses | None:
    """Return what nobody was told of; None for nothing, or nothing that can be understood."""
    if memory is None:
        return None
    seen = _moment(text_at(_known(memory), _LOSSES))
    runs = [run for run in read_record(memory).runs if run.losses and (seen is None or run.ended > seen)]
    if not runs:
        return None
    return UnseenLosses(sum(run.losses for run in runs), min(run.started for run in runs))


def mark_seen(memory: Path | None, until: datetime) -> None:
    """Remember that a person was told of all losses until then. That it cannot be kept is no failure."""
    _keep(memory, _LOSSES, time_text(until))


def may_tell_failure(memory: Path | None, kind: str, now: datetime) -> bool:
    """Tell whether a person may be told of such a failure now, which is once a day; remember it."""
    known = object_at(_known(memory), _FAILURES)
    told = _moment(text_at(known, kind))
    if told is not None and told <= now < told + _DAY:
        return False
    _keep(memory, _FAILURES, {**known, kind: time_text(now)})
    return True


def _keep(memory: Path | None, key: str, value: Json) -> None:
    if memory is None or not (memory / LOCKS_FOLDER).is_dir():
        return  # no run by itself, or its record was taken away: nothing is to stay behind
    with suppress(OSError, ChatcaskError):
        document = {**_known(memory), key: value}
        with new_file(memory / LOCKS_FOLDER / SEEN_FILE, overwrite=True) as file:
            file.write(json.dumps(document).encode("ascii"))


def _known(memory: Path | None) -> JsonObject:
    """Return what the file says; of one that cannot be understood, nothing."""
    if memory is None:
        return {}
    try:
        with (memory / LOCKS_FOLDER / SEEN_FILE).open("rb") as file:
            document = json.loads(file.read(_LARGEST))
    except (OSError, ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _moment(text: str | None) -> datetime | None:
    try:
        return time_value(text or "")
    except ValueError:
        return None
