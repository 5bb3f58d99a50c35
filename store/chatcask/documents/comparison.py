"""What is told of two snapshots beside each other: files and chats that differ, and in which turns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from chatcask.documents.document import Document, ProblemRow, moment_of, problem_rows

if TYPE_CHECKING:
    from chatcask.monitor import Problem
    from chatcask.ops.browse.chat_change import ChatSide, TurnDelta, TurnText
    from chatcask.ops.browse.diff_files import ChangedFile
    from chatcask.ops.browse.related import RelatedChat
    from chatcask.workbench.comparison import ComparedChat, Comparison


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file that differs: `added`, `removed` or `changed`."""

    path: str
    kind: str
    size_before: int | None
    size_after: int | None


@dataclass(frozen=True, slots=True)
class SideRow:
    """A chat as one of the two snapshots has it."""

    path: str
    source: str
    workspace_key: str
    workspace_name: str
    title: str
    turns: int
    size: int
    state: str
    opens: bool


@dataclass(frozen=True, slots=True)
class TurnRow:
    """A turn that differs; turns are counted from 1, and null stands on the side that lacks it."""

    kind: str
    before: int | None
    after: int | None
    request_id: str | None
    timestamp: datetime | None
    prompt: str
    aspects: tuple[str, ...]
    evidence: str | None
    has_moved: bool


@dataclass(frozen=True, slots=True)
class TurnTextRow(TurnRow):
    """A turn that differs, with the lines of a unified diff of its text."""

    diff: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RelatedRow:
    """An older chat that a new one comes from, and what tells so."""

    session: str
    path: str
    title: str
    relation: str
    confidence: str
    evidence: tuple[str, ...]
    shared_turns: int
    older: str | None


@dataclass(frozen=True, slots=True)
class ComparedChatRow:
    """A chat that differs."""

    session: str
    kind: str
    title: str
    reads_the_same: bool
    before: SideRow | None
    after: SideRow | None
    elsewhere: tuple[str, ...]
    turns_unchanged: int
    turns: tuple[TurnRow, ...]
    related: tuple[RelatedRow, ...]


@dataclass(frozen=True, slots=True)
class ComparisonDocument(Document):
    """What differs; `changes` or `sessions` is null where it was not asked for."""

    before: str | None
    after: str
    changes: tuple[FileRow, ...] | None
    sessions: tuple[ComparedChatRow, ...] | None
    errors: tuple[ProblemRow, ...]


def comparison_document(
    comparison: Comparison,
    files: Iterable[ChangedFile] | None,
    chats: Iterable[tuple[ComparedChat, Sequence[TurnText] | None]] | None,
    problems: Iterable[Problem],
) -> ComparisonDocument:
    """Return what differs: files, chats each with the text of its turns or None, or None for not asked."""
    return ComparisonDocument(
        before=comparison.before.id or None,
        after=comparison.after.id,
        changes=None if files is None else tuple(_file(change) for change in files),
        sessions=None if chats is None else tuple(_chat(found, texts) for found, texts in chats),
        errors=problem_rows(problems),
    )


def _file(change: ChangedFile) -> FileRow:
    return FileRow(change.path, change.kind.value, change.size_before, change.size_after)


def _chat(found: ComparedChat, texts: Sequence[TurnText] | None) -> ComparedChatRow:
    change = found.change
    turns: Iterable[TurnRow] = map(_turn, change.turns) if texts is None else map(_turn_text, texts)
    return ComparedChatRow(
        session=change.session,
        kind=change.kind.value,
        title=change.side.title,
        reads_the_same=change.reads_the_same,
        before=_side(change.before),
        after=_side(change.after),
        elsewhere=tuple(file.path for file in change.elsewhere),
        turns_unchanged=change.unchanged,
        turns=tuple(turns),
        related=tuple(_related(one) for one in found.related),
    )


def _side(side: ChatSide | None) -> SideRow | None:
    if side is None:
        return None
    return SideRow(
        path=side.file.path,
        source=side.file.source,
        workspace_key=side.file.workspace,
        workspace_name=side.file.workspace_name,
        title=side.title,
        turns=side.turn_count,
        size=side.file.size,
        state=str(side.state),
        opens=side.opens,
    )


def _turn(turn: TurnDelta) -> TurnRow:
    return TurnRow(**_facts(turn))


def _turn_text(text: TurnText) -> TurnTextRow:
    return TurnTextRow(**_facts(text.turn), diff=text.lines)


def _facts(turn: TurnDelta) -> dict[str, Any]:
    return {
        "kind": str(turn.kind),
        "before": turn.before,
        "after": turn.after,
        "request_id": turn.request_id,
        "timestamp": moment_of(turn.timestamp_ms),
        "prompt": turn.prompt,
        "aspects": tuple(str(aspect) for aspect in turn.aspects),
        "evidence": str(turn.evidence) if turn.evidence else None,
        "has_moved": turn.has_moved,
    }


def _related(related: RelatedChat) -> RelatedRow:
    match = related.match
    return RelatedRow(
        session=related.file.session,
        path=related.file.path,
        title=related.title,
        relation=str(match.relation),
        confidence=match.confidence.name.lower(),
        evidence=tuple(match.evidence),
        shared_turns=match.shared_turns,
        older=match.older,
    )
