"""What a check finds: values that check and repair share."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from chatcask.advice import Advice
from chatcask.assistants.base import NO_WORKSPACE
from chatcask.assistants.known import chat_path
from chatcask.ids import ObjectName


class Severity(StrEnum):
    """How bad a finding is.

    `damage` calls for repair, `lost` was found beyond repair by an earlier repair, `leftover` harms nobody.
    """

    DAMAGE = "damage"
    LOST = "lost"
    LEFTOVER = "leftover"


@dataclass(frozen=True, slots=True, order=True)
class AffectedChat:
    """One chat, by where it was kept: the source's id, the workspace's (empty for none) and the session's."""

    source: str
    workspace: str
    session: str


@dataclass(frozen=True, slots=True)
class Affected:
    """What a finding touches. Lists end at 200; paths are counted up to 2000."""

    chats: tuple[AffectedChat, ...] = ()
    paths: tuple[str, ...] = ()
    snapshots: tuple[ObjectName, ...] = ()
    path_count: int = 0
    snapshot_count: int = 0


NOTHING = Affected()


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it should be.

    Attributes:
        key: The object's key in the store, or the folder when it is about objects that are gone.
        kind: A stable code, such as `pack_damaged` or `stray`.
        message: What is wrong, in a sentence.
        severity: Whether anything has to be done.
        affects: Chats, files and snapshots that need what is wrong.
        advice: The way out.
    """

    key: str
    kind: str
    message: str
    severity: Severity
    affects: Affected = NOTHING
    advice: Advice | None = None


@dataclass(frozen=True, slots=True)
class Sample:
    """A share of the stored data to read: blocks whose position, spread evenly over 0 to 1, lies in a window.

    Runs that each begin where the one before ended see all data after 1 / share runs, and so do blocks that
    were added meanwhile.
    """

    share: float
    start: float = 0.0

    @property
    def end(self) -> float:
        """Where the next run's window begins."""
        return (self.start + self.share) % 1.0

    def covers(self, position: float) -> bool:
        """Tell whether the window holds a position in [0, 1)."""
        return (position - self.start) % 1.0 < self.share


EVERYTHING = Sample(1.0)


def chat_of(path: str) -> AffectedChat | None:
    """Return the chat that a path in a snapshot's root tree belongs to; None if to none or to many."""
    found = chat_path(path)
    if found is None or not found.session:
        return None
    workspace = "" if found.group == NO_WORKSPACE else found.group
    return AffectedChat(found.source, workspace, found.session)
