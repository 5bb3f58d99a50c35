"""Chats that old copies of an editor's folder hold, and that are not here or hold less here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import unquote

from chatcask.advice import Advice, AdviceCode
from chatcask.assistants.base import NO_WORKSPACE, Source
from chatcask.assistants.editing import Place
from chatcask.assistants.vscode.places.snapshot_paths import OLD_EMPTY_WINDOW
from chatcask.chats.measure import Measure, measure
from chatcask.chats.summary import summarize
from chatcask.errors import EditorRunningError, NotEditableError, RestoreRefusedError
from chatcask.ops.browse.stored_version import StoredVersion
from chatcask.ops.browse.versions import ChatVersions
from chatcask.ops.editing.look import Doctor, Look
from chatcask.ops.editing.place_content import content_of
from chatcask.ops.editing.place_state import read_chat
from chatcask.ops.editing.successors import Origin, successors_of


@dataclass(frozen=True, slots=True)
class CopiedChat:
    """A chat of which an old copy holds more than there is here.

    Attributes:
        copy: The folder or file that was named and has it.
        version: The fullest version of all copies; its snapshot is of the time of its copy.
        turns_here: How many turns can be read of it here; None if it has no file here.
        stored: The version in the store that holds as much, if there is one.
        source: The editor's folder that it belongs into; None where there is no editor.
        place: The place in which the editor would show it; None where no folder has been opened for it.
        moves: Whether that is not the place where it was.
        folder: The folder to open first, where there is no place.
    """

    copy: Path
    version: StoredVersion
    turns_here: int | None = None
    stored: StoredVersion | None = None
    source: Source | None = None
    place: Place | None = None
    moves: bool = False
    folder: str = ""

    @property
    def session(self) -> str:
        """The chat's id."""
        return self.version.file.session

    @property
    def turns(self) -> int:
        """How many turns the copy has of it."""
        return self.version.summary.turn_count

    @property
    def steps(self) -> tuple[Advice, ...]:
        """What brings it back, one step after the other."""
        kept = () if self.stored else (Advice(AdviceCode.IMPORT_COPY, path=str(self.copy)),)
        return (*kept, self._restore)

    @property
    def _restore(self) -> Advice:
        if self.turns_here:
            return Advice(AdviceCode.REPLACE_CHAT, session=self.session)
        if self.place is None and self.folder:
            code = AdviceCode.OPEN_THEN_RESTORE_INTO
            return Advice(code, folder=self.folder, session=self.session)
        if self.place is not None and self.moves:
            return Advice(AdviceCode.RESTORE_INTO, session=self.session, workspace=self.place.workspace)
        return Advice(AdviceCode.RESTORE_CHAT, session=self.session)


@dataclass(frozen=True, slots=True)
class _Here:
    """What one editor's folder has: its places, which of them knows each chat, and what is in its files."""

    source: Source
    places: tuple[Place, ...]
    measures: Mapping[str, Measure]
    known_in: Mapping[str, Place]


def chats_in_copies(
    doctor: Doctor, sources: Sequence[Source], copies: Mapping[str, Path], copied: ChatVersions
) -> tuple[CopiedChat, ...]:
    """Return the chats of old copies that are not here or hold less here, the latest first.

    Args:
        doctor: What a look needs; an editor that runs is left alone.
        sources: The editors' folders here.
        copies: What was named as a copy, by the ids of the snapshots that were made of it.
        copied: The versions that the copies have.
    """
    wanted = frozenset(copied.sessions())
    here = [found for source in sources if (found := _here(doctor, source, wanted)) is not None]
    missing = []
    for session in wanted:
        version = copied.best(session)
        if version is None or not version.summary.turn_count:
            continue
        held = [found.measures[session] for found in here if session in found.measures]
        if any(not version.measure.is_fuller_than(found) for found in held):
            continue
        turns = max((found.turns for found in held), default=None)
        stored = doctor.versions.best(session)
        is_stored = stored is not None and not version.measure.is_fuller_than(stored.measure)
        chat = CopiedChat(copies[version.snapshot.id], version, turns, stored if is_stored else None)
        missing.append(_placed(chat, here, doctor))
    return tuple(sorted(missing, key=lambda chat: chat.version.summary.last_message_ms or 0, reverse=True))


def _here(doctor: Doctor, source: Source, wanted: frozenset[str]) -> _Here | None:
    look = Look(doctor, source)
    try:
        doctor.guard.require_closed(source)
        places = look.editing.places(source, look.watch, look.report)
        measures: dict[str, Measure] = {}
        known_in: dict[str, Place] = {}
        for place in places:
            content = content_of(look, place, places)
            named = (entry.key for index in content.lists for entry in index.entries)
            for session in wanted & {*named, *content.transcripts, *content.edits, *content.present}:
                known_in.setdefault(session, place)
            for session, found in _measures(look, place, wanted & content.sessions):
                if session not in measures or found.is_fuller_than(measures[session]):
                    measures[session] = found
            older = ((session, content.older[session]) for session in wanted & content.older.keys())
            measures |= {session: measure(summarize(chat, session)) for session, chat in older}
    except (EditorRunningError, NotEditableError):
        return None
    return _Here(source, places, measures, known_in)


def _measures(look: Look, place: Place, sessions: frozenset[str]) -> Iterator[tuple[str, Measure]]:
    for session in sessions:
        try:
            chat = read_chat(place, session, look.watch)
        except RestoreRefusedError:
            continue  # the doctor names what cannot be read
        if chat.parsed is not None:
            yield session, measure(summarize(chat.parsed, session))


def _placed(chat: CopiedChat, here: Sequence[_Here], doctor: Doctor) -> CopiedChat:
    """Return a chat with the editor's folder and the place that it belongs into now."""
    home = _home(chat, here)
    if home is None:
        return chat
    file, known = chat.version.file, home.known_in.get(chat.session)
    was = NO_WORKSPACE if file.workspace == OLD_EMPTY_WINDOW else file.workspace
    origin = Origin(known.workspace, known.folder) if known else Origin(was, file.folder)
    own = next((place for place in home.places if place.workspace == origin.workspace), None)
    found = successors_of(home.places, origin, doctor.family)
    place = next(iter(found.places), None if found.folder_now else own)
    folder = "" if place else str(found.folder_now or unquote(origin.folder).removeprefix("file://"))
    moves = place is not None and place.workspace != was
    return replace(chat, source=home.source, place=place, moves=moves, folder=folder)


def _home(chat: CopiedChat, here: Sequence[_Here]) -> _Here | None:
    """Return the editor's folder that a chat belongs into: what knows the chat, its workspace, its editor."""
    file = chat.version.file

    def nearness(each: _Here) -> tuple[bool, bool, bool]:
        has_place = any(place.workspace == file.workspace for place in each.places)
        return chat.session in each.known_in, has_place, each.source.product.name == file.source

    return max(here, key=nearness, default=None)
