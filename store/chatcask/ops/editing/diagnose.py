"""Look for chats that are on disk and not shown, shown and not there, or that the editor cannot open.

Reads the closed editor's folder and the store; changes nothing. The editor lists what stands in its list and
nothing else (microsoft/vscode chatSessionStore.ts), and refuses a log at its first bad line
(objectMutationLog.ts).
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from chatcask.assistants.vscode.chat_list.read import ChatIndex
from chatcask.assistants.vscode.guard.machine_guard import Guard
from chatcask.assistants.vscode.places.chat_places import Place, chat_ids, chat_places
from chatcask.assistants.vscode.places.locate import Family, Source
from chatcask.assistants.vscode.places.snapshot_paths import NO_WORKSPACE
from chatcask.assistants.vscode.places.workspace_ids import path_of_uri
from chatcask.assistants.vscode.state.database import StateDatabaseError
from chatcask.errors import EditorRunningError, RestoreRefusedError
from chatcask.monitor import Monitor, Problem
from chatcask.ops.browse.versions import ChatVersions, StoredVersion
from chatcask.ops.editing.cause import FindingKind, Trouble, trouble_of
from chatcask.ops.editing.choose_place import Origin, successors_of
from chatcask.ops.editing.finding import ChatFinding, Diagnosis
from chatcask.ops.editing.place_state import FoundChat, read_chat, read_list

_LOCATIONS = ("panel", "editing-session", None)


@dataclass(frozen=True, slots=True)
class Doctor:
    """What a look at editors' folders needs.

    Attributes:
        guard: Says whether an editor is closed.
        family: The kind of operating system.
        versions: What the store has.
        monitor: Told of what cannot be looked at.
    """

    guard: Guard
    family: Family
    versions: ChatVersions
    monitor: Monitor


@dataclass(frozen=True, slots=True)
class Examination:
    """What was found in several folders; `refusals` are those whose editor runs."""

    diagnoses: tuple[Diagnosis, ...]
    refusals: tuple[EditorRunningError, ...]

    @property
    def is_whole(self) -> bool:
        """Tell whether everything could be looked at."""
        return not self.refusals and not any(diagnosis.problems for diagnosis in self.diagnoses)


def examine(doctor: Doctor, sources: Sequence[Source]) -> Examination:
    """Look at every chat of several editors; one that runs is left alone.

    Raises:
        EditorRunningError: every editor runs; nothing was touched.
    """
    diagnoses, refusals = [], []
    for source in sources:
        try:
            diagnoses.append(diagnose(doctor, source))
        except EditorRunningError as error:
            refusals.append(error)
    if refusals and not diagnoses:
        raise refusals[0]
    return Examination(tuple(diagnoses), tuple(refusals))


def diagnose(doctor: Doctor, source: Source) -> Diagnosis:
    """Look at every chat of a closed editor.

    Raises:
        EditorRunningError: the editor runs; nothing was touched, or nothing more.
    """
    doctor.guard.require_closed(source)
    look = _Look(doctor, source, [])
    places = chat_places(source, look.watch, look.report)
    chats = {place.workspace: chat_ids(place, look.watch, look.report) for place in places}
    findings: list[ChatFinding] = []
    for place in places:
        findings += _of_place(look, place, chats[place.workspace], _successors(look, place, chats, places))
    return Diagnosis(source, sum(map(len, chats.values())), tuple(findings), tuple(look.problems))


@dataclass(frozen=True, slots=True)
class _Look:
    """One look at one folder."""

    doctor: Doctor
    source: Source
    problems: list[Problem]

    def watch(self) -> None:
        self.doctor.guard.watch(self.source)

    def report(self, problem: Problem) -> None:
        self.problems.append(problem)
        self.doctor.monitor.problem(problem)

    def stored(self, session: str) -> StoredVersion | None:
        return self.doctor.versions.best(session)


@dataclass(frozen=True, slots=True)
class _Successors:
    """The places that took over from a place, and the chats that are in one of them."""

    places: tuple[Place, ...]
    chats: frozenset[str]


def _successors(
    look: _Look, place: Place, chats: Mapping[str, Collection[str]], places: Sequence[Place]
) -> _Successors:
    if place.workspace == NO_WORKSPACE:
        return _Successors((), frozenset())
    found = successors_of(places, Origin(place.workspace, place.folder), look.doctor.family)
    there = frozenset(session for other in found for session in chats[other.workspace])
    return _Successors(tuple(found), there)


def _of_place(
    look: _Look, place: Place, sessions: Collection[str], successors: _Successors
) -> Iterator[ChatFinding]:
    index = None
    try:
        index = read_list(place, look.watch).index
    except StateDatabaseError as error:
        if sessions and not successors.places:
            yield ChatFinding(FindingKind.NO_DATABASE, place, "", "", error.message)
    if index is not None and index.problem:
        cause = f"{index.problem}; the editor throws the whole list away when it starts"
        yield ChatFinding(FindingKind.MALFORMED_INDEX, place, "", "", cause, can_fix=True)
    for session in sorted(sessions):
        yield from _of_chat(look, place, session, index, successors)
    if successors.places:
        return
    if index is not None:
        yield from _without_file(look, place, index, sessions)
    if sessions and _is_orphan(place, look.doctor.family):
        words = f"{_chats(len(sessions))} belong to {place.name}, which is not there now"
        cause = f"{words}; the editor shows them only when that folder is opened"
        yield ChatFinding(FindingKind.ORPHANED, place, "", "", cause)


def _is_orphan(place: Place, family: Family) -> bool:
    path = path_of_uri(place.folder, family)
    return path is not None and not os.path.exists(path)  # noqa: PTH110 - never raises


def _of_chat(
    look: _Look, place: Place, session: str, index: ChatIndex | None, successors: _Successors
) -> Iterator[ChatFinding]:
    try:
        chat = read_chat(place, session, look.watch)
    except RestoreRefusedError as error:
        look.report(Problem(place.session_path(session), "unreadable", error.message))
        return
    if successors.places:
        yield from _moved(look, chat, index, successors)
        return
    # The store decides what is wrong with a chat without turns: it may never have had any.
    stored = look.stored(session) if not chat.turns or not chat.opens else None
    trouble = trouble_of(chat, index, stored)
    if trouble is not None and _belongs_in_list(chat, index):
        yield _finding(look, chat, trouble, stored or look.stored(session))


def _belongs_in_list(chat: FoundChat, index: ChatIndex | None) -> bool:
    """Tell whether the chat is one that the editor would list: not that of a terminal or a notebook."""
    entry = index.entry(chat.session) if index else None
    session = chat.parsed.session if chat.parsed else None
    return entry is not None or session is None or session.location in _LOCATIONS


def _finding(look: _Look, chat: FoundChat, trouble: Trouble, stored: StoredVersion | None) -> ChatFinding:
    session = chat.parsed.session if chat.parsed else None
    known = _with_turns(stored)
    title = session.title if session and session.turns else known.summary.title if known else ""
    return ChatFinding(
        kind=trouble.kind,
        place=chat.place,
        session=chat.session,
        title=title,
        cause=trouble.cause,
        turns_on_disk=max(chat.turns, trouble.turns_beside),
        stored=known,
        transcript=_transcript(look, chat.place, chat.session),
        can_fix=trouble.needs_database and bool(chat.turns or trouble.turns_beside or known),
    )


def _without_file(
    look: _Look, place: Place, index: ChatIndex, sessions: Collection[str]
) -> Iterator[ChatFinding]:
    """Yield what is listed and has no file: the editor shows it, and a click does nothing."""
    for entry in index.entries:
        if not entry.is_listed or entry.session_id in sessions:
            continue
        known = _with_turns(look.stored(entry.session_id))
        yield ChatFinding(
            kind=FindingKind.NO_FILE,
            place=place,
            session=entry.session_id,
            title=entry.title,
            cause="the editor lists it, and its file is gone; a click on it does nothing",
            stored=known,
            transcript=_transcript(look, place, entry.session_id),
            can_fix=known is not None and index.is_valid,
        )


def _moved(
    look: _Look, chat: FoundChat, index: ChatIndex | None, successors: _Successors
) -> Iterator[ChatFinding]:
    """Yield a chat of a workspace whose folder has another one now, unless it is there already."""
    session = chat.parsed.session if chat.parsed else None
    if session is None or not session.turns or not _belongs_in_list(chat, index):
        return
    if chat.session in successors.chats:
        return
    names = ", ".join(place.workspace for place in successors.places)
    folder = successors.places[0].name
    is_clear = len(successors.places) == 1
    yield ChatFinding(
        kind=FindingKind.MOVED,
        place=chat.place,
        session=chat.session,
        title=session.title,
        cause=f"its folder has a new workspace ({names}, {folder}), which does not have the chat",
        turns_on_disk=chat.turns,
        stored=_with_turns(look.stored(chat.session)),
        transcript=_transcript(look, chat.place, chat.session),
        target=successors.places[0] if is_clear else None,
        can_fix=is_clear,
    )


def _transcript(look: _Look, place: Place, session: str) -> Path | None:
    look.watch()
    path = place.transcript(session)
    return path if os.path.isfile(path) else None  # noqa: PTH113 - never raises


def _with_turns(stored: StoredVersion | None) -> StoredVersion | None:
    return stored if stored is not None and stored.summary.turn_count else None


def _chats(count: int) -> str:
    return f"{count} chat{'' if count == 1 else 's'}"
