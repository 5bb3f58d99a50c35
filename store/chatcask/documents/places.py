"""What is told of places: a store that was made, editors' folders, what left the store and entered it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from chatcask.documents.document import Document, ElsewhereRow, ProblemRow, elsewhere_rows, problem_rows

if TYPE_CHECKING:
    from chatcask.assistants.base import Elsewhere, RunningEditor, Source
    from chatcask.monitor import Problem
    from chatcask.ops.bundle.read_in import ImportResult
    from chatcask.ops.bundle.write import ExportResult


@dataclass(frozen=True, slots=True)
class StoreDocument(Document):
    """A store that was made."""

    success: bool
    store: Path
    store_id: str


@dataclass(frozen=True, slots=True)
class EditorRow:
    """An editor's folder, and what shows that the editor runs."""

    id: str
    product: str
    name: str
    user_data_dir: Path
    running: bool
    reason: str | None
    pid: int | None


@dataclass(frozen=True, slots=True)
class EditorsDocument(Document):
    """The editors' folders that are found, and chats that are seen and not saved."""

    sources: tuple[EditorRow, ...]
    elsewhere: tuple[ElsewhereRow, ...]


@dataclass(frozen=True, slots=True)
class BundleDocument(Document):
    """A bundle that was written."""

    success: bool
    output: str
    snapshots: int
    files: int
    rows: int
    bytes_read: int
    bytes_written: int
    errors: tuple[ProblemRow, ...]


@dataclass(frozen=True, slots=True)
class ExportedChatsDocument(Document):
    """Chats that were written for people to read."""

    success: bool
    output: str
    format: str
    files: tuple[str, ...]
    bytes_written: int
    errors: tuple[ProblemRow, ...]


@dataclass(frozen=True, slots=True)
class ImportDocument(Document):
    """What a bundle brought; `snapshots_present` were in the store already."""

    success: bool
    exported_at: datetime
    unchanged: bool
    snapshots: tuple[str, ...]
    snapshots_present: tuple[str, ...]
    files: int
    files_lost: int
    bytes_read: int
    bytes_new: int
    bytes_stored: int
    errors: tuple[ProblemRow, ...]


def editors_document(
    found: Iterable[tuple[Source, RunningEditor | None]], elsewhere: Iterable[Elsewhere] = ()
) -> EditorsDocument:
    """Return editors' folders, and chats that are seen and not saved."""
    rows = tuple(_editor(source, editor) for source, editor in found)
    return EditorsDocument(rows, elsewhere_rows(elsewhere))


def bundle_document(done: ExportResult, output: str) -> BundleDocument:
    """Return what went into a bundle."""
    return BundleDocument(
        success=not done.problems,
        output=output,
        snapshots=done.snapshots,
        files=done.files,
        rows=done.rows,
        bytes_read=done.bytes_read,
        bytes_written=done.bytes_written,
        errors=problem_rows(done.problems),
    )


def exported_chats_document(
    output: str, format_name: str, files: Iterable[str], size: int, problems: Sequence[Problem] = ()
) -> ExportedChatsDocument:
    """Return what was written for people."""
    return ExportedChatsDocument(
        success=not problems,
        output=output,
        format=format_name,
        files=tuple(files),
        bytes_written=size,
        errors=problem_rows(problems),
    )


def import_document(done: ImportResult) -> ImportDocument:
    """Return what a bundle brought."""
    return ImportDocument(
        success=not done.problems,
        exported_at=done.exported_at,
        unchanged=not done.committed,
        snapshots=tuple(reference.id for reference in done.committed),
        snapshots_present=tuple(reference.id for reference in done.present),
        files=done.files,
        files_lost=done.files_lost,
        bytes_read=done.bytes_read,
        bytes_new=done.bytes_new,
        bytes_stored=done.bytes_stored,
        errors=problem_rows(done.problems),
    )


def _editor(source: Source, editor: RunningEditor | None) -> EditorRow:
    return EditorRow(
        id=source.id,
        product=source.product.name,
        name=source.product.display_name,
        user_data_dir=source.user_data_dir,
        running=editor is not None,
        reason=editor.reason if editor else None,
        pid=editor.pid if editor else None,
    )
