"""What a run tells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from chatcask.advice import Advice, AdviceCode
from chatcask.documents.document import Document, ElsewhereRow, ProblemRow, elsewhere_rows, problem_rows

if TYPE_CHECKING:
    from chatcask.assistants.base import Elsewhere
    from chatcask.format.snapshot import SourceState
    from chatcask.ops.snapshot.take import SnapshotResult

_SHORT_SESSION = 8
_SHORT_SNAPSHOT = 12


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A source in a snapshot; `captured` tells whether this run saw it, `seen_at` when it was seen last."""

    id: str
    captured: bool
    reason: str | None
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class SkippedRow:
    """A source that was left alone, since its editor runs."""

    source: str
    reason: str
    pid: int | None
    message: str


@dataclass(frozen=True, slots=True)
class LossRow:
    """A chat that is less than it was, how to see it as it was, and what brings it back."""

    session: str
    title: str
    kind: str
    path: str
    before: int
    after: int
    message: str
    snapshot: str
    way_back: Advice
    remedy: Advice


@dataclass(frozen=True, slots=True)
class WorkspaceRow:
    """What one workspace gave."""

    workspace_key: str
    workspace_name: str
    files_extracted: int
    errors: tuple[ProblemRow, ...]


@dataclass(frozen=True, slots=True)
class SnapshotDocument(Document):
    """What a run did, or would do."""

    success: bool
    dry_run: bool
    timestamp: datetime
    snapshot: str | None
    parent: str | None
    root: str | None
    unchanged: bool
    complete: bool
    sources: tuple[SourceRow, ...]
    skipped: tuple[SkippedRow, ...]
    workspaces_processed: int
    files: int
    files_extracted: int
    files_unchanged: int
    bytes_scanned: int
    bytes_read: int
    bytes_new: int
    bytes_stored: int
    errors: tuple[ProblemRow, ...]
    losses: tuple[LossRow, ...]
    chats: int
    elsewhere: tuple[ElsewhereRow, ...]
    tags: tuple[str, ...]
    details: tuple[WorkspaceRow, ...]


def snapshot_document(
    result: SnapshotResult, *, dry_run: bool, elsewhere: Iterable[Elsewhere] = ()
) -> SnapshotDocument:
    """Return what a run did, and which chats it saw and did not save."""
    snapshot, totals = result.snapshot, result.snapshot.totals
    return SnapshotDocument(
        success=True,
        dry_run=dry_run,
        timestamp=snapshot.taken_at,
        snapshot=result.reference.id if result.reference else None,
        parent=snapshot.parent,
        root=snapshot.root.id.hex() if snapshot.root.id and not dry_run else None,
        unchanged=result.unchanged,
        complete=snapshot.complete,
        sources=source_rows(snapshot.sources),
        skipped=tuple(
            SkippedRow(one.source.id, one.editor.reason, one.editor.pid, one.editor.description)
            for one in result.skipped
        ),
        workspaces_processed=totals.workspaces,
        files=totals.files,
        files_extracted=totals.files_extracted,
        files_unchanged=totals.files_unchanged,
        bytes_scanned=totals.bytes_scanned,
        bytes_read=totals.bytes_read,
        bytes_new=totals.bytes_new,
        bytes_stored=totals.bytes_stored,
        errors=problem_rows(snapshot.problems),
        losses=loss_rows(loss.as_row() for loss in result.losses),
        chats=sum(result.chats.values()),
        elsewhere=elsewhere_rows(elsewhere),
        tags=snapshot.tags,
        details=tuple(
            WorkspaceRow(one.key, one.name, one.files_extracted, problem_rows(one.errors))
            for one in result.workspaces
        ),
    )


def loss_rows(rows: Iterable[Mapping[str, Any]]) -> tuple[LossRow, ...]:
    """Return losses as a manifest has them, with the way back to each chat as it was."""
    return tuple(_loss(row) for row in rows)


def _loss(row: Mapping[str, Any]) -> LossRow:
    session, snapshot = row.get("session", ""), row.get("snapshot", "")
    return LossRow(
        session=session,
        title=row.get("title", ""),
        kind=row.get("kind", ""),
        path=row.get("path", ""),
        before=row.get("before", 0),
        after=row.get("after", 0),
        message=row.get("message", ""),
        snapshot=snapshot,
        way_back=Advice(AdviceCode.SHOW_VERSION, session=session, snapshot=snapshot[:12]),
        remedy=remedy(row.get("kind", ""), session, snapshot, row.get("editor", "")),
    )


def remedy(kind: str, session: str, snapshot: str, editor: str = "") -> Advice:
    """Return what brings back what was lost.

    Args:
        kind: That of a row of losses (docs/format.md section 9).
        session: The chat.
        snapshot: What has it as it was.
        editor: Its source, if the chat's id alone does not say which is meant.
    """
    match kind:
        case "lost_list":
            return Advice(AdviceCode.FIX_LIST)
        case "left_index" | "unended":
            return Advice(AdviceCode.FIX_CHAT, name=session[:_SHORT_SESSION])
        case "vanished":
            code = AdviceCode.RESTORE_VERSION
        case _:
            code = AdviceCode.REPLACE_BY_VERSION
    name = f"{editor}/{session[:_SHORT_SESSION]}" if editor else session[:_SHORT_SESSION]
    return Advice(code, session=name, snapshot=snapshot[:_SHORT_SNAPSHOT])


def source_rows(sources: Iterable[SourceState]) -> tuple[SourceRow, ...]:
    """Return what a manifest says of each source."""
    return tuple(SourceRow(s.id, s.captured, s.reason or None, s.seen_at) for s in sources)
