"""What is told of running by itself: what is installed, what came of the last run, when chats were saved."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from chatcask.documents.document import Document

if TYPE_CHECKING:
    from chatcask.jobs.job import Command, Jobs
    from chatcask.jobs.record import AutomaticRun
    from chatcask.jobs.state import SavedSource


@dataclass(frozen=True, slots=True)
class JobFileRow:
    """One file of a job."""

    path: Path
    content: str


@dataclass(frozen=True, slots=True)
class JobsDocument(Document):
    """The jobs that were installed, or would be; `commands` made them known to the system."""

    kind: str
    dry_run: bool
    files: tuple[JobFileRow, ...]
    commands: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class JobsRemovedDocument(Document):
    """The files of jobs that were removed."""

    kind: str
    removed: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class AutomaticRunRow:
    """One run by itself."""

    started: datetime
    ended: datetime
    command: str
    exit_code: int
    snapshot: str | None
    losses: int
    message: str


@dataclass(frozen=True, slots=True)
class SavedSourceRow:
    """When the chats of an editor's folder were last saved."""

    id: str
    name: str
    user_data_dir: Path
    saved_at: datetime | None
    running: bool
    alarming: bool


@dataclass(frozen=True, slots=True)
class AutomaticDocument(Document):
    """Whether chats are saved by themselves, and what came of it."""

    on: bool
    kind: str
    files: tuple[Path, ...]
    last_run: AutomaticRunRow | None
    sources: tuple[SavedSourceRow, ...]
    alarming: bool


def jobs_document(jobs: Jobs, commands: Iterable[Command], *, dry_run: bool = False) -> JobsDocument:
    """Return what jobs are."""
    files = tuple(JobFileRow(file.path, file.text) for file in jobs.files)
    return JobsDocument(jobs.kind, dry_run, files, tuple(commands))


def jobs_removed_document(jobs: Jobs, removed: Iterable[Path]) -> JobsRemovedDocument:
    """Return which files are gone."""
    return JobsRemovedDocument(jobs.kind, tuple(removed))


def automatic_document(
    jobs: Jobs,
    files: Sequence[Path],
    last_run: AutomaticRun | None,
    sources: Iterable[SavedSource],
    *,
    alarming: bool,
) -> AutomaticDocument:
    """Return how saving by itself goes."""
    rows = tuple(
        SavedSourceRow(each.id, each.name, each.folder, each.saved_at, each.running, each.alarming)
        for each in sources
    )
    run = _run(last_run) if last_run else None
    return AutomaticDocument(bool(files), jobs.kind, tuple(files), run, rows, alarming)


def _run(run: AutomaticRun) -> AutomaticRunRow:
    return AutomaticRunRow(
        started=run.started,
        ended=run.ended,
        command=run.command,
        exit_code=run.exit_code,
        snapshot=run.snapshot,
        losses=run.losses,
        message=run.message,
    )
