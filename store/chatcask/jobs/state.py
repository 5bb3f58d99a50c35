"""How saving by itself goes: when the chats of each editor were last saved, and what is alarming about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chatcask.assistants.base import RunningEditor, Source
    from chatcask.jobs.record import AutomaticRun, Record

OLD = timedelta(days=3)
"""Chats that were not saved for so long are alarming: somebody's editor never closes, or nothing runs."""

SILENT = timedelta(days=1)
"""No run for so long is alarming while jobs are installed that run every hour."""


@dataclass(frozen=True, slots=True)
class SavedSource:
    """When the chats of an editor's folder were last saved, or found to be saved.

    Attributes:
        id: The source's id.
        name: What its users call the editor.
        folder: The folder.
        saved_at: The time; None for never, as far as is known.
        running: Whether the editor runs now.
        alarming: Whether that is too long ago.
    """

    id: str
    name: str
    folder: Path
    saved_at: datetime | None
    running: bool
    alarming: bool


def saved_sources(
    found: Iterable[tuple[Source, RunningEditor | None]],
    record: Record,
    snapshots: Mapping[str, datetime],
    now: datetime,
) -> list[SavedSource]:
    """Return when each source was last saved.

    Args:
        found: The sources of this machine, and which of their editors run.
        record: What runs by themselves have recorded.
        snapshots: By a source's id, when the newest snapshot saw its folder.
        now: The time now.
    """
    rows = []
    for source, editor in found:
        outcome = record.saved.get(source.id)
        known = [outcome.saved_at if outcome else None, snapshots.get(source.id)]
        saved_at = max((each for each in known if each is not None), default=None)
        is_old = saved_at is None or now - saved_at >= OLD
        name, folder = source.product.display_name, source.user_data_dir
        rows.append(SavedSource(source.id, name, folder, saved_at, editor is not None, is_old))
    return rows


def is_silent(last_run: AutomaticRun | None, now: datetime) -> bool:
    """Tell whether no run has ended for too long."""
    return last_run is None or now - last_run.ended >= SILENT
