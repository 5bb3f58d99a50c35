"""One look at one closed editor's folder: what it is given, and what of the store is compared with it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from chatcask.assistants.base import Family, Guard, Source
from chatcask.assistants.editing import Editing, Place
from chatcask.assistants.known import editing_of
from chatcask.assistants.vscode.places.snapshot_paths import TRANSCRIPTS
from chatcask.assistants.vscode.reading.transcript import read_transcript
from chatcask.catalog.chat_file import ChatFile
from chatcask.chats.transcript import Transcript
from chatcask.errors import RestoreRefusedError
from chatcask.monitor import Monitor, Problem
from chatcask.ops.browse.stored_version import StoredVersion
from chatcask.ops.browse.versions import ChatVersions
from chatcask.ops.editing.place_state import read_if_there


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
class Look:
    """One look at one folder.

    Attributes:
        doctor: What it is given.
        source: The folder.
        known: The chats' files of the newest snapshot, by workspace and chat, that can be trusted by time.
        problems: Collects what cannot be looked at.
    """

    doctor: Doctor
    source: Source
    known: Mapping[tuple[str, str], ChatFile] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    @property
    def editing(self) -> Editing:
        """How the folder is changed."""
        return editing_of(self.source.id)

    def watch(self) -> None:
        """Ask the guard again before a look at the folder."""
        self.doctor.guard.watch(self.source)

    def report(self, problem: Problem) -> None:
        """Keep what cannot be looked at, and tell of it."""
        self.problems.append(problem)
        self.doctor.monitor.problem(problem)

    def stored(self, session: str) -> StoredVersion | None:
        """Return the best version of a chat in the store, if there are turns in it."""
        found = self.doctor.versions.best_of(session, self.source.id)
        return found if found is not None and found.summary.turn_count else None

    def is_shared(self, session: str) -> bool:
        """Tell whether the store has chats of this id from several editors."""
        return len(self.doctor.versions.sources(session)) > 1

    def transcript(self, place: Place, session: str) -> Transcript | None:
        """Return what the Copilot extension kept of a chat; None if it kept nothing."""
        try:
            data = read_if_there(place.transcript(session), self.watch)
        except RestoreRefusedError as error:
            self.report(Problem(f"{place.logical}/{TRANSCRIPTS}/{session}", "unreadable", error.message))
            return None
        return None if data is None else read_transcript(data, session)

    def has_edits(self, place: Place, session: str) -> bool:
        """Tell whether there is a record of the edits that a chat made to files."""
        self.watch()
        return os.path.isfile(place.edits / session / "state.json")  # noqa: PTH113 - never raises
