"""A turn as hashes: enough to find what changed between two versions without holding both.

A long chat is compared by reading one version after the other; what stays of each is a digest per turn.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from chatcask.chats.summary import fingerprint, turn_fingerprint, visible_parts

if TYPE_CHECKING:
    from chatcask.chats.jsontext import Json
    from chatcask.chats.model import Turn


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
    TAKEN_BACK = "taken_back"
    """It was taken back, so that the editor does not show it, or is shown again."""


@dataclass(frozen=True, slots=True)
class TurnDigest:
    """What comparing needs of a turn.

    Attributes:
        index: Its place in the chat.
        request_id: Its id, if it has one.
        content: Hash of what a reader sees of it.
        prompt: Hash of its prompt; None for an empty one.
        aspects: Hash of each side, in the order of `Aspect`.
    """

    index: int
    request_id: str | None
    content: str
    prompt: str | None
    aspects: tuple[str, ...]


_ASPECT_OF = {
    "markdown": Aspect.RESPONSE,
    "thinking": Aspect.THINKING,
    "tool": Aspect.TOOLS,
    "edits": Aspect.EDITS,
}


def digest_turn(turn: Turn) -> TurnDigest:
    """Return the digest of a turn."""
    return TurnDigest(
        index=turn.index,
        request_id=turn.request_id,
        content=turn_fingerprint(turn),
        prompt=fingerprint(turn.prompt) if turn.prompt else None,
        aspects=tuple(fingerprint(side) for side in _sides(turn)),
    )


def differing_aspects(before: TurnDigest, after: TurnDigest) -> tuple[Aspect, ...]:
    """Return the sides in which two turns differ for a reader."""
    sides = zip(Aspect, before.aspects, after.aspects, strict=True)
    return tuple(aspect for aspect, old, new in sides if old != new)


def _sides(turn: Turn) -> list[Json]:
    sides: dict[Aspect, Json] = {aspect: [] for aspect in Aspect}
    for part in visible_parts(turn):
        sides[_ASPECT_OF.get(part[0], Aspect.OTHER)].append(part)
    sides[Aspect.PROMPT] = turn.prompt
    sides[Aspect.ATTACHMENTS] = [fingerprint(item.raw) for item in turn.attachments]
    sides[Aspect.STATE] = [turn.state, turn.error]
    sides[Aspect.MODEL] = turn.model
    sides[Aspect.TAKEN_BACK] = turn.is_hidden
    return [sides[aspect] for aspect in Aspect]
