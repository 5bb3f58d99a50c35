"""A chat from the transcript that the Copilot extension keeps of it, for when its own file is lost.

A transcript is a log of events, one JSON object a line: `session.start`, `user.message`,
`assistant.message` with requests of tools, `tool.execution_start`, `tool.execution_complete` and
`assistant.turn_end` (microsoft/vscode sessionTranscriptService.ts). It holds less than the chat did;
`NEVER_KEPT` says what. Built from it is the object that the editor would have written, so that everything
that reads or writes chats can go on with it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from chatcask.assistants.vscode.reading.build import build_chat
from chatcask.chats import jsontext
from chatcask.chats.fields import array_at, flag_at, text_at, value_at
from chatcask.chats.model import TurnState
from chatcask.chats.transcript import Transcript

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatcask.chats.jsontext import Json, JsonObject

NEVER_KEPT = ("attachments", "edits of files", "models", "the chat's own title")
"""What a chat has and its transcript never does."""

REBUILT_PREFIX = "Rebuilt: "
"""Begins the title of a chat that was built again from its transcript."""

_RESPONDER = "GitHub Copilot"


def read_transcript(data: bytes, session_id: str) -> Transcript:
    """Read a transcript. Never raises for any bytes.

    Args:
        data: The bytes of the file, which may break off anywhere.
        session_id: The id of the chat, as the file is named.
    """
    told = _Told()
    for line in data.split(b"\n"):
        if not line.strip(b" \r\t\0"):
            continue
        event = _event(line)
        if event is None or not told.take_in(event):
            told.left_out += 1
    lines = f"{told.left_out} unreadable line{'' if told.left_out == 1 else 's'}"
    missing = (*NEVER_KEPT, lines) if told.left_out else NEVER_KEPT
    if not told.requests:
        return Transcript(None, missing, told.left_out)
    chat = build_chat(told.chat(session_id), session_id)
    return Transcript(chat, missing, told.left_out, told.attachments)


def rebuilt(transcript: Transcript, title: str) -> JsonObject | None:
    """Return the object of a chat to write again, marked as rebuilt; None if there is nothing to write.

    Args:
        transcript: What is left of the chat.
        title: The title that it had, or "".
    """
    chat = transcript.chat
    if chat is None:
        return None
    known = title.removeprefix(REBUILT_PREFIX) or chat.title
    first, *others = chat.raw["requests"]
    words = f"*(Rebuilt from the Copilot extension's transcript. Missing: {', '.join(transcript.missing)}.)*"
    marked = {**first, "response": [{"value": f"{words}\n\n"}, *first["response"]]}
    return {**chat.raw, "customTitle": REBUILT_PREFIX + known, "requests": [marked, *others]}


def _event(line: bytes) -> JsonObject | None:
    try:
        event = jsontext.loads(line.decode("utf-8", "replace"))
    except (jsontext.JsonTextError, RecursionError):
        return None
    return event if isinstance(event, dict) else None


class _Told:
    """What the events told so far."""

    def __init__(self) -> None:
        self.requests: list[JsonObject] = []
        self.left_out = 0
        self.attachments = 0
        self._started_ms: int | None = None
        self._tools: dict[str, JsonObject] = {}

    def take_in(self, event: JsonObject) -> bool:
        """Take one event in; tell whether it could be."""
        kind, data, when = text_at(event, "type") or "", value_at(event, "data"), _milliseconds(event)
        if not isinstance(data, dict):
            return False
        if kind == "session.start":
            self._started_ms = _time_of(text_at(data, "startTime")) or when
        elif kind == "user.message":
            self._prompt(event, data, when)
        elif not self.requests:
            return False
        elif kind == "assistant.message":
            self._answer(data)
        elif kind in ("tool.execution_start", "tool.execution_complete"):
            self._tool_event(kind, data)
        elif kind == "assistant.turn_end":
            state = {"value": int(TurnState.COMPLETE), "completedAt": when or self._last_ms}
            self.requests[-1]["modelState"] = state
        return kind.startswith(("session.", "user.", "assistant.", "tool."))

    def chat(self, session_id: str) -> JsonObject:
        """Return the whole as the editor would have written it."""
        created = self._started_ms if self._started_ms is not None else self.requests[0].get("timestamp")
        return {
            "version": 3,
            "sessionId": session_id,
            "creationDate": created or 0,
            "responderUsername": _RESPONDER,
            "initialLocation": "panel",
            "requests": self.requests,
        }

    @property
    def _last_ms(self) -> int:
        return int(self.requests[-1].get("timestamp") or self._started_ms or 0)

    def _prompt(self, event: JsonObject, data: JsonObject, when: int | None) -> None:
        number = len(self.requests)
        self.attachments += len(array_at(data, "attachments"))
        name = text_at(event, "id") or str(number)
        begun = when if when is not None else (self._last_ms if self.requests else self._started_ms or 0)
        self.requests.append(
            {
                "requestId": f"request_{name}",
                "responseId": f"response_{name}",
                "message": text_at(data, "content") or "",
                "variableData": {"variables": []},
                "response": [],
                "timestamp": begun,
                # Until its end is told: an answer that breaks off was cancelled.
                "modelState": {"value": int(TurnState.CANCELLED), "completedAt": begun},
            }
        )

    def _answer(self, data: JsonObject) -> None:
        response = self.requests[-1]["response"]
        if thought := text_at(data, "reasoningText"):
            response.append({"kind": "thinking", "value": thought})
        if content := text_at(data, "content"):
            response.append({"value": content})
        for request in array_at(data, "toolRequests"):
            name, call = text_at(request, "name"), text_at(request, "toolCallId")
            self._call(call, name, value_at(request, "arguments"))

    def _tool_event(self, kind: str, data: JsonObject) -> None:
        call = text_at(data, "toolCallId")
        part = self._call(call, text_at(data, "toolName"), value_at(data, "arguments"))
        if kind == "tool.execution_complete":
            details = part["resultDetails"]
            details["isError"] = flag_at(data, "success") is False
            details["output"] = [{"type": "embed", "isText": True, "value": text} for text in _outputs(data)]
            part["isComplete"] = True

    def _call(self, call: str | None, name: str | None, arguments: Json) -> JsonObject:
        """Return the part of a call of a tool; several events tell of the same."""
        part = self._tools.get(call) if call is not None else None
        if part is None:
            part = {
                "kind": "toolInvocationSerialized",
                "toolCallId": call or f"call_{len(self._tools)}",
                "toolId": name or "tool",
                "invocationMessage": name or "tool",
                "isComplete": False,
                "resultDetails": {"input": _input(arguments), "output": []},
            }
            self._tools[part["toolCallId"]] = part
            self.requests[-1]["response"].append(part)
        return part


def _input(arguments: Json) -> str:
    if isinstance(arguments, str):
        return arguments
    return "" if arguments is None else jsontext.dumps(arguments)


def _outputs(data: JsonObject) -> Iterator[str]:
    """Yield what a tool answered, or why it failed."""
    result = value_at(data, "result")
    content = result if isinstance(result, str) else value_at(result, "content")
    error = value_at(data, "error")
    for value in (content, error if isinstance(error, str) else value_at(error, "message")):
        if value is not None:
            yield value if isinstance(value, str) else jsontext.dumps(value)


def _milliseconds(event: JsonObject) -> int | None:
    return _time_of(text_at(event, "timestamp"))


def _time_of(text: str | None) -> int | None:
    """Return a moment in ISO 8601 as milliseconds since 1970."""
    try:
        moment = datetime.fromisoformat(text) if text else None
        if moment is None:
            return None
        zoned = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return int(zoned.timestamp() * 1000)
    except (ValueError, OverflowError, OSError):
        return None
