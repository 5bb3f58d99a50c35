"""A whole chat as a row of described pieces, for whoever lays it out: a terminal, a window.

Besides the kinds of a response's pieces there are `title`, `prompt`, `attachment`, `responder`, `queued` and
`draft`. All texts are free of control characters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatcask.chats.render.describe import (
    Description,
    Style,
    describe_attachment,
    describe_response,
)
from chatcask.chats.render.text import clean, one_line, utc_time

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatcask.chats.model import Chat, Turn


def blocks(chat: Chat) -> Iterator[Description]:
    """Yield the pieces from top to bottom; the title's text holds what is known of the whole chat."""
    facts = (chat.session_id, utc_time(chat.created_ms) or "", *chat.models)
    known = " - ".join(one_line(fact) for fact in facts if fact)
    yield Description("title", one_line(chat.title), known, Style.PLAIN)
    for turn in chat.turns:
        yield from _turn(chat, turn)
    for prompt in chat.queued:
        yield Description("queued", "Queued", clean(prompt), Style.PLAIN)
    if chat.draft.strip():
        yield Description("draft", "Draft", clean(chat.draft), Style.PLAIN)


def _turn(chat: Chat, turn: Turn) -> Iterator[Description]:
    time = utc_time(turn.timestamp_ms)
    hidden = f" ({turn.mark})" if turn.mark else ""
    label = f"{turn.index + 1}. Prompt{hidden}{f' - {time}' if time else ''}"
    command = f"/{one_line(turn.command)} " if turn.command else ""
    yield Description("prompt", label, clean(command + turn.prompt), Style.PLAIN)
    yield from map(describe_attachment, turn.attachments)
    model = f" ({one_line(turn.model)})" if turn.model else ""
    who = one_line(chat.responder or turn.agent or "Response")
    yield Description("responder", who + model, "", Style.PLAIN)
    yield from describe_response(turn)
