"""What differs in a chat between two snapshots, as values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, cast

from chatcask.catalog.chat_file import ChatFile
from chatcask.chats.parsed import ParseState

if TYPE_CHECKING:
    from chatcask.chats.compare import Evidence, TurnChangeKind
    from chatcask.chats.digest import Aspect


class ChatChangeKind(StrEnum):
    """What happened to a chat between two snapshots."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"
    """It is in another workspace now; turns may have changed too."""
    COPIED = "copied"
    """It is in one more workspace now; the copy may have changed."""


@dataclass(frozen=True, slots=True)
class ChatSide:
    """A chat as one of the two snapshots has it. `reason` says why it cannot be read as a chat, or "".

    `cut_turns` is how many turns its bytes hold that were cut off by sending an earlier prompt again.
    """

    file: ChatFile
    title: str
    turn_count: int
    state: ParseState
    opens: bool
    reason: str = ""
    cut_turns: int = 0


@dataclass(frozen=True, slots=True)
class TurnDelta:
    """One turn that differs; turns are counted from 1, and None stands on the side that lacks it.

    `prompt` is the first line of its prompt, as it reads now; `is_taken_back` tells that it is not shown now.
    """

    kind: TurnChangeKind
    before: int | None
    after: int | None
    request_id: str | None
    timestamp_ms: int | None
    prompt: str
    aspects: tuple[Aspect, ...]
    evidence: Evidence | None
    has_moved: bool
    is_taken_back: bool = False


@dataclass(frozen=True, slots=True)
class ChatChange:
    """One chat that differs.

    Attributes:
        kind: What happened to it.
        before: The chat as it was; None for one that is new.
        after: The chat as it is; None for one that is gone.
        turns: The turns that differ; empty for a chat that is new or gone as a whole.
        unchanged: How many turns are equal.
        elsewhere: Where a chat that is gone from its workspace still is.
    """

    kind: ChatChangeKind
    before: ChatSide | None
    after: ChatSide | None
    turns: tuple[TurnDelta, ...] = ()
    unchanged: int = 0
    elsewhere: tuple[ChatFile, ...] = ()

    @property
    def side(self) -> ChatSide:
        """The chat as it is, or as it was when it is gone."""
        return cast("ChatSide", self.after or self.before)

    @property
    def session(self) -> str:
        """The chat's id."""
        return self.side.file.session

    @property
    def has_new_title(self) -> bool:
        """Tell whether the title differs."""
        return bool(self.before and self.after and self.before.title != self.after.title)

    @property
    def has_new_state(self) -> bool:
        """Tell whether the editor opens one version and not the other, or one could not be read whole."""
        if self.before is None or self.after is None:
            return False
        return (self.before.state, self.before.opens) != (self.after.state, self.after.opens)

    @property
    def dropped_turns(self) -> int:
        """How many turns that were cut off before are in its bytes no more, as the editor wrote it anew."""
        if self.before is None or self.after is None:
            return 0
        return max(0, self.before.cut_turns - self.after.cut_turns)

    @property
    def reads_the_same(self) -> bool:
        """Tell whether only the bytes differ, as in a log that the editor wrote anew."""
        is_change = self.kind is ChatChangeKind.CHANGED
        return is_change and not (self.turns or self.has_new_title or self.has_new_state)


@dataclass(frozen=True, slots=True)
class TurnText:
    """A changed turn and the lines of a unified diff of its text."""

    turn: TurnDelta
    lines: tuple[str, ...]
