"""Chats that have no file: listed ones, and those that a backup, a transcript, edits or the store knows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from chatcask.assistants.editing import Place
from chatcask.catalog.chat_file import ChatFile
from chatcask.chats.chat_list import IndexEntry
from chatcask.ops.editing.cause import FindingKind
from chatcask.ops.editing.finding import ChatFinding
from chatcask.ops.editing.findings_in_files import listed_title
from chatcask.ops.editing.look import Look
from chatcask.ops.editing.place_content import PlaceContent
from chatcask.ops.editing.successors import Successors

_FIXABLE = (FindingKind.NO_FILE, FindingKind.ONLY_IN_BACKUP, FindingKind.ONLY_TRANSCRIPT)
_IN_THE_PLACE = (FindingKind.NO_FILE, FindingKind.ONLY_OLDER_LIST)
"""These are looked for in files of the place itself only."""

_WORDS = {
    FindingKind.NO_FILE: "the editor lists it, and its file is gone; a click on it does nothing",
    FindingKind.ONLY_IN_BACKUP: (
        "the editor listed it when it was closed last; its file and its entry are gone"
    ),
    FindingKind.ONLY_TRANSCRIPT: (
        "only the Copilot extension's transcript of it is left (a chat that you deleted looks the same)"
    ),
    FindingKind.ONLY_EDITS: (
        "only the record of its edits of files is left (of every chat that was deleted it stays)"
    ),
    FindingKind.ONLY_OLDER_LIST: (
        "it stands where editors before 1.99 kept chats, and the list that the editor has begun since does"
        " not name it (a chat that you deleted may look the same)"
    ),
    FindingKind.GONE: (
        "the newest snapshot has it, and the disk has not (a chat that you deleted looks the same)"
    ),
    FindingKind.GONE_BEFORE: (
        "an earlier snapshot has it, and the disk has not (a chat that you deleted looks the same)"
    ),
}


@dataclass(frozen=True, slots=True)
class Held:
    """The chats of one place that snapshots hold, by id; `newest` are those of the newest one."""

    newest: Mapping[str, ChatFile]
    earlier: Mapping[str, ChatFile]


def findings_without_file(
    look: Look, content: PlaceContent, held: Held, on_disk: frozenset[str]
) -> Iterator[ChatFinding]:
    """Yield the chats of a place that have no file in any place.

    Args:
        look: The look.
        content: What stands in the place.
        held: What the store has of the place.
        on_disk: Ids of all chats that have a file in any place.
    """
    seen: set[str] = set()
    has_list = content.index is not None and content.index.is_valid
    for kind, sessions in _by_kind(content, held):
        present = content.sessions if kind in _IN_THE_PLACE else on_disk
        for session in sessions:
            if session in present or session in seen:
                continue
            seen.add(session)
            finding = _finding(look, content, kind, session, has_list=has_list)
            if finding.turns or kind not in (FindingKind.GONE, FindingKind.GONE_BEFORE):
                yield finding


def gone_with_place(look: Look, place: Place, held: Held, on_disk: frozenset[str]) -> list[ChatFinding]:
    """Return the chats of a place that is gone as a whole and that snapshots hold."""
    content = PlaceContent(place, frozenset(), None, None, "", frozenset(), frozenset(), Successors())
    return list(findings_without_file(look, content, held, on_disk))


def _by_kind(content: PlaceContent, held: Held) -> Iterator[tuple[FindingKind, Sequence[str]]]:
    """Yield the ids that each trace of a chat gives, the surest trace first."""
    if not content.successors.places:
        listed = content.index.entries if content.index is not None else ()
        yield FindingKind.NO_FILE, _shown(listed)
        before = content.backup.entries if content.backup is not None else ()
        yield FindingKind.ONLY_IN_BACKUP, _shown(before)
    if content.has_own_list and not content.successors.places:
        yield FindingKind.ONLY_OLDER_LIST, sorted(content.older)
    yield FindingKind.GONE, sorted(held.newest)
    yield FindingKind.ONLY_TRANSCRIPT, sorted(content.transcripts)
    yield FindingKind.GONE_BEFORE, sorted(held.earlier)
    yield FindingKind.ONLY_EDITS, sorted(content.edits)


def _shown(entries: Sequence[IndexEntry]) -> list[str]:
    return [entry.key for entry in entries if entry.is_listed]


def _finding(
    look: Look, content: PlaceContent, kind: FindingKind, session: str, *, has_list: bool
) -> ChatFinding:
    place = content.place
    stored = look.stored(session)
    transcript = look.transcript(place, session) if session in content.transcripts else None
    older = content.older.get(session)
    chat = older.chat if older else None
    turns = transcript.turns if transcript else 0
    written = transcript.chat.title if transcript and transcript.chat else ""
    known = stored.summary.title if stored else written
    is_left = stored is None and not turns
    return ChatFinding(
        kind=kind,
        place=place,
        session=session,
        title=listed_title(content, session) or (chat.title if chat else known),
        cause=_WORDS[kind],
        turns_on_disk=len(chat.turns) if chat else 0,
        stored=stored,
        transcript=place.transcript(session) if transcript else None,
        turns_in_transcript=turns,
        is_shared=look.is_shared(session),
        edits=place.edits / session if is_left and not chat and session in content.edits else None,
        can_fix=kind in _FIXABLE and not is_left and has_list and not content.successors.places,
    )
