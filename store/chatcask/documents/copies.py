"""What is told of old copies that were stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from chatcask.documents.document import Document

if TYPE_CHECKING:
    from chatcask.ops.editing.import_copies import ImportedCopy


@dataclass(frozen=True, slots=True)
class CopyRow:
    """One copy; `snapshot` is None if the store has it as it is already, or if it was not stored."""

    folder: str
    snapshot: str | None
    timestamp: datetime
    complete: bool
    files: int


@dataclass(frozen=True, slots=True)
class CopiesDocument(Document):
    """The copies of an editor's folder that were stored."""

    success: bool
    copies: tuple[CopyRow, ...]


def copies_document(copies: Sequence[ImportedCopy]) -> CopiesDocument:
    """Return what was stored; it succeeded if every file could be read."""
    return CopiesDocument(
        success=all(copy.result.snapshot.complete for copy in copies),
        copies=tuple(
            CopyRow(
                folder=copy.folder,
                snapshot=copy.result.reference.id if copy.result.reference else None,
                timestamp=copy.result.snapshot.taken_at,
                complete=copy.result.snapshot.complete,
                files=copy.result.snapshot.totals.files,
            )
            for copy in copies
        ),
    )
