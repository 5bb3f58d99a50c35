"""One measure of a chat: what a version of it holds, and which of two versions holds more.

The alarm, the lists of lost chats, restore and forget all ask here, so that they agree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from chatcask.chats.summary import ChatSummary

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Measure:
    """What one version of a chat holds.

    Attributes:
        turns: How many turns can be read, those taken back too.
        taken_back: How many of them were taken back: they are not shown, and the next prompt removes them.
        empty_prompts: How many have a prompt without text.
        empty_answers: How many have an answer that shows nothing.
        cut_texts: How many texts the editor replaced by its mark of truncation.
        text: Characters of all prompts and answers.
        opens: Whether the editor opens the chat.
        is_ended: Whether its log has its final line feed, without which the next append breaks it.
        is_listed: Whether the editor's own list names it; None if that was not asked.
    """

    turns: int
    taken_back: int
    empty_prompts: int
    empty_answers: int
    cut_texts: int
    text: int
    opens: bool
    is_ended: bool
    is_listed: bool | None = None

    @property
    def shown(self) -> int:
        """How many turns the editor shows, if it opens the chat."""
        return self.turns - self.taken_back

    @property
    def rank(self) -> tuple[int, int, int, int, bool]:
        """What versions are ordered by: a greater one is fuller. Text that only was edited does not count."""
        answered = self.turns - self.empty_answers
        return self.turns, answered, -self.empty_prompts - self.cut_texts, self.shown, self.opens

    def is_fuller_than(self, other: Measure) -> bool:
        """Tell whether this version holds more than another."""
        return self.rank > other.rank


def measure(summary: ChatSummary, *, is_listed: bool | None = None) -> Measure:
    """Return the measure of a version; `is_listed` is what the editor's own list says of it."""
    turns = summary.turns
    return Measure(
        turns=len(turns),
        taken_back=sum(turn.is_taken_back for turn in turns),
        empty_prompts=sum(not turn.prompt_length for turn in turns),
        empty_answers=sum(not turn.is_answered for turn in turns),
        cut_texts=sum(turn.cut_texts for turn in turns),
        text=sum(turn.prompt_length + turn.answer_length for turn in turns),
        opens=summary.opens,
        is_ended=summary.is_ended,
        is_listed=is_listed,
    )


def fullest(newest_first: Iterable[T], summary_of: Callable[[T], ChatSummary]) -> T | None:
    """Return the version that holds most, the newest of equals; None if there is none."""
    best: tuple[Measure, T] | None = None
    for version in newest_first:
        found = measure(summary_of(version))
        if best is None or found.is_fuller_than(best[0]):
            best = found, version
    return best[1] if best else None
