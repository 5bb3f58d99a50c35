"""What is wrong with chats that have a file: the file, the list, or the workspace that shows them."""

from __future__ import annotations

from collections.abc import Iterator

from chatcask.chats.chat_list import ChatIndex
from chatcask.errors import RestoreRefusedError
from chatcask.monitor import Problem
from chatcask.ops.browse.stored_version import StoredVersion
from chatcask.ops.editing.cause import FindingKind, Once, Trouble, said_by_entry, trouble_of
from chatcask.ops.editing.finding import ChatFinding
from chatcask.ops.editing.known_chats import is_known_sound
from chatcask.ops.editing.look import Look
from chatcask.ops.editing.place_content import PlaceContent
from chatcask.ops.editing.place_state import ChatOnDisk, read_chat

_LOCATIONS = ("panel", "editing-session", None)


def findings_in_files(look: Look, content: PlaceContent, on_disk: frozenset[str]) -> Iterator[ChatFinding]:
    """Yield what is wrong with the chats of a place that have a file.

    Args:
        look: The look.
        content: What stands in the place.
        on_disk: Ids of the chats that the places which took over from it have.
    """
    for session in sorted(content.sessions):
        if not content.successors.places and is_known_sound(look, content, session):
            look.doctor.monitor.advance(1)
            continue
        try:
            chat = read_chat(content.place, session, look.watch)
        except RestoreRefusedError as error:
            look.report(Problem(content.place.session_path(session), "unreadable", error.message))
            continue
        look.doctor.monitor.advance(sum(map(len, chat.files.values())))
        if content.successors.places:
            yield from _moved(look, chat, content, on_disk)
        else:
            yield from _broken(look, chat, content)


def _broken(look: Look, found: ChatOnDisk, content: PlaceContent) -> Iterator[ChatFinding]:
    # What is known from elsewhere decides what is wrong with a chat without turns: it may never have had any.
    is_whole = bool(found.turns) and found.opens
    once = Once() if is_whole else _once(look, found, content)
    trouble = trouble_of(found, content.index, once)
    if trouble is not None and _belongs_in_list(found, content.index):
        stored = look.stored(found.session) if is_whole else once.stored
        yield _finding(look, found, content, trouble, stored)


def _once(look: Look, found: ChatOnDisk, content: PlaceContent) -> Once:
    has_transcript = found.session in content.transcripts
    transcript = look.transcript(found.place, found.session) if has_transcript else None
    said = (said_by_entry(index.entry(found.session), found) for index in content.lists)
    return Once(
        stored=look.stored(found.session),
        transcript_turns=transcript.turns if transcript else 0,
        listed_as=next((words for words in said if words), ""),
    )


def _belongs_in_list(found: ChatOnDisk, index: ChatIndex | None) -> bool:
    """Tell whether the chat is one that the editor would list: not that of a terminal or a notebook."""
    entry = index.entry(found.session) if index else None
    chat = found.chat
    return entry is not None or chat is None or chat.location in _LOCATIONS


def _finding(
    look: Look, found: ChatOnDisk, content: PlaceContent, trouble: Trouble, stored: StoredVersion | None
) -> ChatFinding:
    chat = found.chat
    transcript = None
    if found.session in content.transcripts:
        transcript = look.transcript(found.place, found.session)
    turns_there = transcript.turns if transcript else 0
    can_be_had = found.turns or trouble.turns_beside or stored or turns_there
    title = chat.title if chat and chat.turns else ""
    return ChatFinding(
        kind=trouble.kind,
        place=found.place,
        session=found.session,
        title=title or listed_title(content, found.session) or (stored.summary.title if stored else ""),
        cause=trouble.cause,
        turns_on_disk=max(found.turns, trouble.turns_beside),
        stored=stored,
        transcript=found.place.transcript(found.session) if transcript else None,
        turns_in_transcript=turns_there,
        edits=found.place.edits / found.session
        if not can_be_had and found.session in content.edits
        else None,
        can_fix=trouble.needs_database and bool(can_be_had),
    )


def listed_title(content: PlaceContent, session: str) -> str:
    """Return the title that the editor's list, else its backup, has for a chat, or ""."""
    entries = (index.entry(session) for index in content.lists)
    return next((entry.title for entry in entries if entry is not None and entry.title), "")


def _moved(
    look: Look, found: ChatOnDisk, content: PlaceContent, on_disk: frozenset[str]
) -> Iterator[ChatFinding]:
    """Yield a chat of a workspace whose folder has another one now, unless it is there already."""
    chat = found.chat
    if chat is None or not chat.turns or not _belongs_in_list(found, content.index):
        return
    if found.session in on_disk:
        return
    successors = content.successors
    target = successors.target
    names = ", ".join(f"{place.workspace} ({place.name})" for place in successors.places)
    sure = "has a new workspace" if target else "may have one of several new workspaces"
    yield ChatFinding(
        kind=FindingKind.MOVED,
        place=found.place,
        session=found.session,
        title=chat.title,
        cause=f"its folder {sure}: {names}, which does not have the chat; {successors.evidence}",
        turns_on_disk=found.turns,
        stored=look.stored(found.session),
        transcript=found.place.transcript(found.session) if found.session in content.transcripts else None,
        target=target,
        candidates=() if target else successors.places,
        evidence=successors.evidence,
        folder_now=successors.folder_now,
        can_fix=target is not None,
    )
