"""A chat as Markdown: prompts as quotes, answers as they are but for HTML and images, tools folded."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

from chatcask.chats.render.describe import Style, describe_attachment, describe_response
from chatcask.chats.render.neutral import neutral_inline, neutral_markdown
from chatcask.chats.render.text import clean, code_span, fenced, one_line, utc_time

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatcask.chats.model import Chat, Turn
    from chatcask.chats.render.describe import Description

_FOLDING = re.compile(r"<(?=/?(?:details|summary)\b)", re.IGNORECASE)


def render(chat: Chat) -> Iterator[str]:
    """Yield the document, a turn at a time."""
    yield f"# {_inline(chat.title)}\n\n"
    for name, value in _facts(chat):
        yield f"- {name}: {value}\n"
    for turn in chat.turns:
        yield from _turn(chat, turn)
    if chat.queued:
        yield "\n## Queued\n"
    for prompt in chat.queued:
        yield f"\n{_quoted(prompt)}\n"
    if chat.draft.strip():
        yield f"\n## Draft\n\n{_quoted(chat.draft)}\n"


def _facts(chat: Chat) -> Iterator[tuple[str, str]]:
    yield "Session", code_span(chat.session_id)
    created = utc_time(chat.created_ms)
    if created:
        yield "Created", created
    yield "Turns", str(len(chat.turns))
    if chat.models:
        yield "Models", ", ".join(code_span(model) for model in chat.models)


def _turn(chat: Chat, turn: Turn) -> Iterator[str]:
    time = utc_time(turn.timestamp_ms)
    hidden = f" ({turn.mark})" if turn.mark else ""
    yield f"\n## {turn.index + 1}. Prompt{hidden}\n\n"
    if time:
        yield f"*{time}*\n\n"
    command = f"/{one_line(turn.command)} " if turn.command else ""
    yield f"{_quoted(command + turn.prompt)}\n"
    if turn.attachments:
        yield "\n"
    for item in map(describe_attachment, turn.attachments):
        yield f"{_piece(item)}\n\n" if item.is_folded else f"- {_inline(item.label)}\n"
    who = _inline(chat.responder or turn.agent or "Response")
    model = f" ({code_span(turn.model)})" if turn.model else ""
    yield f"\n### {who}{model}\n"
    for piece in describe_response(turn):
        yield f"\n{_piece(piece)}\n"


def _piece(piece: Description) -> str:
    if piece.kind == "answer":
        return neutral_markdown(piece.text.strip("\n"))
    if piece.is_folded:
        body = _body(piece)
        middle = f"\n{body}\n\n" if body else ""
        return f"<details>\n<summary>{_inline(piece.label)}</summary>\n{middle}</details>"
    if piece.style is Style.CODE:
        return f"**{_inline(piece.label)}**\n\n{_body(piece)}"
    text = f": {_inline(piece.text)}" if piece.text else ""
    return f"**{_inline(piece.label)}**{text}"


def _body(piece: Description) -> str:
    if not piece.text.strip():
        return ""
    if piece.style is Style.CODE:
        return fenced(piece.text, piece.language)
    return _quoted(piece.text)


def _inline(text: str) -> str:
    """Return text on one line that no reader takes for a tag."""
    return neutral_inline(escape(one_line(text), quote=False))


def _quoted(text: str) -> str:
    """Return text as a quote, in which a tag cannot fold or unfold what stands around it."""
    safe = neutral_markdown(_FOLDING.sub("&lt;", clean(text)))
    return "\n".join(f"> {line}".rstrip() for line in safe.strip("\n").split("\n"))
