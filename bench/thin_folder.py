"""Makes user-data folders of many small chats: what is measured on them is the work for each file."""

from __future__ import annotations

import json
import os
from pathlib import Path

_CHATS_PER_WORKSPACE = 250
_LONG_AGO = 1_780_000_000


def make_folder(folder: Path, chats: int) -> None:
    """Make a folder with so many chats, 250 to a workspace."""
    for number in range(chats):
        path = _path(folder, number)
        if number % _CHATS_PER_WORKSPACE == 0:
            path.parent.mkdir(parents=True)
            path.parent.with_name("workspace.json").write_text(
                json.dumps({"folder": f"file:///lighthouse/{number}"}), encoding="utf-8"
            )
        path.write_bytes(_chat(number))
        os.utime(path, (_LONG_AGO, _LONG_AGO))


def change_one(folder: Path) -> None:
    """Add a turn to the first chat."""
    with _path(folder, 0).open("ab") as file:
        file.write(json.dumps({"kind": 2, "k": ["requests"], "v": [_turn(1)]}).encode() + b"\n")


def _path(folder: Path, number: int) -> Path:
    workspace = f"{number // _CHATS_PER_WORKSPACE:032x}"
    return folder / "User" / "workspaceStorage" / workspace / "chatSessions" / f"{_name(number)}.jsonl"


def _name(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012x}"


def _chat(number: int) -> bytes:
    state = {
        "version": 3,
        "sessionId": _name(number),
        "creationDate": _LONG_AGO * 1000,
        "customTitle": f"Lamp {number}",
        "requests": [_turn(0)],
    }
    return json.dumps({"kind": 0, "v": state}).encode() + b"\n"


def _turn(number: int) -> dict[str, object]:
    return {
        "requestId": f"request_{number}",
        "timestamp": _LONG_AGO * 1000,
        "message": {"text": f"What is lamp {number}?", "parts": []},
        "response": [{"value": "A light that ships steer by."}],
    }
