"""Judge whether a version of a chat holds less than an earlier one.

Not a loss: a compacted log, a move from `.json` to `.jsonl`, a copy to another workspace, a new title, an
edited or retried last turn, a turn that was taken back and is still there. All of these keep the turns and
what they say.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from chatcask.chats.measure import measure
from chatcask.chats.parsed import ParseState

if TYPE_CHECKING:
    from chatcask.chats.summary import ChatSummary, TurnSummary

_MUCH_TEXT = 1000
"""Characters of one turn that have to go, with at least half of its text, to be more than an edit."""


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
    LOST_TEXT = "lost_text"
    """The turns are there; prompts or answers are empty now, or cut."""
    UNENDED = "unended"
    """The log has lost its final line feed: the editor opens it, and breaks it with its next append."""


@dataclass(frozen=True, slots=True)
class FoundLoss:
    """One loss: how many turns there were, how many can still be read, and the finding in words."""

    kind: LossKind
    session_id: str
    title: str
    turns_before: int
    turns_after: int
    message: str


def lost_between(
    before: ChatSummary | None, after: ChatSummary | None, *, elsewhere: int = 0
) -> FoundLoss | None:
    """Return what was lost between two versions, or None. A chat that was bad before is no new loss.

    Args:
        before: The earlier version; None if there was none.
        after: The later one; None if its file is gone.
        elsewhere: How many turns another file of a chat that is gone still has.
    """
    if before is None:
        return None
    found = _found(before, after, elsewhere)
    if found is None:
        return None
    kind, words = found
    left = after.turn_count if after else elsewhere
    return FoundLoss(kind, before.session_id, before.title, before.turn_count, left, words)


def holds_as_much(version: ChatSummary, other: ChatSummary) -> bool:
    """Tell whether a version has all that another has; how its file ends does not matter."""
    loss = lost_between(other, version)
    return loss is None or loss.kind is LossKind.UNENDED


def _found(before: ChatSummary, after: ChatSummary | None, elsewhere: int) -> tuple[LossKind, str] | None:
    had = _count(before.turn_count, "turn")
    if after is None:
        copy = f"; a copy elsewhere has {elsewhere}" if elsewhere else ""
        return (LossKind.VANISHED, f"the chat with {had} is gone{copy}") if _holds_something(before) else None
    return _no_longer_read(before, after, had) or _less_in_it(before, after, had)


def _no_longer_read(before: ChatSummary, after: ChatSummary, had: str) -> tuple[LossKind, str] | None:
    """Return the loss if the editor would not show the chat, or show it as an empty one."""
    recovered = f"{after.turn_count} of {had} can be recovered from it"
    if before.has_header and not after.has_header:
        return LossKind.LOST_HEADER, f"the log lost its initial entry; {recovered}"
    fell_shut = _holds_something(before) and before.opens and not after.opens
    is_garbage = after.state is ParseState.UNREADABLE and (fell_shut or before.turns)
    if is_garbage or (fell_shut and after.state is not ParseState.EMPTY):
        return LossKind.UNREADABLE, f"the editor can no longer open the chat; {recovered}"
    if (before.turns and not after.turns) or fell_shut:
        return LossKind.EMPTIED, f"the chat had {had} and has none now"
    return None


def _less_in_it(before: ChatSummary, after: ChatSummary, had: str) -> tuple[LossKind, str] | None:
    """Return the loss if the chat can be read and less stands in it."""
    if after.turn_count < measure(before).shown:
        return LossKind.SHRANK, f"the chat had {had} and has {after.turn_count} now"
    if texts := ", ".join(_lost_texts(before, after)):
        return LossKind.LOST_TEXT, f"the chat still has its turns, but {texts}"
    if before.is_ended and not after.is_ended and after.turns:
        return LossKind.UNENDED, "the log lost its final line feed; the editor's next change would break it"
    return None


def _holds_something(summary: ChatSummary) -> bool:
    """The editor itself deletes a chat without turns and title (microsoft/vscode chatServiceImpl.ts)."""
    if summary.state is ParseState.EMPTY:
        return False
    return bool(summary.turns or summary.custom_title) or summary.state is ParseState.UNREADABLE


def _lost_texts(before: ChatSummary, after: ChatSummary) -> Iterator[str]:
    """Yield in words which texts of turns that are still there are gone or cut."""
    pairs = list(_same_turns(before, after))
    if count := sum(old.is_answered and not new.is_answered for old, new in pairs):
        yield f"{_count(count, 'answer')} {_is(count)} empty now"
    if count := sum(old.prompt_length > 0 and not new.prompt_length for old, new in pairs):
        yield f"{_count(count, 'prompt')} {_is(count)} empty now"
    if count := sum(max(0, new.cut_texts - old.cut_texts) for old, new in pairs):
        yield f"the editor cut {_count(count, 'long text')}"
    elif count := sum(old.is_answered and new.is_answered and _lost_much(old, new) for old, new in pairs):
        yield f"{_count(count, 'turn')} lost most of {'its' if count == 1 else 'their'} text"


def _same_turns(before: ChatSummary, after: ChatSummary) -> Iterator[tuple[TurnSummary, TurnSummary]]:
    """Pair turns by their ids. A copy has new ids: if no id is known, turns with one prompt at one place."""
    known = {turn.request_id: turn for turn in after.turns if turn.request_id}
    by_id = [(turn, known[turn.request_id]) for turn in before.turns if turn.request_id in known]
    if by_id:
        yield from by_id
        return
    for old, new in zip(before.turns, after.turns, strict=False):
        if old.prompt_fingerprint == new.prompt_fingerprint:
            yield old, new


def _lost_much(old: TurnSummary, new: TurnSummary) -> bool:
    gone = _length(old) - _length(new)
    return gone >= _MUCH_TEXT and 2 * gone >= _length(old)


def _length(turn: TurnSummary) -> int:
    return turn.prompt_length + turn.answer_length


def _count(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _is(count: int) -> str:
    return "is" if count == 1 else "are"
