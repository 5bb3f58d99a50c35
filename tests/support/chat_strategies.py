"""Fictional chats for the tests of sessions, and a log writer that shares no code with the reader."""

from __future__ import annotations

import copy
import json
from itertools import pairwise
from pathlib import Path
from typing import Any

from chatcask.assistants.vscode.reading.parse import parse_chat
from chatcask.chats.parsed import ParsedChat
from chatcask.chats.summary import ChatSummary, summarize

DATA = Path(__file__).resolve().parents[1] / "data"
EXAMPLES = DATA / "examples"
GENUINE = DATA / "genuine" / "User"
EXAMPLE_ID = "3f2b8c1e-7a64-4d0b-9c5e-5b8a1d2e6f70"
CREATED = 1_780_300_800_000


def request(number: int, prompt: str | None = None, answer: str | None = None) -> dict[str, Any]:
    return {
        "requestId": f"request_{number}",
        "timestamp": CREATED + number * 60_000,
        "message": {"text": prompt or f"How bright is lamp {number}?", "parts": []},
        "variableData": {"variables": []},
        "modelId": "copilot/example-model",
        "responseId": f"response_{number}",
        "response": [{"value": answer or f"Lamp {number} has {number * 100} candela.", "supportHtml": False}],
        "modelState": {"value": 1, "completedAt": CREATED + number * 60_000 + 900},
    }


def chat(
    count: int = 3, session_id: str = "ada-1", title: str | None = "Lamps of the lighthouse"
) -> dict[str, Any]:
    value: dict[str, Any] = {
        "version": 3,
        "creationDate": CREATED,
        "initialLocation": "panel",
        "responderUsername": "GitHub Copilot",
        "sessionId": session_id,
        "requests": [request(number) for number in range(1, count + 1)],
    }
    if title is not None:
        value["customTitle"] = title
    return value


def line(kind: int, path: list[Any] | None = None, **fields: Any) -> bytes:
    entry: dict[str, Any] = {"kind": kind}
    if path is not None:
        entry["k"] = path
    return json.dumps({**entry, **fields}).encode() + b"\n"


def log_of(value: Any) -> bytes:
    return line(0, v=value)


def grown_log(count: int = 4) -> bytes:
    """A log as it grows in use: an empty chat, then each request first without and then with its answer."""
    lines = [log_of(chat(0, title=None))]
    for place in range(count):
        whole = request(place + 1)
        started = {**whole, "response": [], "modelState": {"value": 0}}
        lines.append(line(2, ["requests"], v=[started]))
        lines.append(line(2, ["requests", place, "response"], v=whole["response"]))
        lines.append(line(1, ["requests", place, "modelState"], v=whole["modelState"]))
    lines.append(line(1, ["customTitle"], v="Lamps of the lighthouse"))
    return b"".join(lines)


def parsed(value: Any, name: str = "ada-1.jsonl") -> ParsedChat:
    data = log_of(value) if name.endswith(".jsonl") else json.dumps(value).encode()
    return parse_chat(data, name)


def summary(value: Any, name: str = "ada-1.jsonl") -> ChatSummary:
    return summarize(parsed(value, name), "ada-1")


def summary_of_bytes(data: bytes, name: str = "ada-1.jsonl") -> ChatSummary:
    return summarize(parse_chat(data, name), "ada-1")


def prompts(found: ParsedChat) -> list[str]:
    return [turn.prompt for turn in found.chat.turns] if found.chat else []


def edits_between(old: Any, new: Any, path: tuple[Any, ...] = ()) -> list[dict[str, Any]]:
    """The entries that turn `old` into `new`, as an editor would append them."""
    if type(old) is type(new) is dict:
        entries = [{"kind": 3, "k": [*path, key]} for key in old if key not in new]
        for key, value in new.items():
            if key not in old:
                entries.append({"kind": 1, "k": [*path, key], "v": value})
            else:
                entries += edits_between(old[key], value, (*path, key))
        return entries
    if type(old) is type(new) is list and path:
        same = 0
        while same < min(len(old), len(new)) and _equal(old[same], new[same]):
            same += 1
        entries = []
        if same < min(len(old), len(new)) and type(old[same]) is type(new[same]) is dict:
            entries = edits_between(old[same], new[same], (*path, same))
            same += 1
        if len(old) == same and len(new) == same:
            return entries
        push: dict[str, Any] = {"kind": 2, "k": list(path)}
        if len(old) > same:
            push["i"] = same
        if len(new) > same:
            push["v"] = new[same:]
        return [*entries, push]
    return [] if _equal(old, new) else [{"kind": 1, "k": list(path), "v": new}]


def _equal(one: Any, other: Any) -> bool:
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def written_log(states: list[Any], compacted_at: set[int]) -> bytes:
    """A log over successive states of one object; a compaction rewrites the file as one line."""
    data = log_of(states[0])
    for number, (old, new) in enumerate(pairwise(states), start=1):
        if number in compacted_at:
            data = log_of(new)
        else:
            data += b"".join(json.dumps(entry).encode() + b"\n" for entry in edits_between(old, new))
    return data


def copied(value: dict[str, Any]) -> dict[str, Any]:
    return copy.deepcopy(value)
