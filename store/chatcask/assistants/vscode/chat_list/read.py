"""The list of chats that the editor shows: the value of the key `chat.ChatSessionStore.index`.

The editor lists what stands in this value and nothing else; a file without an entry is invisible
(microsoft/vscode chatSessionStore.ts, chatServiceImpl.ts). The functions here are pure on its text. Adding
or removing an entry leaves the others as they were: their order, and every field known or not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatcask.advice import Advice, AdviceCode
from chatcask.chats import jsontext
from chatcask.chats.chat_list import ChatIndex, IndexEntry
from chatcask.chats.fields import text_at, whole_at
from chatcask.chats.model import NEW_CHAT, TurnState
from chatcask.errors import InvalidInputError

if TYPE_CHECKING:
    from chatcask.chats.jsontext import Json, JsonObject
    from chatcask.chats.summary import ChatSummary

_LISTED_LOCATION = "panel"


def read_index(text: str | None) -> ChatIndex:
    """Read an index value; a missing or empty one is an empty index. Never raises.

    Entries are given even when the value as a whole is invalid, as far as they can be read.
    """
    if not text:
        return ChatIndex((), None, {"version": 1, "entries": {}})
    try:
        raw = jsontext.loads(text)
    except jsontext.JsonTextError as error:
        return ChatIndex((), f"the index is not JSON: {error}", {})
    if not isinstance(raw, dict):
        return ChatIndex((), "the index is not an object", {})
    stored = raw.get("entries")
    if not isinstance(stored, dict):
        return ChatIndex((), "the index has no object of entries", raw)
    entries = tuple(_entry(key, value) for key, value in stored.items() if _problem(value) is None)
    return ChatIndex(entries, _index_problem(raw, stored), raw)


def _index_problem(raw: JsonObject, entries: JsonObject) -> str | None:
    version = raw.get("version")
    if isinstance(version, bool) or version != 1:
        return f"the index has version {version!r:.40} instead of 1"
    for key, value in entries.items():
        problem = _problem(value)
        if problem:
            return f"entry {key!r:.80} {problem}"
    return None


def _problem(value: Json) -> str | None:
    if not isinstance(value, dict):
        return "is not an object"
    for name in ("sessionId", "title"):
        if not isinstance(value.get(name), str):
            return f"has no text {name}"
    date = value.get("lastMessageDate")
    if isinstance(date, bool) or not isinstance(date, int | float):
        return "has no number lastMessageDate"
    return None


def _entry(key: str, raw: JsonObject) -> IndexEntry:
    return IndexEntry(
        key=key,
        session_id=text_at(raw, "sessionId") or "",
        title=text_at(raw, "title") or "",
        last_message_ms=whole_at(raw, "lastMessageDate") or 0,
        is_external=bool(raw.get("isExternal")),
        hidden_because=_hidden_because(raw),
        raw=raw,
    )


def _hidden_because(raw: JsonObject) -> str | None:
    """Return why the editor does not list an entry (microsoft/vscode chatServiceImpl.ts, 1.109 on)."""
    if raw.get("isExternal"):
        return "its body is kept elsewhere"
    if raw.get("initialLocation") != _LISTED_LOCATION:
        return "it does not belong to the chat panel"
    if raw.get("isEmpty"):
        return "it is marked as empty"
    return None


def build_entry(summary: ChatSummary) -> JsonObject:
    """Return the entry that makes the editor list a chat."""
    last_message = _first_known(summary.last_message_ms, 0)
    ended = _first_known(summary.last_completed_ms, last_message)
    is_unfinished = summary.last_state in (TurnState.PENDING, TurnState.NEEDS_INPUT)
    return {
        "sessionId": summary.session_id,
        "title": summary.title or NEW_CHAT,
        "lastMessageDate": last_message,
        "timing": {
            "created": _first_known(summary.created_ms, last_message),
            "lastRequestStarted": last_message,
            "lastRequestEnded": ended,
        },
        "initialLocation": _LISTED_LOCATION,
        "hasPendingEdits": False,
        "isEmpty": summary.is_empty,
        "isExternal": False,
        "lastResponseState": int(TurnState.CANCELLED) if is_unfinished else summary.last_state,
    }


def _first_known(value: int | None, default: int) -> int:
    return default if value is None else value


def with_entry(text: str | None, entry: JsonObject) -> str:
    """Return the index value with an entry added, or replaced where it stands.

    Raises:
        InvalidInputError: The value is one that the editor would discard, or the entry would make it so.
    """
    raw = _valid(text)
    problem = _problem(entry)
    if problem:
        raise InvalidInputError(f"the new index entry {problem}")
    return jsontext.dumps({**raw, "entries": {**raw["entries"], entry["sessionId"]: entry}})


def _valid(text: str | None) -> JsonObject:
    index = read_index(text)
    if index.problem:
        raise InvalidInputError(
            f"the list of sessions is invalid: {index.problem}",
            advice=Advice(AdviceCode.REPLACE_CHAT_LIST),
        )
    return index.raw
