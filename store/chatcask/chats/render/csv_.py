"""A session as CSV (RFC 4180): one row per message.

The cells hold the text as it is. A spreadsheet may take a cell that begins with `=`, `+`, `-` or `@` for a
formula: import such a file with all columns as text.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from chatcask.chats.render.messages import messages
from chatcask.chats.render.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatcask.chats.model import Chat
    from chatcask.chats.render.messages import Message

COLUMNS = (
    "session_id",
    "title",
    "turn",
    "role",
    "timestamp",
    "model",
    "state",
    "attachments",
    "content",
)


def render(session: Chat) -> Iterator[str]:
    """Yield the head and the rows."""
    yield _row(COLUMNS)
    for message in messages(session):
        yield _row(_cells(session, message))


def _cells(session: Chat, message: Message) -> tuple[str, ...]:
    return (
        clean(session.session_id),
        clean(session.title),
        str(message.turn.index + 1),
        message.role,
        message.timestamp or "",
        clean(message.turn.model or ""),
        message.turn.state.name.lower(),
        "; ".join(message.attachments),
        message.content,
    )


def _row(cells: tuple[str, ...]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerow(cells)
    return buffer.getvalue()
