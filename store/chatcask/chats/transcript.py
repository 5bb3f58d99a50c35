"""A record of a chat that somebody else than its assistant keeps, for when the chat's own file is lost."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chatcask.chats.parsed import ParsedChat, ParseState, Report

if TYPE_CHECKING:
    from chatcask.chats.model import Chat


@dataclass(frozen=True, slots=True)
class Transcript:
    """What such a record holds.

    Attributes:
        chat: The chat that it tells of; None if there is no prompt in it.
        missing: What a chat has and is not in it, in words.
        left_out: How many lines could not be read, or are of a kind that is not known.
        attachments: How many attachments it only names.
    """

    chat: Chat | None = field(repr=False)
    missing: tuple[str, ...] = ()
    left_out: int = 0
    attachments: int = 0

    @property
    def turns(self) -> int:
        """How many turns can be had from it."""
        return len(self.chat.turns) if self.chat else 0

    def as_parsed(self, data: bytes) -> ParsedChat:
        """Return it as a chat that its assistant does not open; `data` is what it was read from."""
        state = ParseState.UNREADABLE if self.chat is None else ParseState.SALVAGED
        report = Report(len(data), data.count(b"\n"), opens=False, has_header=True)
        return ParsedChat(self.chat, state, report)


NO_TRANSCRIPT = Transcript(None)
"""Of an assistant whose chats nobody else records."""
