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

from chatcask.chats.digest import Aspect, TurnDigest, differing_aspects

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Sequence

MAX_ALIGNED_LINES = 20_000
"""Longer texts are not aligned line by line, which takes time that grows with the square."""


class TurnChangeKind(StrEnum):
    """What happened to a turn."""

    ADDED = "added"
    REMOVED = "removed"
    EDITED = "edited"
    MOVED = "moved"


class Evidence(StrEnum):
    """Why two turns count as the same one."""

    REQUEST_ID = "request_id"
    CONTENT = "content"
    PROMPT = "prompt"


@dataclass(frozen=True, slots=True)
class DigestChange:
    """One turn that differs, by its places before and after. An edited turn may have moved too."""

    kind: TurnChangeKind
    before: int | None
    after: int | None
    aspects: tuple[Aspect, ...] = ()
    evidence: Evidence | None = None
    has_moved: bool = False


_Pair: TypeAlias = "tuple[TurnDigest, TurnDigest, Evidence]"


def compare_digests(
    before: Sequence[TurnDigest], after: Sequence[TurnDigest]
) -> tuple[tuple[DigestChange, ...], int]:
    """Return the turns that differ, and how many do not.

    Changed and added turns come in their new order, removed ones where they stood.
    """
    pairs = _match(before, after)
    moved = _moved(pairs)
    changes: list[tuple[tuple[float, int], DigestChange]] = []
    for old, new, evidence in pairs:
        aspects = differing_aspects(old, new)
        has_moved = new.index in moved
        if aspects or has_moved:
            kind = TurnChangeKind.EDITED if aspects else TurnChangeKind.MOVED
            change = DigestChange(kind, old.index, new.index, aspects, evidence, has_moved)
            changes.append(((new.index, 1), change))
    unchanged = len(pairs) - len(changes)
    kept_old = {old.index: new.index for old, new, _ in pairs}
    kept_new = {new.index for _, new, _ in pairs}
    changes += [
        ((new.index, 1), DigestChange(TurnChangeKind.ADDED, None, new.index))
        for new in after
        if new.index not in kept_new
    ]
    place = -1.0
    for old in before:
        if old.index in kept_old:
            place = kept_old[old.index]
        else:
            changes.append(((place + 0.5, old.index), DigestChange(TurnChangeKind.REMOVED, old.index, None)))
    changes.sort(key=lambda item: item[0])
    return tuple(change for _, change in changes), unchanged


def _match(before: Sequence[TurnDigest], after: Sequence[TurnDigest]) -> list[_Pair]:
    pairs: list[_Pair] = []
    passes: tuple[tuple[Evidence, Callable[[TurnDigest], Hashable]], ...] = (
        (Evidence.REQUEST_ID, lambda turn: turn.request_id),
        (Evidence.CONTENT, lambda turn: turn.content),
        (Evidence.PROMPT, lambda turn: turn.prompt),
    )
    for evidence, key in passes:
        waiting: dict[Hashable, list[TurnDigest]] = {}
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


def unified_lines(before: tuple[str, str], after: tuple[str, str], *, context: int = 3) -> Iterator[str]:
    """Yield the lines of a unified diff of two texts, each given with its name; without line ends."""
    old, new = before[1].splitlines(), after[1].splitlines()
    if len(old) + len(new) > MAX_ALIGNED_LINES:
        return _one_hunk(before[0], after[0], old, new)
    return difflib.unified_diff(old, new, before[0], after[0], n=context, lineterm="")


def _one_hunk(old_name: str, new_name: str, old: list[str], new: list[str]) -> Iterator[str]:
    """Yield a diff that replaces everything between the common start and the common end."""
    if old == new:
        return
    shorter = min(len(old), len(new))
    start = next((place for place in range(shorter) if old[place] != new[place]), shorter)
    end = 0
    while end < shorter - start and old[-1 - end] == new[-1 - end]:
        end += 1
    gone, come = old[start : len(old) - end], new[start : len(new) - end]
    yield f"--- {old_name}"
    yield f"+++ {new_name}"
    yield f"@@ -{start + bool(gone)},{len(gone)} +{start + bool(come)},{len(come)} @@"
    yield from (f"-{line}" for line in gone)
    yield from (f"+{line}" for line in come)
