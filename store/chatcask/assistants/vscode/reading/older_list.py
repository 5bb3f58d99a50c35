"""Chats from before about version 1.99, which stood all together in one row of the state database.

The row `interactive.sessions` is an array of sessions (microsoft/vscode chatServiceImpl.ts); the editor moved
them to files of their own later. Each is read as the chat that its id names.
"""

from __future__ import annotations

from collections.abc import Iterable

from chatcask.assistants.vscode.reading.log import decode
from chatcask.chats import jsontext
from chatcask.chats.fields import text_at
from chatcask.chats.jsontext import JsonObject
from chatcask.chats.parsed import Note, Recovered, Report


def sessions_in(data: bytes) -> tuple[str, ...]:
    """Return the ids of the chats in a value of the row, each once; none if it is no such value."""
    ids = (text_at(item, "sessionId") for item in _items(data))
    return tuple(dict.fromkeys(session for session in ids if session and "/" not in session))


def recover_listed(buffers: Iterable[bytes], session: str) -> Recovered:
    """Return the chat of that id from a value of the row, given in pieces. Never raises for any bytes."""
    data = b"".join(buffers)
    found = next((item for item in _items(data) if text_at(item, "sessionId") == session), None)
    note = Note("older_list", 1, "it stands in the list in which editors before 1.99 kept all chats")
    notes = (note,) if found is not None else ()
    lines = data.count(b"\n") + 1
    report = Report(len(data), lines, opens=found is not None, has_header=True, notes=notes)
    return Recovered(found, report)


def _items(data: bytes) -> list[JsonObject]:
    text = decode(data)[0]
    try:
        value = jsontext.loads(text)
    except jsontext.TooDeepError:
        value = _shortened(text)
    except jsontext.JsonTextError:
        return []
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _shortened(text: str) -> jsontext.Json:
    try:
        return jsontext.shortened_at(text, jsontext.skip_space(text, 0))[0]
    except jsontext.JsonTextError:
        return None
