"""What the doctor finds: one thing that is wrong, what can be had, and the way out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from chatcask.advice import Advice, AdviceCode
from chatcask.assistants.base import Source
from chatcask.assistants.editing import Place
from chatcask.monitor import Problem
from chatcask.ops.browse.stored_version import StoredVersion
from chatcask.ops.editing.cause import FindingKind
from chatcask.ops.editing.copied_chats import CopiedChat


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
        turns_in_transcript: How many turns can be built again from the transcript.
        edits: The record of the edits that the chat made to files, if it is all that is known of it.
        candidates: Places that may have taken over from the one where the chat is, the likeliest first.
        evidence: What speaks for the target or the candidates, in words.
        folder_now: Where the renamed folder of the place is now.
        chats: How many chats a finding about a place as a whole is about.
        is_shared: Whether another editor has, or had, a chat of the same id.
        copied: What an old copy that was named has of it, if that is more.
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
    turns_in_transcript: int = 0
    edits: Path | None = None
    candidates: tuple[Place, ...] = ()
    evidence: str = ""
    folder_now: Path | None = None
    chats: int = 0
    is_shared: bool = False
    copied: CopiedChat | None = None

    @property
    def about(self) -> str:
        """Id of the chat, or of the workspace where a place as a whole is meant."""
        return self.session or self.place.workspace

    @property
    def name(self) -> str:
        """What names the chat for a restore."""
        return f"{self.place.source}/{self.session}" if self.is_shared else self.session

    @property
    def advice(self) -> Advice:
        """What to do about it."""
        if self.can_fix:
            return Advice(AdviceCode.FIX_CHAT, name=self.about)
        return _way_out_of_chat(self) if self.session else _way_out_of_place(self)

    @property
    def order(self) -> tuple[int, str, str, int, str]:
        """Where it stands among others: what most can be had from first; places and kinds stay together."""
        return _worth(self), self.place.name, self.kind.value, -self.turns, self.session

    @property
    def turns(self) -> int:
        """How many turns of the chat can be had, from wherever most are."""
        held = self.stored.summary.turn_count if self.stored else 0
        copied = self.copied.turns if self.copied else 0
        return max(self.turns_on_disk, held, self.turns_in_transcript, copied)


def _way_out_of_place(finding: ChatFinding) -> Advice:
    match finding.kind:
        case FindingKind.DAMAGED_DATABASE:
            return Advice(AdviceCode.START_EDITOR_THEN_DIAGNOSE)
        case FindingKind.RENAMED:
            return Advice(AdviceCode.OPEN_THEN_FIX, folder=str(finding.folder_now), name=finding.about)
        case FindingKind.WORKSPACE_GONE:
            return Advice(AdviceCode.OPEN_THEN_RESTORE, folder=finding.place.name)
        case FindingKind.NO_DATABASE | FindingKind.ORPHANED:
            return Advice(AdviceCode.OPEN_FOLDER_THEN_DIAGNOSE)
    return Advice(AdviceCode.SEE_CAUSE)


def _way_out_of_chat(finding: ChatFinding) -> Advice:
    if finding.candidates:
        is_stored = finding.stored is not None
        code = AdviceCode.RESTORE_INTO if is_stored else AdviceCode.SNAPSHOT_THEN_RESTORE_INTO
        return Advice(code, session=finding.name, workspace=finding.candidates[0].workspace)
    if finding.stored is None and finding.turns_on_disk:
        return Advice(AdviceCode.SNAPSHOT_THEN_RESTORE_CHAT, session=finding.name)
    if finding.stored is not None:
        return Advice(AdviceCode.RESTORE_CHAT, session=finding.name)
    if finding.copied is not None:
        return finding.copied.steps[0]
    if finding.edits is not None:
        return Advice(AdviceCode.ONLY_EDITS_LEFT, path=str(finding.edits))
    return Advice(AdviceCode.NOTHING_LEFT)


_OF_ALL = (FindingKind.DAMAGED_DATABASE, FindingKind.MALFORMED_INDEX)
_OF_FOLDERS = (FindingKind.RENAMED, FindingKind.WORKSPACE_GONE)
_LITTLE = (FindingKind.ORPHANED, FindingKind.NO_DATABASE, FindingKind.ONLY_EDITS)


def _worth(finding: ChatFinding) -> int:
    if finding.kind in _OF_ALL:
        return 0
    if finding.can_fix:
        return 1
    if finding.kind in _OF_FOLDERS:
        return 2
    if finding.kind is FindingKind.GONE_BEFORE:
        return 4
    if finding.kind in _LITTLE:
        return 6 + _LITTLE.index(finding.kind)
    return 3 if finding.turns else 5


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
