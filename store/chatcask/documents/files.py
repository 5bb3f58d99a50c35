"""What is told of the files of a snapshot: a listing, and what was written into a folder."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from chatcask.documents.document import EPOCH, Document, ProblemRow, problem_rows
from chatcask.format.tree import Entry, EntryKind

if TYPE_CHECKING:
    from chatcask.ops.files.restore_files import RestoredFiles
    from chatcask.workbench.snapshots import SnapshotPath


@dataclass(frozen=True, slots=True)
class EntryRow:
    """A file or folder of a snapshot; `carried` tells that its bytes are those of an earlier one."""

    path: str
    kind: str
    size: int
    mtime: datetime | None
    carried: bool


@dataclass(frozen=True, slots=True)
class FilesDocument(Document):
    """What stands at a path of a snapshot."""

    snapshot: str
    path: str
    entries: tuple[EntryRow, ...]


@dataclass(frozen=True, slots=True)
class RestoredFilesDocument(Document):
    """What was written into a folder; `files_present` had the same bytes there already."""

    success: bool
    snapshot: str
    path: str
    kind: str
    output: Path
    files: int
    links: int
    bytes_written: int
    files_present: int
    errors: tuple[ProblemRow, ...]


def files_document(found: SnapshotPath, entries: Iterable[tuple[str, Entry]]) -> FilesDocument:
    """Return a listing."""
    rows = tuple(_entry(path, entry) for path, entry in entries)
    return FilesDocument(found.stored.reference.id, found.path, rows)


def restored_files_document(
    found: SnapshotPath, output: Path, done: RestoredFiles, *, success: bool
) -> RestoredFilesDocument:
    """Return what was written into a folder."""
    return RestoredFilesDocument(
        success=success,
        snapshot=found.stored.reference.id,
        path=found.path,
        kind="file" if found.entry.kind is EntryKind.FILE else "folder",
        output=output,
        files=done.files,
        links=done.links,
        bytes_written=done.bytes_written,
        files_present=len(done.skipped),
        errors=problem_rows(done.problems),
    )


def changed_at(entry: Entry) -> datetime | None:
    """Return when a file was last changed, as its editor's folder had it; folders have no time."""
    if entry.kind is EntryKind.FOLDER:
        return None
    return EPOCH + timedelta(microseconds=entry.mtime_ns // 1000)


def _entry(path: str, entry: Entry) -> EntryRow:
    return EntryRow(path, entry.kind.name.lower(), entry.size, changed_at(entry), entry.carried)
