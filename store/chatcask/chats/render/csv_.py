"""A chat as CSV (RFC 4180): one row per message.

A spreadsheet takes a cell that begins with `=`, `+`, `-`, `@`, a tab or a line end for a formula, which may
send what other cells hold somewhere: such a cell begins with an apostrophe instead.
"""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING

from chatcask.chats.render.messages import messages
from chatcask.chats.render.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatcask.chats.model import Chat
    from chatcask.chats.render.messages import Message

_FORMULA = re.compile(r"[=+@\-\t\r\n\uff1d\uff0b\uff0d\uff20]")

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


def render(chat: Chat) -> Iterator[str]:
    """Yield the head and the rows; no cell is a formula."""
    yield _row(COLUMNS)
    for message in messages(chat):
        yield _row(tuple(map(_guarded, _cells(chat, message))))


def render_raw(chat: Chat) -> Iterator[str]:
    """Yield the head and the rows, the cells as they are: for programs that take no cell for a formula."""
    yield _row(COLUMNS)
    for message in messages(chat):
        yield _row(_cells(chat, message))


def _guarded(cell: str) -> str:
    return f"'{cell}" if _FORMULA.match(cell) else cell


def _cells(chat: Chat, message: Message) -> tuple[str, ...]:
    return (
        clean(chat.session_id),
        clean(chat.title),
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
