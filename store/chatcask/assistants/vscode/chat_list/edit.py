"""Change one entry of the editor's list of chats, and no byte of any other.

The list is the value of the key `chat.ChatSessionStore.index` (microsoft/vscode chatSessionStore.ts). Beside
it stands `agentSessions.state.cache`, an array that keeps which chats are archived, by the URI
`vscode-chat-session://local/<base64url of the id>` (agentSessionsModel.ts, chatUri.ts).
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from chatcask.assistants.vscode.chat_list import jsonspan
from chatcask.assistants.vscode.chat_list.read import build_entry, read_index, with_entry
from chatcask.chats import jsontext
from chatcask.chats.model import TurnState
from chatcask.errors import InvalidInputError

if TYPE_CHECKING:
    from chatcask.assistants.vscode.chat_list.jsonspan import Span
    from chatcask.chats.jsontext import JsonObject
    from chatcask.chats.summary import ChatSummary

ARCHIVE_KEY = "agentSessions.state.cache"

_UNFINISHED = (TurnState.PENDING, TurnState.NEEDS_INPUT)


def put_entry(text: str | None, entry: JsonObject) -> str:
    """Return the list with an entry added, or put in the place of the one with the same id.

    Raises:
        InvalidInputError: the list is one that the editor would discard, or the entry would make it so.
    """
    checked = with_entry(text, entry)
    if not text:
        return checked
    entries = _entries(text)
    known = _last(text, entries.value_start, entry["sessionId"])
    if known is None:
        return jsonspan.append_member(text, entries.value_start, entry["sessionId"], entry)
    return jsonspan.replace_value(text, known, entry)


def drop_entry(text: str, session_id: str) -> str:
    """Return the list without the entry of a chat, if it has one.

    Raises:
        InvalidInputError: the list is one that the editor would discard.
    """
    problem = read_index(text).problem
    if problem:
        raise InvalidInputError(f"the list of sessions is invalid: {problem}")
    entries = _entries(text)
    known = _last(text, entries.value_start, session_id)
    return text if known is None else jsonspan.remove_member(text, entries.value_start, known)


def listed_entry(
    captured: JsonObject | None, summary: ChatSummary, session_id: str, title: str
) -> JsonObject:
    """Return the entry that makes the editor list a chat.

    Args:
        captured: The entry as it once was, if that is known. All its fields are kept, but for those that
            would hide the chat or say that a response is still coming.
        summary: The chat as it will be on disk.
        session_id: The id to list it under.
        title: The title to show when no entry is known.
    """
    built = {**build_entry(summary), "sessionId": session_id, "title": title}
    if captured is None:
        return built
    shown = {key: built[key] for key in ("initialLocation", "isEmpty", "isExternal")}
    entry = {**captured, **shown, "sessionId": session_id}
    if entry.get("lastResponseState") in _UNFINISHED:
        entry["lastResponseState"] = int(TurnState.CANCELLED)
    for key in ("title", "lastMessageDate", "timing"):
        entry.setdefault(key, built[key])
    return entry


def session_uri(session_id: str) -> str:
    """Return the URI under which the editor keeps what it knows of a local chat."""
    encoded = base64.urlsafe_b64encode(session_id.encode("utf-8", "surrogatepass")).decode("ascii")
    return f"vscode-chat-session://local/{encoded.rstrip('=')}"


def without_archived(text: str, session_id: str) -> str:
    """Return the value of `agentSessions.state.cache` with a chat no longer marked as archived.

    A value of another shape is left as it is: the editor discards what it cannot read there.
    """
    uri = session_uri(session_id)
    start = jsontext.skip_space(text, 0)
    try:
        for span in jsonspan.members(text, start):
            value = span.value
            if isinstance(value, dict) and value.get("resource") == uri and value.get("archived") is True:
                return jsonspan.replace_value(text, span, {**value, "archived": False})
    except jsontext.JsonTextError:
        return text
    return text


def _entries(text: str) -> Span:
    """Return the member `entries` of a list that is known to be valid."""
    start = jsontext.skip_space(text, 0)
    found = [span for span in jsonspan.members(text, start) if span.key == "entries"]
    return found[-1]


def _last(text: str, position: int, key: str) -> Span | None:
    """Return the member with that key; of two the last, as it is the one that counts."""
    found = [span for span in jsonspan.members(text, position) if span.key == key]
    return found[-1] if found else None
