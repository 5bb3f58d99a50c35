"""A folder whose every name and text tries to command the terminal, and what no output may hold."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

ESCAPES = "\x1b]52;c;cm0gLXJmIH4K\x07\x1b[8m"
FORGED = "\nforged-id  2030-01-01 00:00  forged line"
EVIL = f"x{ESCAPES}\x9b31m\x85\u202e\u2066\u200b\ufeff\u2028\ud83d\r{FORGED}"
EVIL_NAME = "w\x1b[31m\n forged-id  2030-01-01 00:00 \r\u202e\u009b2J"
"""A name of a folder; without a slash and without half characters."""

SESSION = "eeeeeeee-0000-4000-8000-000000000001"
WORKSPACE = "79a6a3b84951b4ff7915177902d21849"

_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufdd0]"
)
_FORGED = re.compile("^ *forged-id")
_COLOR = re.compile("\x1b\\[[0-9;]*m")


def forbidden(output: str, *, colored: bool = False, prose: bool = False) -> list[str]:
    """Return the lines that hold what content alone can have brought there, in an output of a command.

    Args:
        output: What was printed.
        colored: Our own colours may be there.
        prose: It is the text of a chat, which may begin a line as it likes.
    """
    text = _COLOR.sub("", output) if colored else output
    lines = text.split("\n")
    return [repr(line) for line in lines if _FORBIDDEN.search(line) or (not prose and _FORGED.search(line))]


def write_hostile_chat(user_data_dir: Path, turns: int = 2, *, workspace: str = WORKSPACE) -> Path:
    """Write a chat all of whose texts are hostile, into a workspace; return its file."""
    folder = user_data_dir / "User" / "workspaceStorage" / workspace / "chatSessions"
    folder.mkdir(parents=True, exist_ok=True)
    place = folder.parent / "workspace.json"
    if not place.exists():
        place.write_text(json.dumps({"folder": f"file:///home/ada/{EVIL_NAME}"}), encoding="utf-8")
    file = folder / f"{SESSION}.jsonl"
    file.write_text(json.dumps({"kind": 0, "v": _chat(turns)}) + "\n", encoding="ascii")
    os.utime(file, (1795690800, 1795690800 + turns))
    return file


def _chat(turns: int) -> dict[str, object]:
    request = {
        "timestamp": 1795690800000,
        "modelId": f"m{EVIL}",
        "agent": {"id": EVIL, "name": EVIL},
        "message": {"text": EVIL, "parts": []},
        "variableData": {"variables": [{"kind": "file", "name": EVIL, "value": {"path": EVIL}, "id": EVIL}]},
        "response": [
            {"value": f"ho {EVIL}"},
            {"kind": "thinking", "value": EVIL},
            {"kind": "toolInvocationSerialized", "toolId": EVIL, "invocationMessage": {"value": EVIL}},
            {"kind": f"new{EVIL}", "value": EVIL},
        ],
        "result": {"errorDetails": {"message": EVIL}},
    }
    return {
        "version": 3,
        "creationDate": 1795690800000,
        "sessionId": SESSION,
        "customTitle": f"Title {EVIL}",
        "responderUsername": EVIL,
        "requests": [{**request, "requestId": f"r{number}{EVIL}"} for number in range(turns)],
    }
