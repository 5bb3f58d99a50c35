"""Turns that were cut off put back beside those that took their place."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from chatcask.chats.model import Turn


def with_cut_turns(turns: Sequence[Turn], cut: Iterable[Turn]) -> tuple[Turn, ...]:
    """Return all turns, those that were cut off before the one that took their place."""
    waiting: dict[int, list[Turn]] = {}
    for turn in cut:
        waiting.setdefault(min(turn.index, len(turns)), []).append(turn)
    every: list[Turn] = []
    for place, turn in enumerate(turns):
        every += [*waiting.get(place, ()), turn]
    return (*every, *waiting.get(len(turns), ()))
