"""Turns the words of the fictional chats into chats, mutation logs and index entries of VS Code.

Pure: values in, values out (facts: microsoft/vscode chatModel.ts, objectMutationLog.ts, chatSessionStore.ts).
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from chatcask_cli.demo.chats import COMPLETE, FAILED, Chat, Turn

Json = dict[str, Any]

_NAMESPACE = uuid.UUID("8a1f0c52-6f0e-5a3b-9d3c-0f6f6c1d7e21")
_PAUSE = timedelta(minutes=4)
_ANSWER_TIME = timedelta(seconds=20)
_MARKDOWN = {"supportThemeIcons": False, "supportHtml": False}
_MODE = {"id": "agent", "kind": "agent"}
_MODEL = {"id": "example-model", "name": "Example Model", "vendor": "copilot"}
_AGENT: Json = {
    "extensionId": {"value": "GitHub.copilot-chat", "_lower": "github.copilot-chat"},
    "extensionVersion": "0.55.0",
    "publisherDisplayName": "GitHub",
    "extensionPublisherId": "GitHub",
    "extensionDisplayName": "GitHub Copilot Chat",
    "id": "github.copilot.editsAgent",
    "name": "agent",
    "fullName": "GitHub Copilot",
    "isDefault": True,
    "metadata": {},
    "slashCommands": [],
    "locations": ["panel"],
    "modes": ["agent"],
    "disambiguation": [],
}


def session_id(name: str) -> str:
    """Return the id of the chat that has the short name `name`."""
    return str(uuid.uuid5(_NAMESPACE, name))


def milliseconds(moment: datetime) -> int:
    """Return a moment as VS Code writes it: milliseconds since 1970."""
    return round(moment.timestamp() * 1000)


def turn_times(chat: Chat, start: datetime) -> list[datetime]:
    """Return the moment at which each turn of a chat was asked, if the chat began at `start`."""
    return [start + _PAUSE * number for number in range(len(chat.turns))]


def flat_chat(session: str, chat: Chat, start: datetime, project: str) -> Json:
    """Return the whole chat as one object, in the form of the older `.json` files."""
    times = turn_times(chat, start)
    requests = [
        _finished(_request(session, number, turn, moment, project), turn, moment, project)
        for number, (turn, moment) in enumerate(zip(chat.turns, times, strict=True))
    ]
    first = _empty_chat(session, start) | {"requests": requests, "customTitle": chat.title}
    return first | {"lastMessageDate": milliseconds(times[-1]), "isImported": False}


def chat_log(session: str, chat: Chat, start: datetime, project: str) -> str:
    """Return the chat as a mutation log: a header, then the entries of each turn."""
    lines = [_line({"kind": 0, "v": _empty_chat(session, start)})]
    for number, (turn, moment) in enumerate(zip(chat.turns, turn_times(chat, start), strict=True)):
        lines.append(turn_entries(session, number, turn, moment, project))
        if number == 0:
            lines.append(_line({"kind": 1, "k": ["customTitle"], "v": chat.title}))
    return "".join(lines)


def turn_entries(session: str, number: int, turn: Turn, moment: datetime, project: str) -> str:
    """Return the log lines that add one turn: asked first, then answered, then sealed."""
    asked = _request(session, number, turn, moment, project)
    finished = _finished(asked, turn, moment, project)
    pending = asked | {"response": finished["response"][:1], "modelState": {"value": 0}}
    entries: list[Json] = [{"kind": 2, "k": ["requests"], "v": [pending]}]
    if finished["response"][1:]:
        entries.append(
            {"kind": 2, "k": ["requests", number, "response"], "v": finished["response"][1:], "i": 1}
        )
    entries += [
        {"kind": 1, "k": ["requests", number, key], "v": finished[key]}
        for key in ("result", "completionTokens", "elapsedMs", "modelState")
    ]
    return "".join(map(_line, entries))


def index_entry(session: str, title: str, created: datetime, last: datetime, outcome: int) -> Json:
    """Return the entry of the chat index without which VS Code does not list a chat."""
    return {
        "sessionId": session,
        "title": title,
        "lastMessageDate": milliseconds(last),
        "timing": {
            "created": milliseconds(created),
            "lastRequestStarted": milliseconds(last),
            "lastRequestEnded": milliseconds(last + _ANSWER_TIME),
        },
        "initialLocation": "panel",
        "hasPendingEdits": False,
        "isEmpty": False,
        "isExternal": False,
        "lastResponseState": outcome,
    }


def count_turns(log: str) -> int:
    """Count the turns of a log that `chat_log` and `turn_entries` wrote."""
    entries = map(json.loads, log.splitlines())
    return sum(len(entry["v"]) for entry in entries if entry.get("k") == ["requests"])


def uri(path: str) -> Json:
    """Return a file's address as VS Code serializes it (facts: microsoft/vscode uri.ts)."""
    return {"$mid": 1, "fsPath": path, "external": f"file://{path}", "path": path, "scheme": "file"}


