"""What the list of snapshots tells."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from chatcask.documents.document import Document
from chatcask.documents.snapshots import LossRow, SourceRow, loss_rows, source_rows

if TYPE_CHECKING:
    from chatcask.errors import DamagedError
    from chatcask.repository.labels import Labels
    from chatcask.repository.snapshots import StoredSnapshot


@dataclass(frozen=True, slots=True)
class LoggedRow:
    """One snapshot of the store."""

    snapshot: str
    origin: str
    timestamp: datetime
    host: str
    parent: str | None
    root: str | None
    complete: bool
    problems: int
    losses: tuple[LossRow, ...]
    tags: tuple[str, ...]
    pinned: bool
    files: int
    files_extracted: int
    bytes_new: int
    bytes_stored: int
    sources: tuple[SourceRow, ...]


@dataclass(frozen=True, slots=True)
class LogDocument(Document):
    """The snapshots of the store, newest first; `damaged` says which manifests cannot be read."""

    snapshots: tuple[LoggedRow, ...]
    damaged: tuple[str, ...]


def log_document(
    loaded: Iterable[StoredSnapshot], damaged: Iterable[DamagedError], labels: Labels
) -> LogDocument:
    """Return the snapshots of a store."""
    return LogDocument(
        tuple(_logged(stored, labels) for stored in loaded), tuple(error.message for error in damaged)
    )


def _logged(stored: StoredSnapshot, labels: Labels) -> LoggedRow:
    reference, snapshot = stored
    totals = snapshot.totals
    return LoggedRow(
        snapshot=reference.id,
        origin=reference.origin,
        timestamp=snapshot.taken_at,
        host=snapshot.host,
        parent=snapshot.parent,
        root=snapshot.root.id.hex() if snapshot.root.id else None,
        complete=snapshot.complete,
        problems=snapshot.problem_count,
        losses=loss_rows(snapshot.losses),
        tags=labels.tags(reference.id, snapshot.tags),
        pinned=labels.is_pinned(reference.id),
        files=totals.files,
        files_extracted=totals.files_extracted,
        bytes_new=totals.bytes_new,
        bytes_stored=totals.bytes_stored,
        sources=source_rows(snapshot.sources),
    )
