"""A sound chat in short: what of two versions has to be known to tell that nothing is missing."""

from __future__ import annotations

from dataclasses import dataclass, field

_MUCH_TEXT = 1000


@dataclass(frozen=True, slots=True)
class Outline:
    """A sound chat in short.

    Attributes:
        turns: How many turns there are.
        objects: Which names at the top of its object are objects.
        unanswered: The turns whose answer holds nothing that is shown.
        unasked: How many turns have a prompt without text.
        text: Characters of prompts and answers, roughly where lines were added.
    """

    turns: int
    objects: frozenset[str]
    unanswered: frozenset[int] = frozenset()
    unasked: int = 0
    text: int = field(default=0, compare=False)

    def holds_as_much_as(self, older: Outline) -> bool:
        """Tell whether nothing can be missing of what an older version held."""
        return (
            self.turns >= older.turns
            and len(self.unanswered) <= len(older.unanswered)
            and self.unasked <= older.unasked
            and self.text > older.text - _MUCH_TEXT
        )
