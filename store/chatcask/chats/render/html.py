"""A chat as one HTML file that loads nothing and runs nothing.

Every text goes through escaping or through a Markdown reader that knows no HTML. Links lead only to http,
https and mail addresses; images are only those that the chat holds itself, as data. The page forbids all
else by its content security policy, so that an error here stays without effect.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from html import escape
from typing import TYPE_CHECKING

from chatcask.chats.render.describe import Style, describe_attachment, describe_response
from chatcask.chats.render.html_text import highlight, markdown_to_html, page_style
from chatcask.chats.render.text import clean, one_line, utc_time

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatcask.chats.model import Attachment, Chat, Turn
    from chatcask.chats.render.describe import Description

_IMAGE_TYPES = {
    b"\x89PNG": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF8": "image/gif",
    b"RIFF": "image/webp",
}


def render(chat: Chat) -> Iterator[str]:
    """Yield the document, a turn at a time."""
    yield _head(chat)
    yield "".join(f"<p class=fact>{fact}</p>\n" for fact in _facts(chat))
    for turn in chat.turns:
        yield from _turn(chat, turn)
    if chat.queued:
        yield "<h2>Queued</h2>\n" + "".join(_prompt(text) for text in chat.queued)
    if chat.draft.strip():
        yield f"<h2>Draft</h2>\n{_prompt(chat.draft)}"
    yield "</main>\n</body>\n</html>\n"


def _head(chat: Chat) -> str:
    style = page_style()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    )
    title = _line(chat.title)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="referrer" content="no-referrer">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{style}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n"
    )


def _facts(chat: Chat) -> Iterator[str]:
    yield f"Session <code>{_line(chat.session_id)}</code>"
    created = utc_time(chat.created_ms)
    if created:
        yield f"Created {created}"
    if chat.models:
        yield "Models " + ", ".join(f"<code>{_line(model)}</code>" for model in chat.models)


def _turn(chat: Chat, turn: Turn) -> Iterator[str]:
    time = utc_time(turn.timestamp_ms) or ""
    hidden = f" ({turn.mark})" if turn.mark else ""
    yield f'<section id="turn-{turn.index + 1}">\n<h2>{turn.index + 1}. Prompt{hidden}</h2>\n'
    yield f"<p class=fact>{time}</p>\n" if time else ""
    command = f"/{one_line(turn.command)} " if turn.command else ""
    yield _prompt(command + turn.prompt)
    for item in turn.attachments:
        yield _attachment(item)
    who = _line(chat.responder or turn.agent or "Response")
    model = f" <code>{_line(turn.model)}</code>" if turn.model else ""
    yield f"<h3>{who}{model}</h3>\n"
    for piece in describe_response(turn):
        yield _piece(piece)
    yield "</section>\n"


def _prompt(text: str) -> str:
    return f"<blockquote class=prompt>{escape(clean(text))}</blockquote>\n"


def _piece(piece: Description) -> str:
    if piece.kind == "answer":
        return f"<div class=answer>{markdown_to_html(piece.text)}</div>\n"
    label, body = _line(piece.label), _body(piece)
    if piece.is_folded:
        return f"<details class={piece.kind}><summary>{label}</summary>{body}</details>\n"
    if piece.style is Style.CODE and body:
        return f"<p class={piece.kind}>{label}</p>{body}\n"
    text = f": {escape(piece.text)}" if piece.text else ""
    return f"<p class={piece.kind}><strong>{label}</strong>{text}</p>\n"


def _body(piece: Description) -> str:
    if not piece.text.strip():
        return ""
    if piece.style is Style.CODE:
        return highlight(piece.text, piece.language)
    return markdown_to_html(piece.text)


def _attachment(item: Attachment) -> str:
    piece = describe_attachment(item)
    line = _piece(piece) if piece.is_folded else f"<p class=attachment>{escape(piece.label)}</p>\n"
    source = _image_source(item)
    return f'{line}<p><img alt="{_line(item.name)}" src="{source}"></p>\n' if source else line


def _image_source(item: Attachment) -> str | None:
    """Return a data URI if the attachment is an image by its bytes, of a kind that cannot hold scripts."""
    if not item.base64:
        return None
    try:
        data = base64.b64decode(item.base64, validate=True)
    except (binascii.Error, ValueError):
        return None
    media_type = next((name for start, name in _IMAGE_TYPES.items() if data.startswith(start)), None)
    return f"data:{media_type};base64,{base64.b64encode(data).decode('ascii')}" if media_type else None


def _line(text: str) -> str:
    return escape(one_line(text))
