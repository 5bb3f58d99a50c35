"""What is told of changes to an editor's folder: a restore, an undo, what the doctor found and mended."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chatcask.advice import Advice, Remark
from chatcask.documents.document import AsStored, Document, ProblemRow, problem_rows
from chatcask.documents.elsewhere import ElsewhereRow, elsewhere_rows
from chatcask.documents.old_copies import LookedIntoRow, looked_into_rows
from chatcask.documents.snapshots import LossRow, loss_rows
from chatcask.ops.editing.change import field_steps, file_steps

if TYPE_CHECKING:
    from chatcask.assistants.base import Elsewhere
    from chatcask.ops.editing.apply import Applied
    from chatcask.ops.editing.change import EditorChange
    from chatcask.ops.editing.diagnose import Examination
    from chatcask.ops.editing.finding import ChatFinding
    from chatcask.ops.editing.plan_fix import Fixed
    from chatcask.ops.editing.plan_restore import RestorePlan
    from chatcask.ops.editing.plan_undo import UndoPlan
    from chatcask.workbench.old_copies import CopiesSeen


@dataclass(frozen=True, slots=True)
class ChangedFileRow:
    """What happens to one file: `write`, `replace` or `remove`."""

    action: str
    path: Path
    size_before: int | None
    size_after: int | None


@dataclass(frozen=True, slots=True)
class ChangedFieldRow:
    """A field of the editor's list of chats that gets another value."""

    place: str
    session: str | None
    field: str
    before: AsStored
    after: AsStored


@dataclass(frozen=True, slots=True)
class TargetRow:
    """The place that a chat is restored into."""

    source: str
    workspace: str
    folder: str | None
    user_data_dir: Path


@dataclass(frozen=True, slots=True)
class RestoreDocument(Document):
    """What a restore of a chat did, or would do."""

    success: bool
    dry_run: bool
    changed: bool
    session: str
    title: str
    turns: int
    snapshot: str
    snapshot_timestamp: datetime
    path: str
    target: TargetRow
    files: tuple[ChangedFileRow, ...]
    fields: tuple[ChangedFieldRow, ...]
    put_right: tuple[str, ...]
    warnings: tuple[Remark, ...]
    safety_snapshot: str | None
    losses: tuple[LossRow, ...]


@dataclass(frozen=True, slots=True)
class PassedOverRow:
    """A newer change that cannot be taken back, and why."""

    id: str
    about: tuple[str, ...]
    timestamp: datetime
    message: str


@dataclass(frozen=True, slots=True)
class UndoDocument(Document):
    """What an undo took back, or would take back."""

    success: bool
    dry_run: bool
    changed: bool
    undone: str
    about: tuple[str, ...]
    timestamp: datetime
    source: str
    user_data_dir: Path
    files: tuple[ChangedFileRow, ...]
    fields: tuple[ChangedFieldRow, ...]
    warnings: tuple[str, ...]
    passed_over: tuple[PassedOverRow, ...]
    safety_snapshot: str | None
    losses: tuple[LossRow, ...]


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


def restore_document(plan: RestorePlan, applied: Applied | None, *, dry_run: bool) -> RestoreDocument:
    """Return what a restore did; `applied` is None if it did nothing."""
    return RestoreDocument(
        success=True,
        dry_run=dry_run,
        changed=applied is not None,
        session=plan.session,
        title=plan.title,
        turns=plan.turns,
        snapshot=plan.version.snapshot.id,
        snapshot_timestamp=plan.version.snapshot.taken_at,
        path=plan.version.file.path,
        target=TargetRow(
            plan.place.source,
            plan.place.workspace,
            plan.place.folder or None,
            plan.change.source.user_data_dir,
        ),
        **_steps(plan.change),
        put_right=tuple(plan.put_right),
        warnings=tuple(plan.warnings),
        safety_snapshot=applied.safety.id if applied else None,
        losses=_losses(applied),
    )


def undo_document(plan: UndoPlan, applied: Applied | None, *, dry_run: bool) -> UndoDocument:
    """Return what an undo did; `applied` is None if it did nothing."""
    record = plan.kept.record
    return UndoDocument(
        success=True,
        dry_run=dry_run,
        changed=applied is not None,
        undone=record.what,
        about=tuple(record.about),
        timestamp=record.made_at,
        source=record.source,
        user_data_dir=plan.change.source.user_data_dir,
        **_steps(plan.change),
        warnings=tuple(plan.notes),
        passed_over=tuple(
            PassedOverRow(
                passed.kept.id,
                tuple(passed.kept.record.about),
                passed.kept.record.made_at,
                passed.error.message,
            )
            for passed in plan.passed_over
        ),
        safety_snapshot=applied.safety.id if applied else None,
        losses=_losses(applied),
    )


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
        skipped=tuple(error.message for error in visit.refusals),
        errors=problem_rows(problem for found in visit.diagnoses for problem in found.problems),
        chats=sum(diagnosis.chats for diagnosis in visit.diagnoses),
        findings=tuple(_finding(one) for diagnosis in visit.diagnoses for one in diagnosis.findings),
        fixes=tuple(_fix(done) for done in fixes),
        losses=tuple(row for done in fixes for row in _losses(done.applied)),
        elsewhere=elsewhere_rows(elsewhere),
        copies=looked_into_rows(copies),
    )


def _losses(applied: Applied | None) -> tuple[LossRow, ...]:
    return loss_rows(loss.as_row() for loss in applied.losses) if applied else ()


def _steps(change: EditorChange) -> dict[str, Any]:
    return {
        "files": tuple(
            ChangedFileRow(step.action, step.path, step.size_before, step.size_after)
            for step in file_steps(change)
        ),
        "fields": tuple(
            ChangedFieldRow(
                step.place, step.session or None, step.field, AsStored(step.before), AsStored(step.after)
            )
            for step in field_steps(change)
        ),
    }


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
        **_steps(plan.change),
        safety_snapshot=applied.safety.id if applied else None,
        warnings=plan.notes,
    )
