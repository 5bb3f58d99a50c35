"""What the doctor finds: one thing that is wrong, what can be had, and what to type."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from chatcask.assistants.vscode.places.chat_places import Place
from chatcask.assistants.vscode.places.locate import Source
from chatcask.ops.browse.versions import StoredVersion
from chatcask.ops.editing.cause import Kind


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
        can_fix: Whether `doctor --fix` does it.
    """

    kind: Kind
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
    def available(self) -> tuple[str, ...]:
        """What can be had of the chat, and from where, in words."""
        found = []
        if self.turns_on_disk:
            found.append(f"{_turns(self.turns_on_disk)} from the file on disk")
        if self.stored is not None:
            words = _turns(self.stored.summary.turn_count)
            found.append(f"{words} from snapshot {self.stored.snapshot.id[:12]}")
        if self.transcript is not None:
            found.append(f"the text of the conversation from {self.transcript}")
        return tuple(found)

    @property
    def command(self) -> str:
        """What to type, or to do where no command helps."""
        if self.can_fix:
            return f"chatcask doctor --fix {self.session or self.place.workspace}"
        if self.kind in (Kind.NO_DATABASE, Kind.ORPHANED):
            return "open the folder once in the editor, close it, and run 'chatcask doctor' again"
        if self.kind is Kind.MOVED and self.stored is not None:
            return f"chatcask restore {self.session} --workspace FOLDER"
        if self.kind is Kind.MOVED:
            return f"chatcask snapshot, then chatcask restore {self.session} --workspace FOLDER"
        return "nothing is left to restore it from" if self.session else "see the cause"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What was found in one editor's folder, and how many chats were looked at."""

    source: Source
    chats: int
    findings: tuple[ChatFinding, ...]


def _turns(count: int) -> str:
    return f"{count} turn{'' if count == 1 else 's'}"