def compact(value: object) -> str:
    """Return JSON without spaces, as VS Code writes it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _line(entry: Json) -> str:
    return compact(entry) + "\n"


def _empty_chat(session: str, start: datetime) -> Json:
    selected = {"identifier": "copilot/example-model", "metadata": _MODEL}
    return {
        "version": 3,
        "creationDate": milliseconds(start),
        "initialLocation": "panel",
        "responderUsername": "GitHub Copilot",
        "sessionId": session,
        "requests": [],
        "hasPendingEdits": False,
        "pendingRequests": [],
        "inputState": {
            "attachments": [],
            "mode": _MODE,
            "selectedModel": selected,
            "inputText": "",
            "selections": [],
            "contrib": {},
        },
    }


def _request(session: str, number: int, turn: Turn, moment: datetime, project: str) -> Json:
    unique = uuid.uuid5(_NAMESPACE, f"{session} {number}")
    text = {
        "range": {"start": 0, "endExclusive": len(turn.prompt)},
        "editorRange": {
            "startLineNumber": 1,
            "startColumn": 1,
            "endLineNumber": 1,
            "endColumn": len(turn.prompt) + 1,
        },
        "text": turn.prompt,
        "kind": "text",
    }
    return {
        "requestId": f"request_{unique}",
        "timestamp": milliseconds(moment),
        "message": {"text": turn.prompt, "parts": [text]},
        "variableData": {"variables": _attachments(turn, project)},
        "agent": _AGENT,
        "modelId": "copilot/example-model",
        "modeInfo": {"kind": "agent", "isBuiltin": True, "telemetryModeId": "agent"},
        "responseId": f"response_{unique}",
        "responseMarkdownInfo": [],
        "followups": [],
        "contentReferences": [],
        "codeCitations": [],
        "timeSpentWaiting": milliseconds(moment),
    }


def _attachments(turn: Turn, project: str) -> list[Json]:
    if turn.edit is None:
        return []
    name = turn.edit[0]
    return [{"kind": "file", "id": f"file-{name}", "name": name, "value": uri(f"{project}/{name}")}]


def _finished(request: Json, turn: Turn, moment: datetime, project: str) -> Json:
    result: Json = {"timings": {"firstProgress": 900, "totalElapsed": 20_000}}
    if turn.outcome == FAILED:
        result["errorDetails"] = {"message": turn.answer, "responseIsIncomplete": True}
    return request | {
        "response": list(_response(request["requestId"], turn, project)),
        "result": result,
        "completionTokens": len(turn.answer) // 4,
        "elapsedMs": 20_000,
        "modelState": {"value": turn.outcome, "completedAt": milliseconds(moment + _ANSWER_TIME)},
    }


def _response(request_id: str, turn: Turn, project: str) -> Iterator[Json]:
    if turn.thinking:
        yield {"kind": "thinking", "id": f"think-{request_id[-6:]}", "value": turn.thinking}
    if turn.tool is not None:
        tool, running, ran = turn.tool
        yield {
            "kind": "toolInvocationSerialized",
            "toolId": tool,
            "toolCallId": f"call-{request_id[-6:]}",
            "invocationMessage": {"value": running} | _MARKDOWN,
            "pastTenseMessage": {"value": ran} | _MARKDOWN,
            "isConfirmed": {"type": 1},
            "isComplete": True,
            "source": {"type": "internal", "label": "Built-In"},
        }
    if turn.edit is not None:
        name, text = turn.edit
        place = {"startLineNumber": 1, "startColumn": 1, "endLineNumber": 1, "endColumn": 1}
        edits = [[{"range": place, "text": text}], []]
        yield {"kind": "textEditGroup", "uri": uri(f"{project}/{name}"), "edits": edits, "done": True}
    if turn.outcome == COMPLETE:
        yield {"value": turn.answer} | _MARKDOWN
