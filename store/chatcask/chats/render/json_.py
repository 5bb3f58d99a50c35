"""A chat as one JSON document: the chat itself, freed from the editor's storage format."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatcask.chats.jsontext import dumps
from chatcask.chats.model import UnknownPart
from chatcask.chats.render.describe import describe_response
from chatcask.chats.render.text import utc_time
from chatcask.visible import visible_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatcask.chats.jsontext import JsonObject
    from chatcask.chats.model import Attachment, Chat, Turn

SCHEMA_VERSION = 1


def render(chat: Chat) -> Iterator[str]:
    """Yield the document."""
    turns = [turn_object(turn) for turn in chat.turns]
    document = {"schema_version": SCHEMA_VERSION, **chat_object(chat), "turns": turns}
    yield visible_json(dumps(document, indent=2))
    yield "\n"


def chat_object(chat: Chat) -> JsonObject:
    """Return what a chat is apart from its turns."""
    return {
        "session_id": chat.session_id,
        "title": chat.title,
        "created": utc_time(chat.created_ms),
        "responder": chat.responder,
        "models": list(chat.models),
        "turn_count": len(chat.turns),
        "has_pending_edits": chat.has_pending_edits,
        "draft": chat.draft,
        "queued": list(chat.queued),
    }


def turn_object(turn: Turn) -> JsonObject:
    """Return a turn with its readable pieces; parts of unknown kind are added as they are stored."""
    return {
        "turn": turn.index + 1,
        "request_id": turn.request_id,
        "response_id": turn.response_id,
        "timestamp": utc_time(turn.timestamp_ms),
        "completed": utc_time(turn.completed_ms),
        "model": turn.model,
        "mode": turn.mode,
        "agent": turn.agent,
        "command": turn.command,
        "state": turn.state.name.lower(),
        "error": turn.error,
        "is_hidden": turn.is_hidden,
        "is_cut": turn.is_cut,
        "prompt": turn.prompt,
        "attachments": [_attachment(item) for item in turn.attachments],
        "references": list(turn.references),
        "response": [
            {"kind": piece.kind, "label": piece.label, "text": piece.text}
            for piece in describe_response(turn)
        ],
        "unknown_parts": [part.raw for part in turn.parts if isinstance(part, UnknownPart)],
    }


def _attachment(item: Attachment) -> JsonObject:
    return {
        "kind": item.kind,
        "name": item.name,
        "uri": item.uri,
        "text": item.text,
        "media_type": item.media_type,
        "base64": item.base64,
    }
