"""What is told of a restore of several chats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chatcask.documents.document import Document
from chatcask.documents.editing import RestoreDocument, restore_document

if TYPE_CHECKING:
    from chatcask.ops.editing.restore_many import RefusedRestore, RestoredFolder


@dataclass(frozen=True, slots=True)
class RefusedRestoreRow:
    """A chat that was not put back, as it was named; `error` is the kind."""

    name: str
    error: str
    message: str


@dataclass(frozen=True, slots=True)
class RestoresDocument(Document):
    """What a restore of several chats did, or would do: a row of the form of a single restore for each."""

    success: bool
    dry_run: bool
    changed: bool
    restored: tuple[RestoreDocument, ...]
    refused: tuple[RefusedRestoreRow, ...]
    safety_snapshots: tuple[str, ...]


def restores_document(
    folders: Sequence[RestoredFolder], refused: Sequence[RefusedRestore], *, dry_run: bool
) -> RestoresDocument:
    """Return what a restore of several chats did; it succeeded if none was refused."""
    safety = tuple(folder.applied.safety.id for folder in folders if folder.applied)
    return RestoresDocument(
        success=not refused,
        dry_run=dry_run,
        changed=bool(safety),
        restored=tuple(
            restore_document(plan, None if plan.change.is_empty else folder.applied, dry_run=dry_run)
            for folder in folders
            for plan in folder.plans
        ),
        refused=tuple(RefusedRestoreRow(one.name, one.error.kind, one.error.message) for one in refused),
        safety_snapshots=safety,
    )
