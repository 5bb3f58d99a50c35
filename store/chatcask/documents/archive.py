"""What is told of the archive's folder: what became of each chat in it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from chatcask.documents.document import Document, ProblemRow, problem_rows

if TYPE_CHECKING:
    from chatcask.monitor import Problem
    from chatcask.ops.documents.archive import ArchiveResult
    from chatcask.repository.snapshots import StoredSnapshot


@dataclass(frozen=True, slots=True)
class ArchivedRow:
    """What became of one chat in the archive's folder; `kept` is a file that somebody changed."""

    session: str
    title: str
    deed: str
    path: str | None
    kept: str | None


@dataclass(frozen=True, slots=True)
class ArchiveDocument(Document):
    """What was done in the archive's folder, in numbers of chats and chat by chat."""

    success: bool
    snapshot: str
    output: Path
    written: int
    rewritten: int
    moved: int
    unchanged: int
    empty: int
    chats: tuple[ArchivedRow, ...]
    errors: tuple[ProblemRow, ...]


def archive_document(
    stored: StoredSnapshot, folder: Path, done: ArchiveResult, problems: Iterable[Problem]
) -> ArchiveDocument:
    """Return what was done in the archive's folder."""
    from chatcask.ops.documents.archive import Deed  # noqa: PLC0415 - other lists of chats need none of it

    errors = problem_rows(problems)
    return ArchiveDocument(
        success=not errors,
        snapshot=stored.reference.id,
        output=folder,
        **{deed.value: done.count(deed) for deed in Deed},
        chats=tuple(
            ArchivedRow(chat.session, chat.title, chat.deed.value, chat.path or None, chat.kept)
            for chat in done.chats
        ),
        errors=errors,
    )
