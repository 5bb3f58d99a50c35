"""Look for chats that are on disk and not shown, shown and not there, or that the editor cannot open.

Reads the closed editor's folder and the store; changes nothing. The editor lists what stands in its list and
nothing else (microsoft/vscode chatSessionStore.ts), and refuses a log at its first bad line
(objectMutationLog.ts).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from chatcask.assistants.vscode.chat_list.read import ChatIndex
from chatcask.assistants.vscode.guard.machine_guard import Guard
from chatcask.assistants.vscode.places.chat_places import Place, chat_places
from chatcask.assistants.vscode.places.locate import Family, Source
from chatcask.assistants.vscode.places.snapshot_paths import NO_WORKSPACE
from chatcask.assistants.vscode.places.workspace_ids import path_of_uri
from chatcask.assistants.vscode.state.database import StateDatabaseError
from chatcask.errors import RestoreRefusedError
from chatcask.monitor import Monitor, Problem
from chatcask.ops.browse.versions import StoredVersion
from chatcask.ops.editing.cause import Kind, Trouble, trouble_of
from chatcask.ops.editing.choose_place import Origin, successors_of
from chatcask.ops.editing.finding import ChatFinding, Diagnosis
from chatcask.ops.editing.place_state import FoundChat, ListState, chats_of, read_chat, read_list

Lookup = Callable[[str], StoredVersion | None]
"""Finds the best version of a chat in the store; None where there is none, or no store."""

_LOCATIONS = ("panel", "editing-session", None)


def diagnose(source: Source, *, guard: Guard, family: Family, lookup: Lookup, monitor: Monitor) -> Diagnosis:
    """Look at every chat of a closed editor.

    Raises:
        EditorRunningError: the editor runs; nothing was touched, or nothing more.
    """
    guard.require_closed(source)
    return _Doctor(source, guard, family, lookup, monitor).look()


@dataclass(slots=True)
class _Doctor:
    """One look at one folder."""

    source: Source
    guard: Guard
    family: Family
    lookup: Lookup
    monitor: Monitor
    chats: int = 0
    places: Sequence[Place] = field(default=())

    def look(self) -> Diagnosis:
        self.places = chat_places(self.source, self._watch)
        findings = [finding for place in self.places for finding in self._place(place)]
        return Diagnosis(self.source, self.chats, tuple(findings))

    def _watch(self) -> None:
        self.guard.watch(self.source)

    def _place(self, place: Place) -> Iterator[ChatFinding]:
        chats = chats_of(place, self._watch)
        self.chats += len(chats)
        successors = self._successors(place)
        try:
            listed: ListState | None = read_list(place, self._watch)
        except StateDatabaseError as error:
            listed = None
            if chats and not successors:
                yield ChatFinding(Kind.NO_DATABASE, place, "", "", error.message)
        if listed is not None and listed.index.problem:
            cause = f"{listed.index.problem}; the editor throws the whole list away when it starts"
            yield ChatFinding(Kind.MALFORMED_INDEX, place, "", "", cause, can_fix=True)
        index = listed.index if listed is not None else None
        for session in sorted(chats):
            yield from self._chat(place, session, index, successors)
        if index is not None and not successors:
            yield from self._without_file(place, index, chats)
        if chats and not successors and self._is_orphan(place):
            words = f"{_chats(len(chats))} belong to {place.name}, which is not there now"
            cause = f"{words}; the editor shows them only when that folder is opened"
            yield ChatFinding(Kind.ORPHANED, place, "", "", cause)

    def _successors(self, place: Place) -> list[Place]:
        if place.workspace == NO_WORKSPACE:
            return []
        return successors_of(self.places, Origin(place.workspace, place.folder), self.family)

    def _is_orphan(self, place: Place) -> bool:
        path = path_of_uri(place.folder, self.family)
        return path is not None and not Path(path).exists()

    def _chat(
        self, place: Place, session: str, index: ChatIndex | None, successors: list[Place]
    ) -> Iterator[ChatFinding]:
        try:
            chat = read_chat(place, session, self._watch)
        except RestoreRefusedError as error:
            self.monitor.problem(Problem(place.session_path(session), "unreadable", error.message))
            return
        if successors:
            yield from self._moved(chat, index, successors)
            return
        stored = self.lookup(session) if _needs_store(chat) else None
        trouble = trouble_of(chat, index, stored)
        if trouble is None or not self._belongs_in_list(chat, index):
            return
        if stored is None:
            stored = self.lookup(session)
        yield self._finding(chat, trouble, stored)

    def _belongs_in_list(self, chat: FoundChat, index: ChatIndex | None) -> bool:
        """Tell whether the chat is one that the editor would list: not that of a terminal or a notebook."""
        entry = index.entry(chat.session) if index else None
        session = chat.parsed.session if chat.parsed else None
        return entry is not None or session is None or session.location in _LOCATIONS

    def _finding(self, chat: FoundChat, trouble: Trouble, stored: StoredVersion | None) -> ChatFinding:
        session = chat.parsed.session if chat.parsed else None
        known = stored if stored is not None and stored.summary.turn_count else None
        title = session.title if session and session.turns else known.summary.title if known else ""
        return ChatFinding(
            kind=trouble.kind,
            place=chat.place,
            session=chat.session,
            title=title,
            cause=trouble.cause,
            turns_on_disk=max(chat.turns, trouble.turns_beside),
            stored=known,
            transcript=self._transcript(chat.place, chat.session),
            can_fix=trouble.needs_database and bool(chat.turns or trouble.turns_beside or known),
        )

    def _transcript(self, place: Place, session: str) -> Path | None:
        self._watch()
        path = place.transcript(session)
        return path if path.is_file() else None

    def _without_file(
        self, place: Place, index: ChatIndex, chats: dict[str, list[str]]
    ) -> Iterator[ChatFinding]:
        """Yield what is listed and has no file: the editor shows it, and a click does nothing."""
        for entry in index.entries:
            if not entry.is_listed or entry.session_id in chats:
                continue
            stored = self.lookup(entry.session_id)
            known = stored if stored is not None and stored.summary.turn_count else None
            yield ChatFinding(
                kind=Kind.NO_FILE,
                place=place,
                session=entry.session_id,
                title=entry.title,
                cause="the editor lists it, and its file is gone; a click on it does nothing",
                stored=known,
                transcript=self._transcript(place, entry.session_id),
                can_fix=known is not None and index.is_valid,
            )

    def _moved(
        self, chat: FoundChat, index: ChatIndex | None, successors: list[Place]
    ) -> Iterator[ChatFinding]:
        """Yield a chat of a workspace whose folder has another one now, unless it is there already."""
        session = chat.parsed.session if chat.parsed else None
        is_listed = self._belongs_in_list(chat, index) and session is not None and session.turns
        copied = any(chat.session in chats_of(place, self._watch) for place in successors)
        if not is_listed or session is None or copied:
            return
        names = ", ".join(place.workspace for place in successors)
        folder = successors[0].name
        stored = self.lookup(chat.session)
        yield ChatFinding(
            kind=Kind.MOVED,
            place=chat.place,
            session=chat.session,
            title=session.title,
            cause=f"its folder has a new workspace ({names}, {folder}), which does not have the chat",
            turns_on_disk=chat.turns,
            stored=stored if stored is not None and stored.summary.turn_count else None,
            transcript=self._transcript(chat.place, chat.session),
            target=successors[0] if len(successors) == 1 else None,
            can_fix=len(successors) == 1,
        )


def _needs_store(chat: FoundChat) -> bool:
    """Tell whether the store decides what is wrong: a chat without turns may never have had any."""
    return not chat.turns or not chat.opens


def _chats(count: int) -> str:
    return f"{count} chat{'' if count == 1 else 's'}"
