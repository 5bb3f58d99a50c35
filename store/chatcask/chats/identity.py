"""Which chats are the same chat, or come from one: evidence and confidence, never a merge.

A chat keeps its id when it is compacted, moved from `.json` to `.jsonl` or copied to another workspace. A
restored copy has a new session id but its old request ids. The editor's Fork gives new ids and new times to
everything (microsoft/vscode chatForkActions.ts), so a fork shows only by equal turns from the start on.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chatcask.chats.summary import ChatSummary

_FORK_PREFIX = "Forked: "


class Relation(StrEnum):
    """How two chats belong together."""

    SAME = "same"
    COPY = "copy"
    FORK = "fork"
    RELATED = "related"


class Confidence(IntEnum):
    """How sure a match is; higher is surer."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CERTAIN = 4


@dataclass(frozen=True, slots=True)
class Match:
    """One finding about two chats.

    `evidence` names what speaks for it: `session_id`, `request_ids`, `turn_content`, `turn_times`,
    `fork_title`, `fork_times`, `first_prompt`. `older` is the chat that was made first, if known.
    """

    relation: Relation
    confidence: Confidence
    evidence: tuple[str, ...]
    session_ids: tuple[str, str]
    shared_turns: int
    older: str | None


def find_match(one: ChatSummary, other: ChatSummary) -> Match | None:
    """Return how two chats belong together, or None if nothing speaks for it."""
    if one.session_id == other.session_id:
        shared = max(_shared_requests(one, other), _equal_turns(one, other))
        return Match(Relation.SAME, Confidence.CERTAIN, ("session_id",), _ids(one, other), shared, None)
    return _by_requests(one, other) or _by_turns(one, other) or _by_first_prompt(one, other)


def find_matches(chat: ChatSummary, others: Iterable[ChatSummary]) -> list[Match]:
    """Return all matches of one chat, the surest and closest first."""
    found = (find_match(chat, other) for other in others)
    return sorted(
        (match for match in found if match),
        key=lambda match: (-match.confidence, -match.shared_turns, match.session_ids),
    )


def _by_requests(one: ChatSummary, other: ChatSummary) -> Match | None:
    shared = _shared_requests(one, other)
    if not shared:
        return None
    is_copy = shared == one.turn_count == other.turn_count
    relation = Relation.COPY if is_copy else Relation.FORK
    confidence = Confidence.CERTAIN if is_copy else Confidence.HIGH
    return Match(relation, confidence, ("request_ids",), _ids(one, other), shared, _older(one, other))


def _by_turns(one: ChatSummary, other: ChatSummary) -> Match | None:
    shared = _equal_turns(one, other)
    if not shared:
        return None
    evidence = ["turn_content"]
    times = [(a.timestamp_ms, b.timestamp_ms) for a, b in zip(one.turns, other.turns, strict=False)][:shared]
    if all(a is not None and a == b for a, b in times):
        evidence.append("turn_times")
    for summary in (one, other):
        if (summary.custom_title or "").startswith(_FORK_PREFIX):
            evidence.append("fork_title")
        if _has_fork_times(summary, shared):
            evidence.append("fork_times")
    is_sure = shared > 1 or len(evidence) > 1
    confidence = Confidence.HIGH if is_sure else Confidence.MEDIUM
    unique = tuple(dict.fromkeys(evidence))
    return Match(Relation.FORK, confidence, unique, _ids(one, other), shared, _older(one, other))


def _by_first_prompt(one: ChatSummary, other: ChatSummary) -> Match | None:
    first = one.first_prompt_fingerprint
    if first is None or first != other.first_prompt_fingerprint:
        return None
    ids = _ids(one, other)
    return Match(Relation.RELATED, Confidence.LOW, ("first_prompt",), ids, 0, _older(one, other))


def _has_fork_times(summary: ChatSummary, shared: int) -> bool:
    """Fork dates the copied turns one millisecond apart, beginning with the new session's creation."""
    created = summary.created_ms
    return created is not None and all(
        turn.timestamp_ms == created + index for index, turn in enumerate(summary.turns[:shared])
    )


def _shared_requests(one: ChatSummary, other: ChatSummary) -> int:
    """Count equal ids of equal prompts: an id alone is too little, since old ones may be mere numbers."""
    asked = {(turn.request_id, turn.prompt_fingerprint) for turn in one.turns if turn.request_id}
    return len(asked & {(turn.request_id, turn.prompt_fingerprint) for turn in other.turns})


def _equal_turns(one: ChatSummary, other: ChatSummary) -> int:
    """Return how many turns are equal from the start on."""
    count = 0
    for first, second in zip(one.turns, other.turns, strict=False):
        if first.fingerprint != second.fingerprint:
            break
        count += 1
    return count


def _ids(one: ChatSummary, other: ChatSummary) -> tuple[str, str]:
    return one.session_id, other.session_id


def _older(one: ChatSummary, other: ChatSummary) -> str | None:
    if one.created_ms is None or other.created_ms is None or one.created_ms == other.created_ms:
        return None
    return min(one, other, key=lambda summary: summary.created_ms or 0).session_id
