"""What the doctor finds: one thing that is wrong, what can be had, and the way out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from chatcask.advice import Advice, AdviceCode
from chatcask.assistants.vscode.places.chat_places import Place
from chatcask.assistants.vscode.places.locate import Source
from chatcask.monitor import Problem
from chatcask.ops.browse.versions import StoredVersion
from chatcask.ops.editing.cause import FindingKind


@dataclass(frozen=True, slots=True)
class ChatFinding:
    """One thing that is wrong, and what can be done about it.

    Attributes:
        kind: What it is.
        place: Where; the workspace or the empty window.
        session: The chat's id; "" for a finding about the place as a whole.
        title: Its title, as far as it is known.
        cause: The cause in plain words.
        turns_on_disk: How many turns can be read from the files there.
        stored: The best version in the store.
        transcript: The Copilot extension's own record of the chat, if there is one.
        target: Where the chat belongs now, if its folder has a new workspace.
        can_fix: Whether a fix in place does it.
    """

    kind: FindingKind
    place: Place
    session: str
    title: str
    cause: str
    turns_on_disk: int = 0
    stored: StoredVersion | None = None
    transcript: Path | None = None
    target: Place | None = None
    can_fix: bool = False

    @property
    def about(self) -> str:
        """Id of the chat, or of the workspace where a place as a whole is meant."""
        return self.session or self.place.workspace

    @property
    def advice(self) -> Advice:
        """What to do about it."""
        if self.can_fix:
            return Advice(AdviceCode.FIX_CHAT, name=self.about)
        if self.kind in (FindingKind.NO_DATABASE, FindingKind.ORPHANED):
            return Advice(AdviceCode.OPEN_FOLDER_THEN_DIAGNOSE)
        if self.kind is FindingKind.MOVED and self.stored is not None:
            return Advice(AdviceCode.RESTORE_INTO_FOLDER, session=self.session)
        if self.kind is FindingKind.MOVED:
            return Advice(AdviceCode.SNAPSHOT_THEN_RESTORE, session=self.session)
        return Advice(AdviceCode.NOTHING_LEFT if self.session else AdviceCode.SEE_CAUSE)


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What was found in one editor's folder.

    Attributes:
        source: The folder.
        chats: How many chats were looked at.
        findings: What is wrong.
        problems: What could not be looked at; nothing is known of it.
    """

    source: Source
    chats: int
    findings: tuple[ChatFinding, ...]
    problems: tuple[Problem, ...] = ()

    @property
    def is_sound(self) -> bool:
        """Tell whether everything could be looked at and nothing is wrong."""
        return not self.findings and not self.problems
