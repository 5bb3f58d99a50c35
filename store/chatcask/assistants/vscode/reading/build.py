"""A raw session object to a `Chat`, over all versions the editor has written; never raises for any object.

`upgrade` does what the editor does on read (microsoft/vscode chatModel.ts, normalizeSerializableChatData)
except where that asks the clock or a random source: a missing session id becomes the one the file is named
after, and a missing creation date stays missing.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from chatcask.assistants.vscode.reading.parts import read_part
from chatcask.chats.fields import (
    array_at,
    base_name,
    flag_at,
    object_at,
    text_at,
    uri_text,
    value_at,
    whole_at,
)
from chatcask.chats.model import NEW_CHAT, Attachment, Chat, Part, Turn, TurnState

if TYPE_CHECKING:
    from chatcask.chats.jsontext import Json, JsonObject

_TITLE_LENGTH = 200


def upgrade(raw: JsonObject, session_id: str) -> JsonObject:
    """Return the object in the newest version, as a new object around the same requests."""
    upgraded = dict(raw)
    if not upgraded.get("sessionId"):
        upgraded["sessionId"] = session_id
    if upgraded.get("initialLocation") == "editing-session":
        upgraded["initialLocation"] = "panel"
    if "version" not in raw:
        upgraded["version"] = 3
        upgraded.pop("customTitle", None)
    elif raw["version"] == 2:
        upgraded["version"] = 3
        upgraded["customTitle"] = raw.get("computedTitle")
    return upgraded


def is_full_chat(raw: JsonObject) -> bool:
    """Tell whether the editor takes the object for a chat of its own and will save it again.

    Anything else counts as imported and is never written (microsoft/vscode chatModel.ts,
    isSerializableSessionData).
    """
    return (
        isinstance(raw.get("requests"), list)
        and isinstance(raw.get("responderUsername"), str)
        and whole_at(raw, "creationDate") is not None
        and isinstance(raw.get("sessionId"), str)
        and all(_has_sound_context(request) for request in raw["requests"])
    )


def _has_sound_context(request: Json) -> bool:
    context = value_at(request, "usedContext")
    if not isinstance(request, dict):
        return False
    return not context or isinstance(value_at(context, "documents"), list)


def build_chat(raw: JsonObject, session_id: str) -> Chat:
    """Return the chat that a stored object stands for; `session_id` is the name of its file."""
    raw = upgrade(raw, session_id)
    requests = [request for request in array_at(raw, "requests") if isinstance(request, dict)]
    turns = tuple(build_turn(index, request) for index, request in enumerate(requests))
    custom_title = text_at(raw, "customTitle")
    queued = [text_at(item, "request", "message", "text") for item in array_at(raw, "pendingRequests")]
    return Chat(
        session_id=text_at(raw, "sessionId") or session_id,
        title=custom_title or default_title(turns),
        custom_title=custom_title,
        created_ms=whole_at(raw, "creationDate"),
        location=text_at(raw, "initialLocation"),
        responder=text_at(raw, "responderUsername") or "",
        turns=turns,
        has_pending_edits=flag_at(raw, "hasPendingEdits") is True,
        draft=text_at(raw, "inputState", "inputText") or "",
        queued=tuple(text for text in queued if text),
        raw=raw,
    )


def default_title(turns: tuple[Turn, ...]) -> str:
    """Return the title of a chat without one: the first line of its first prompt.

    At most 200 UTF-16 units of it (microsoft/vscode chatModel.ts, getDefaultTitle).
    """
    line = turns[0].prompt.partition("\n")[0] if turns else ""
    units = line.encode("utf-16-le", "surrogatepass")[: 2 * _TITLE_LENGTH]
    return units.decode("utf-16-le", "ignore") or NEW_CHAT


def build_turn(index: int, raw: JsonObject) -> Turn:
    """Return the turn that a stored request stands for; `index` is its place in the chat."""
    return Turn(
        index=index,
        request_id=text_at(raw, "requestId"),
        response_id=text_at(raw, "responseId"),
        prompt=_prompt(raw.get("message")),
        attachments=tuple(_attachment(item) for item in array_at(raw, "variableData", "variables")),
        parts=_parts(raw.get("response")),
        references=_references(raw),
        state=_state(raw),
        error=_error(raw),
        timestamp_ms=whole_at(raw, "timestamp"),
        completed_ms=whole_at(raw, "modelState", "completedAt"),
        model=text_at(raw, "modelId"),
        mode=text_at(raw, "modeInfo", "kind"),
        agent=text_at(raw, "agent", "fullName") or text_at(raw, "agent", "name"),
        command=text_at(raw, "slashCommand", "name"),
        is_hidden=bool(raw.get("shouldBeRemovedOnSend") or raw.get("isHidden")),
        raw=raw,
    )


def _prompt(message: Json) -> str:
    """Return the text of a prompt: a string in old data, else an object with the text or its parts."""
    if isinstance(message, str):
        return message
    text = text_at(message, "text")
    if text is not None:
        return text
    return "".join(text_at(part, "text") or "" for part in array_at(message, "parts"))


def _parts(response: Json) -> tuple[Part, ...]:
    """Return the parts of a response, which in old data may be one string."""
    if isinstance(response, str):
        response = [response]
    return tuple(read_part(item) for item in response) if isinstance(response, list) else ()


def _references(raw: JsonObject) -> tuple[str, ...]:
    found = []
    for item in array_at(raw, "contentReferences"):
        reference = value_at(item, "reference")
        uri = uri_text(reference) or uri_text(value_at(reference, "uri"))
        if uri is None and text_at(reference, "variableName"):
            uri = uri_text(value_at(reference, "value")) or text_at(reference, "variableName")
        if uri:
            found.append(uri)
    return tuple(dict.fromkeys(found))


def _state(raw: JsonObject) -> TurnState:
    """Return how far the response got, from the fields of any version (microsoft/vscode chatModel.ts)."""
    number = whole_at(raw, "modelState", "value")
    known = next((state for state in TurnState if state == number), None)
    if known is not None:
        return known
    if raw.get("isCanceled"):
        return TurnState.CANCELLED
    return TurnState.FAILED if _error(raw) is not None else TurnState.COMPLETE


def _error(raw: JsonObject) -> str | None:
    details = object_at(raw, "result", "errorDetails") or object_at(raw, "responseErrorDetails")
    return (text_at(details, "message") or text_at(details, "code") or "error") if details else None


def _attachment(raw: Json) -> Attachment:
    value = value_at(raw, "value")
    uri = uri_text(value) if isinstance(value, dict) else None
    if uri is None:
        uri = uri_text(value_at(value, "uri"))
    encoded = _binary(raw, value)
    kind = text_at(raw, "kind") or ("file" if uri else "variable")
    return Attachment(
        kind=kind,
        name=text_at(raw, "name") or text_at(raw, "fullName") or base_name(uri) or kind,
        uri=uri,
        text=value if isinstance(value, str) else None,
        media_type=text_at(raw, "mimeType"),
        base64=encoded,
        raw=raw,
    )


def _binary(raw: Json, value: Json) -> str | None:
    """Return the base64 of binary content: `{"$base64"}`, or in old data an object of numbered bytes."""
    encoded = text_at(value, "$base64")
    if encoded is not None:
        return encoded
    if text_at(raw, "kind") != "image" or not isinstance(value, dict | list):
        return None
    numbers = list(value.values()) if isinstance(value, dict) else value
    try:
        return base64.b64encode(bytes(numbers)).decode("ascii") if numbers else None
    except (TypeError, ValueError):
        return None
