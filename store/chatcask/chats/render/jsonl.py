"""A chat as JSON Lines: one turn per line, each with the id of its chat."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatcask.chats.jsontext import dumps
from chatcask.chats.render.json_ import SCHEMA_VERSION, turn_object
from chatcask.visible import visible_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatcask.chats.model import Chat


def render(chat: Chat) -> Iterator[str]:
    """Yield the lines."""
    for turn in chat.turns:
        head = {
            "schema_version": SCHEMA_VERSION,
            "message_type": "turn",
            "session_id": chat.session_id,
        }
        yield visible_json(dumps({**head, **turn_object(turn)})) + "\n"
