"""What the doctor tells: what is wrong with chats in an editor's folder, and what was mended."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from chatcask.advice import Advice
from chatcask.documents.document import Document, ElsewhereRow, ProblemRow, elsewhere_rows, problem_rows
from chatcask.documents.editing import ChangedFieldRow, ChangedFileRow, rows_of_losses, steps_of
from chatcask.documents.old_copies import LookedIntoRow, looked_into_rows
from chatcask.documents.snapshots import LossRow

if TYPE_CHECKING:
    from chatcask.assistants.base import Elsewhere
    from chatcask.ops.editing.diagnose import Examination
    from chatcask.ops.editing.finding import ChatFinding
    from chatcask.ops.editing.plan_fix import Fixed
    from chatcask.workbench.old_copies import CopiesSeen


@dataclass(frozen=True, slots=True)
class ChatFindingRow:
    """One thing that is wrong with what an editor shows; `command` says what to do about it."""

    kind: str
    source: str
    workspace: str
    folder: str | None
    session: str | None
    title: str | None
    cause: str
    turns_on_disk: int
    turns_in_store: int
    snapshot: str | None
    transcript: Path | None
    target_workspace: str | None
    fixable: bool
    command: Advice
    turns_in_transcript: int
    edits: Path | None
    candidate_workspaces: tuple[str, ...]
    evidence: str | None
    folder_now: Path | None
    chats: int


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A finding that was not mended, and why."""

    finding: str
    message: str


@dataclass(frozen=True, slots=True)
class FixRow:
    """What was mended in one editor's folder, or would be."""

    source: str
    fixed: tuple[str, ...]
    refused: tuple[RefusedRow, ...]
    files: tuple[ChangedFileRow, ...]
    fields: tuple[ChangedFieldRow, ...]
    safety_snapshot: str | None
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DoctorDocument(Document):
    """What was found in editors' folders and what was mended; `skipped` says which were left alone.

    `elsewhere` are chats that are seen and not saved, `losses` what else the safety snapshots found lost,
    `copies` what was found in old copies.
    """

    success: bool
    dry_run: bool
    sources: tuple[str, ...]
    skipped: tuple[str, ...]
    errors: tuple[ProblemRow, ...]
    chats: int
    findings: tuple[ChatFindingRow, ...]
    fixes: tuple[FixRow, ...]
    losses: tuple[LossRow, ...]
    elsewhere: tuple[ElsewhereRow, ...]
    copies: tuple[LookedIntoRow, ...]


def doctor_document(
    visit: Examination,
    fixes: Sequence[Fixed],
    *,
    dry_run: bool,
    elsewhere: Iterable[Elsewhere] = (),
    copies: CopiesSeen | None = None,
) -> DoctorDocument:
    """Return what was found and mended; it succeeded if no folder and no finding was left out."""
    return DoctorDocument(
        success=visit.is_whole and not any(done.plan.refused for done in fixes),
        dry_run=dry_run,
        sources=tuple(diagnosis.source.id for diagnosis in visit.diagnoses),
        skipped=tuple(error.message for error in (*visit.refusals, *visit.passed_over)),
        errors=problem_rows(problem for found in visit.diagnoses for problem in found.problems),
        chats=sum(diagnosis.chats for diagnosis in visit.diagnoses),
        findings=tuple(_finding(one) for diagnosis in visit.diagnoses for one in diagnosis.findings),
        fixes=tuple(_fix(done) for done in fixes),
        losses=tuple(row for done in fixes for row in rows_of_losses(done.applied)),
        elsewhere=elsewhere_rows(elsewhere),
        copies=looked_into_rows(copies),
    )


def _finding(finding: ChatFinding) -> ChatFindingRow:
    stored = finding.stored
    return ChatFindingRow(
        kind=finding.kind.value,
        source=finding.place.source,
        workspace=finding.place.workspace,
        folder=finding.place.folder or None,
        session=finding.session or None,
        title=finding.title or None,
        cause=finding.cause,
        turns_on_disk=finding.turns_on_disk,
        turns_in_store=stored.summary.turn_count if stored else 0,
        snapshot=stored.snapshot.id if stored else None,
        transcript=finding.transcript,
        target_workspace=finding.target.workspace if finding.target else None,
        fixable=finding.can_fix,
        command=finding.advice,
        turns_in_transcript=finding.turns_in_transcript,
        edits=finding.edits,
        candidate_workspaces=tuple(place.workspace for place in finding.candidates),
        evidence=finding.evidence or None,
        folder_now=finding.folder_now,
        chats=finding.chats,
    )


def _fix(done: Fixed) -> FixRow:
    plan, applied = done.plan, done.applied
    return FixRow(
        source=plan.change.source.id,
        fixed=tuple(finding.about for finding in plan.fixed),
        refused=tuple(RefusedRow(finding.about, why) for finding, why in plan.refused),
        **steps_of(plan.change),
        safety_snapshot=applied.safety.id if applied else None,
        warnings=plan.notes,
    )
