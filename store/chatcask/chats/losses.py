"""Judge whether a version of a chat holds less than an earlier one.

Not a loss: a compacted log, a move from `.json` to `.jsonl`, a copy to another workspace, a new title, an
edited or retried last turn. All of these keep the number of turns.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from chatcask.chats.parsed import ParseState

if TYPE_CHECKING:
    from chatcask.chats.summary import ChatSummary


class LossKind(StrEnum):
    """What was lost. Codes are only ever added."""

    VANISHED = "vanished"
    """The file is gone."""
    EMPTIED = "emptied"
    """There was a chat; now there is a chat without turns, or a file without text."""
    LOST_HEADER = "lost_header"
    """The log has lost its initial entry."""
    UNREADABLE = "unreadable"
    """The editor could open the file and no longer can."""
    SHRANK = "shrank"
    """There are fewer turns."""


@dataclass(frozen=True, slots=True)
class Loss:
    """One loss: how many turns there were, how many can still be read, and the finding in words."""

    kind: LossKind
    session_id: str
    title: str
    turns_before: int
    turns_after: int
    message: str


def find_loss(before: ChatSummary | None, after: ChatSummary | None, *, elsewhere: int = 0) -> Loss | None:
    """Return what was lost between two versions, or None. A chat that was bad before is no new loss.

    Args:
        before: The earlier version; None if there was none.
        after: The later one; None if its file is gone.
        elsewhere: How many turns another file of a chat that is gone still has.
    """
    if before is None:
        return None
    kind = _kind(before, after)
    if kind is None:
        return None
    left = after.turn_count if after else elsewhere
    return Loss(kind, before.session_id, before.title, before.turn_count, left, _words(kind, before, left))


def _kind(before: ChatSummary, after: ChatSummary | None) -> LossKind | None:
    held = _holds_something(before)
    if after is None:
        return LossKind.VANISHED if held else None
    if before.has_header and not after.has_header:
        return LossKind.LOST_HEADER
    fell_shut = held and before.opens and not after.opens
    if after.state is ParseState.UNREADABLE and (fell_shut or before.turns):
        return LossKind.UNREADABLE
    if (before.turns and not after.turns) or (fell_shut and after.state is ParseState.EMPTY):
        return LossKind.EMPTIED
    if after.turn_count < before.turn_count:
        return LossKind.SHRANK
    return LossKind.UNREADABLE if fell_shut else None


def _holds_something(summary: ChatSummary) -> bool:
    """The editor itself deletes a chat without turns and title (microsoft/vscode chatServiceImpl.ts)."""
    if summary.state is ParseState.EMPTY:
        return False
    return bool(summary.turns or summary.custom_title) or summary.state is ParseState.UNREADABLE


def _words(kind: LossKind, before: ChatSummary, left: int) -> str:
    had = f"{before.turn_count} turn{'' if before.turn_count == 1 else 's'}"
    match kind:
        case LossKind.VANISHED:
            return f"the chat with {had} is gone" + (f"; a copy elsewhere has {left}" if left else "")
        case LossKind.EMPTIED:
            return f"the chat had {had} and has none now"
        case LossKind.LOST_HEADER:
            return f"the log lost its initial entry; {left} of {had} can be recovered from it"
        case LossKind.UNREADABLE:
            return f"the editor can no longer open the chat; {left} of {had} can be recovered from it"
        case LossKind.SHRANK:
            return f"the chat had {had} and has {left} now"
