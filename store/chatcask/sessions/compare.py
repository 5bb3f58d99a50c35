"""What changed between two versions of one chat, turn by turn.

Turns are matched by request id, then by equal content (a restored or forked copy has new ids), then by equal
prompt in order (a retried turn has a new id and a new answer).
"""

from __future__ import annotations

import difflib
from bisect import bisect_left
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from chatcask.sessions.summary import fingerprint, turn_fingerprint, visible_parts

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Sequence

    from chatcask.sessions.jsontext import Json
    from chatcask.sessions.model import Session, Turn


class ChangeKind(StrEnum):
    """What happened to a turn."""

    ADDED = "added"
    REMOVED = "removed"
    EDITED = "edited"
    MOVED = "moved"


class Aspect(StrEnum):
    """The side of a turn that differs."""

    PROMPT = "prompt"
    ATTACHMENTS = "attachments"
    RESPONSE = "response"
    THINKING = "thinking"
    TOOLS = "tools"
    EDITS = "edits"
    OTHER = "other"
    STATE = "state"
    MODEL = "model"


class Evidence(StrEnum):
    """Why two turns count as the same one."""

    REQUEST_ID = "request_id"
    CONTENT = "content"
    PROMPT = "prompt"


@dataclass(frozen=True, slots=True)
class TurnChange:
    """One turn that differs. An edited turn may have moved too: see `has_moved`."""

    kind: ChangeKind
    before: Turn | None
    after: Turn | None
    aspects: tuple[Aspect, ...] = ()
    evidence: Evidence | None = None
    has_moved: bool = False


@dataclass(frozen=True, slots=True)
class SessionDiff:
    """All differences: the titles if they differ, the changed turns, the count of the rest."""

    title: tuple[str, str] | None
    turns: tuple[TurnChange, ...]
    unchanged: int

    @property
    def is_empty(self) -> bool:
        """Tell whether the two versions read the same."""
        return self.title is None and not self.turns

    def count(self, kind: ChangeKind) -> int:
        """Return how many turns changed in this way."""
        return sum(change.kind is kind for change in self.turns)


_Pair: TypeAlias = "tuple[Turn, Turn, Evidence]"


def diff_sessions(before: Session, after: Session) -> SessionDiff:
    """Return what changed; changed and added turns in their new order, removed ones where they stood."""
    pairs = _match(before.turns, after.turns)
    moved = _moved(pairs)
    changes: list[tuple[tuple[float, int], TurnChange]] = []
    for old, new, evidence in pairs:
        aspects = differing_aspects(old, new)
        has_moved = new.index in moved
        if aspects or has_moved:
            kind = ChangeKind.EDITED if aspects else ChangeKind.MOVED
            changes.append(((new.index, 1), TurnChange(kind, old, new, aspects, evidence, has_moved)))
    kept_old = {old.index: new.index for old, new, _ in pairs}
    kept_new = {new.index for _, new, _ in pairs}
    changes += [
        ((new.index, 1), TurnChange(ChangeKind.ADDED, None, new))
        for new in after.turns
        if new.index not in kept_new
    ]
    place = -1.0
    for old in before.turns:
        if old.index in kept_old:
            place = kept_old[old.index]
        else:
            changes.append(((place + 0.5, old.index), TurnChange(ChangeKind.REMOVED, old, None)))
    changes.sort(key=lambda item: item[0])
    unchanged = sum(not differing_aspects(old, new) and new.index not in moved for old, new, _ in pairs)
    title = None if before.title == after.title else (before.title, after.title)
    return SessionDiff(title, tuple(change for _, change in changes), unchanged)


def _match(before: Sequence[Turn], after: Sequence[Turn]) -> list[_Pair]:
    pairs: list[_Pair] = []
    passes: tuple[tuple[Evidence, Callable[[Turn], Hashable]], ...] = (
        (Evidence.REQUEST_ID, lambda turn: turn.request_id),
        (Evidence.CONTENT, turn_fingerprint),
        (Evidence.PROMPT, lambda turn: turn.prompt or None),
    )
    for evidence, key in passes:
        waiting: dict[Hashable, list[Turn]] = {}
        for old in reversed(before):
            waiting.setdefault(key(old), []).append(old)
        for new in after:
            name = key(new)
            if name is not None and waiting.get(name):
                pairs.append((waiting[name].pop(), new, evidence))
        old_done = {old.index for old, _, _ in pairs}
        new_done = {new.index for _, new, _ in pairs}
        before = [old for old in before if old.index not in old_done]
        after = [new for new in after if new.index not in new_done]
    return sorted(pairs, key=lambda pair: pair[1].index)


def _moved(pairs: Sequence[_Pair]) -> set[int]:
    """Return the new places of turns that are not on a longest run that kept its order."""
    tails: list[int] = []
    ends: list[int] = []
    previous: list[int | None] = []
    for number, (old, _, _) in enumerate(pairs):
        at = bisect_left(tails, old.index)
        tails[at : at + 1] = [old.index]
        ends[at : at + 1] = [number]
        previous.append(ends[at - 1] if at else None)
    kept = set()
    number_or_none = ends[-1] if ends else None
    while number_or_none is not None:
        kept.add(number_or_none)
        number_or_none = previous[number_or_none]
    return {new.index for number, (_, new, _) in enumerate(pairs) if number not in kept}


def differing_aspects(before: Turn, after: Turn) -> tuple[Aspect, ...]:
    """Return the sides in which two turns differ for a reader."""
    old, new = _aspects(before), _aspects(after)
    return tuple(aspect for aspect in Aspect if old[aspect] != new[aspect])


_ASPECT_OF = {
    "markdown": Aspect.RESPONSE,
    "thinking": Aspect.THINKING,
    "tool": Aspect.TOOLS,
    "edits": Aspect.EDITS,
}


def _aspects(turn: Turn) -> dict[Aspect, Json]:
    sides: dict[Aspect, Json] = {aspect: [] for aspect in Aspect}
    for part in visible_parts(turn):
        sides[_ASPECT_OF.get(part[0], Aspect.OTHER)].append(part)
    sides[Aspect.PROMPT] = turn.prompt
    sides[Aspect.ATTACHMENTS] = [fingerprint(item.raw) for item in turn.attachments]
    sides[Aspect.STATE] = (turn.state, turn.error)
    sides[Aspect.MODEL] = turn.model
    return sides


def text_diff(change: TurnChange, to_text: Callable[[Turn], str], *, context: int = 3) -> Iterator[str]:
    """Yield the lines of a unified diff of a changed turn.

    `to_text` says how a turn reads; the lines carry no line ends.
    """
    old = to_text(change.before).splitlines() if change.before else []
    new = to_text(change.after).splitlines() if change.after else []
    names = [f"turn {turn.index + 1}" if turn else "" for turn in (change.before, change.after)]
    return difflib.unified_diff(old, new, names[0], names[1], n=context, lineterm="")
