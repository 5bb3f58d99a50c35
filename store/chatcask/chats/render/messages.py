"""A chat as a row of messages, prompt and response in turn: what flat formats are made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chatcask.chats.render.describe import describe_attachment, response_text
from chatcask.chats.render.text import clean, utc_time

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatcask.chats.model import Chat, Turn


@dataclass(frozen=True, slots=True)
class Message:
    """One message; `role` is `user` or `assistant`."""

    turn: Turn
    role: str
    content: str
    timestamp: str | None
    attachments: tuple[str, ...]


def messages(chat: Chat) -> Iterator[Message]:
    """Yield the messages; a turn without any response gives only its prompt."""
    for turn in chat.turns:
        attached = tuple(describe_attachment(item).label for item in turn.attachments)
        yield Message(turn, "user", clean(turn.prompt), utc_time(turn.timestamp_ms), attached)
        text = response_text(turn)
        if text:
            yield Message(turn, "assistant", text, utc_time(turn.completed_ms), ())
