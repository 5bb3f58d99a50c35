"""What is told of changes to an editor's folder: a restore, and an undo."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chatcask.advice import Remark
from chatcask.documents.document import AsStored, Document
from chatcask.documents.snapshots import LossRow, loss_rows
from chatcask.ops.editing.change import field_steps, file_steps

if TYPE_CHECKING:
    from chatcask.ops.editing.apply import Applied
    from chatcask.ops.editing.change import EditorChange
    from chatcask.ops.editing.plan_restore import RestorePlan
    from chatcask.ops.editing.plan_undo import UndoPlan


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
        **steps_of(plan.change),
        put_right=tuple(plan.put_right),
        warnings=tuple(plan.warnings),
        safety_snapshot=applied.safety.id if applied else None,
        losses=rows_of_losses(applied),
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
        **steps_of(plan.change),
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
        losses=rows_of_losses(applied),
    )


def rows_of_losses(applied: Applied | None) -> tuple[LossRow, ...]:
    """Return what the safety snapshot found lost beside the change."""
    return loss_rows(loss.as_row() for loss in applied.losses) if applied else ()


def steps_of(change: EditorChange) -> dict[str, Any]:
    """Return the files and fields that a change writes, as the documents of changes name them."""
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
