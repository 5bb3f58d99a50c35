"""What came of each run that nobody started by hand: one small file of this user, written as a run ends.

The last runs are kept, and beside them, for each editor's folder, when its chats were last saved: that must
not be forgotten with the run, since it is what an alarm is made of. A run that was killed leaves nothing, and
shows by the time at which the last one ended.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from chatcask.chats.fields import array_at, object_at, text_at, whole_at
from chatcask.disk.durable import make_folder
from chatcask.disk.new_file import new_file
from chatcask.errors import ChatcaskError
from chatcask.format.times import time_text, time_value
from chatcask.jobs.turns import alone

if TYPE_CHECKING:
    from chatcask.chats.jsontext import Json, JsonObject

KEPT_RUNS = 200
"""How many runs the record keeps: about a week of hourly ones."""

LOCKS_FOLDER = "automatic"
"""The folder of the record and of its locks, in that for what this machine has to remember."""

SEEN_FILE = "seen.json"
"""The file that says which losses a person was told of (`jobs/seen.py`)."""

_FILE = "runs.json"
_LARGEST = 4 * 1024 * 1024
_WAIT_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class SourceOutcome:
    """What became of one editor's folder.

    Attributes:
        id: The source's id.
        name: What its users call the editor.
        folder: The folder's path.
        saved_at: When its chats were last saved, or found to be saved already; None for not known.
        reason: Why this run did not save it: `running`, or "" if it did.
    """

    id: str
    name: str
    folder: str
    saved_at: datetime | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class AutomaticRun:
    """One run.

    Attributes:
        started: When it began, in UTC.
        ended: When it ended.
        command: The command's name.
        exit_code: What it exited with.
        snapshot: The id of the snapshot that it wrote; None for none.
        losses: How many chats got less since the run before.
        message: What went wrong, in words; "" for nothing.
        sources: What became of each folder.
    """

    started: datetime
    ended: datetime
    command: str
    exit_code: int
    snapshot: str | None = None
    losses: int = 0
    message: str = ""
    sources: tuple[SourceOutcome, ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """What the file holds.

    Attributes:
        runs: The last runs, newest first.
        saved: By a source's id, its last outcome with the time at which it was last saved.
        upkeep: What came of the last upkeep, as it was kept; empty for none yet.
    """

    runs: tuple[AutomaticRun, ...] = ()
    saved: Mapping[str, SourceOutcome] = field(default_factory=dict)
    upkeep: Mapping[str, Json] = field(default_factory=dict)


def read_record(memory: Path | None) -> Record:
    """Return what a machine's memory folder holds; of a file that cannot be understood, nothing."""
    if memory is None:
        return Record()
    try:
        with (memory / LOCKS_FOLDER / _FILE).open("rb") as file:
            document = json.loads(file.read(_LARGEST))
        runs = tuple(_run(each) for each in array_at(document, "runs"))
        saved = [_outcome(each) for each in array_at(document, "saved")]
    except (OSError, ValueError, TypeError, RecursionError):
        return Record()
    return Record(runs, {each.id: each for each in saved}, object_at(document, "upkeep"))


def add_run(memory: Path | None, run: AutomaticRun) -> None:
    """Record a run, durably. That it cannot be recorded keeps nothing from being done."""
    _change(memory, lambda known: Record((run, *known.runs)[:KEPT_RUNS], _saved(known, run), known.upkeep))


def keep_upkeep(memory: Path | None, result: Mapping[str, Json]) -> None:
    """Record what came of an upkeep, in place of the one before; `result` is plain JSON."""
    _change(memory, lambda known: Record(known.runs, known.saved, result))


def remove_record(memory: Path | None) -> None:
    """Remove the record and its locks, as far as possible."""
    if memory is None:
        return
    folder = memory / LOCKS_FOLDER
    with suppress(OSError):
        for path in (*folder.glob("*.lock"), folder / _FILE, folder / SEEN_FILE):
            path.unlink(missing_ok=True)
        folder.rmdir()


def _change(memory: Path | None, change: Callable[[Record], Record]) -> None:
    if memory is None:
        return
    folder = memory / LOCKS_FOLDER
    with suppress(OSError, ChatcaskError):
        make_folder(folder, 0o700)
        with alone(folder, ["record"], _WAIT_SECONDS):
            record = change(read_record(memory))
            with new_file(folder / _FILE, overwrite=True) as file:
                file.write(json.dumps(_document(record)).encode("ascii"))


def _saved(known: Record, run: AutomaticRun) -> dict[str, SourceOutcome]:
    saved = dict(known.saved)
    for each in run.sources:
        before = saved.get(each.id)
        last = each.saved_at or (before.saved_at if before else None)
        saved[each.id] = SourceOutcome(each.id, each.name, each.folder, last, each.reason)
    return saved


def _document(record: Record) -> JsonObject:
    return {
        "version": 1,
        "runs": [_run_json(run) for run in record.runs],
        "saved": _outcomes_json(record.saved.values()),
        "upkeep": dict(record.upkeep),
    }


def _run_json(run: AutomaticRun) -> JsonObject:
    return {
        "started": time_text(run.started),
        "ended": time_text(run.ended),
        "command": run.command,
        "exit_code": run.exit_code,
        "snapshot": run.snapshot,
        "losses": run.losses,
        "message": run.message,
        "sources": _outcomes_json(run.sources),
    }


def _outcomes_json(outcomes: Iterable[SourceOutcome]) -> list[Json]:
    return [
        {
            "id": each.id,
            "name": each.name,
            "folder": each.folder,
            "saved_at": time_text(each.saved_at) if each.saved_at else None,
            "reason": each.reason,
        }
        for each in outcomes
    ]


def _run(value: Json) -> AutomaticRun:
    return AutomaticRun(
        started=_moment(value, "started"),
        ended=_moment(value, "ended"),
        command=text_at(value, "command") or "",
        exit_code=whole_at(value, "exit_code") or 0,
        snapshot=text_at(value, "snapshot"),
        losses=whole_at(value, "losses") or 0,
        message=text_at(value, "message") or "",
        sources=tuple(_outcome(each) for each in array_at(value, "sources")),
    )


def _outcome(value: Json) -> SourceOutcome:
    return SourceOutcome(
        id=text_at(value, "id") or "",
        name=text_at(value, "name") or "",
        folder=text_at(value, "folder") or "",
        saved_at=_moment(value, "saved_at") if text_at(value, "saved_at") else None,
        reason=text_at(value, "reason") or "",
    )


def _moment(value: Json, key: str) -> datetime:
    return time_value(text_at(value, key) or "")
