"""What stands in one place: chats with files, lists, transcripts and edits, and what took over from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from chatcask.assistants.base import NO_WORKSPACE
from chatcask.assistants.editing import Place
from chatcask.assistants.vscode.chat_list.read import read_index
from chatcask.assistants.vscode.places.folders import read_fixed_folder
from chatcask.assistants.vscode.places.path_roles import session_of_name
from chatcask.assistants.vscode.places.snapshot_paths import EDITS, TRANSCRIPTS
from chatcask.assistants.vscode.reading.older_list import sessions_in
from chatcask.assistants.vscode.reading.parse import parse_chat
from chatcask.assistants.vscode.state.database import StateDatabaseError, read_rows
from chatcask.assistants.vscode.state.items import INDEX_KEY, OLDER_KEY
from chatcask.assistants.vscode.state.write import row_text
from chatcask.chats.chat_list import ChatIndex
from chatcask.chats.parsed import ParsedChat
from chatcask.disk.durable import TEMPORARY_PREFIX
from chatcask.ops.editing.look import Look
from chatcask.ops.editing.place_state import read_list
from chatcask.ops.editing.successors import Origin, Successors, successors_of


@dataclass(frozen=True, slots=True)
class PlaceContent:
    """What stands in one place.

    Attributes:
        place: The place.
        sessions: Ids of the chats that have a file.
        index: The editor's list; None where its database cannot be read.
        backup: The list in the editor's own backup; None where there is none to be read.
        database_problem: Why the database cannot be read, or "".
        transcripts: Ids of the chats that the Copilot extension has a transcript of.
        edits: Ids of the chats that there is a record of edits of.
        has_own_list: Whether the editor has begun a list there; before, it takes over the older chats.
        older: Chats that stand only in the row of editors before 1.99, by id.
        successors: What took over from the place.
    """

    place: Place
    sessions: frozenset[str]
    index: ChatIndex | None
    backup: ChatIndex | None
    database_problem: str
    transcripts: frozenset[str]
    edits: frozenset[str]
    successors: Successors
    has_own_list: bool = False
    older: Mapping[str, ParsedChat] = field(default_factory=dict)

    @property
    def lists(self) -> tuple[ChatIndex, ...]:
        """The lists that can be read and that the editor would use, the present one first."""
        return tuple(index for index in (self.index, self.backup) if index is not None and index.is_valid)

    @property
    def is_empty(self) -> bool:
        """Tell whether no chat was ever here."""
        listed = any(index.entries for index in self.lists)
        return not (self.sessions or listed or self.transcripts or self.edits or self.older)

    @property
    def present(self) -> frozenset[str]:
        """Ids of the chats that are here, in files or in the row of editors before 1.99."""
        return self.sessions | self.older.keys()


def content_of(look: Look, place: Place, places: Sequence[Place]) -> PlaceContent:
    """Look at one place."""
    index, has_own_list, problem = None, False, ""
    try:
        listed = read_list(place, look.watch)
        index, has_own_list = listed.index, listed.stored is not None
    except StateDatabaseError as error:
        problem = error.message
    sessions = look.editing.chat_ids(place, look.watch, look.report)
    content = PlaceContent(
        place=place,
        sessions=sessions,
        index=index,
        backup=_backup(look, place),
        database_problem=problem,
        transcripts=_transcripts(look, place),
        edits=_edits(look, place),
        successors=Successors(),
        has_own_list=has_own_list,
        older={} if problem else _older(look, place, sessions),
    )
    if place.workspace == NO_WORKSPACE or content.is_empty:
        return content
    origin = Origin(place.workspace, place.folder)
    return replace(content, successors=successors_of(places, origin, look.doctor.family))


def _backup(look: Look, place: Place) -> ChatIndex | None:
    look.watch()
    try:
        row = dict(read_rows(place.backup, (INDEX_KEY,))).get(INDEX_KEY)
    except (StateDatabaseError, OSError):
        return None
    return None if row is None else read_index(row_text(row))


def _older(look: Look, place: Place, in_files: frozenset[str]) -> dict[str, ParsedChat]:
    look.watch()
    try:
        row = dict(read_rows(place.database, (OLDER_KEY,))).get(OLDER_KEY, b"")
    except (StateDatabaseError, OSError):
        return {}
    sessions = (session for session in sessions_in(row) if session not in in_files)
    return {session: parse_chat(row, session) for session in sessions}


def _transcripts(look: Look, place: Place) -> frozenset[str]:
    look.watch()
    folder = place.transcript("").parent
    names = read_fixed_folder(str(folder), f"{place.logical}/{TRANSCRIPTS}", look.report)
    found = (session_of_name(name) for name in names if not name.startswith(TEMPORARY_PREFIX))
    return frozenset(session for session in found if session is not None)


def _edits(look: Look, place: Place) -> frozenset[str]:
    look.watch()
    names = read_fixed_folder(str(place.edits), f"{place.logical}/{EDITS}", look.report)
    return frozenset(name for name in names if look.has_edits(place, name))
