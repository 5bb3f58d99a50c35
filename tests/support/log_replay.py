"""A strict replay of VS Code's mutation log, written for tests and independent of the product's own.

(facts: microsoft/vscode objectMutationLog.ts)
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


class BrokenLogError(Exception):
    """VS Code would report this log as malformed."""


def replay(data: bytes) -> Any:
    """Return the object that the log stands for; raise at whatever VS Code's reader refuses."""
    state: Any = None
    for number, line in enumerate(data.decode().split("\n"), start=1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
            if entry["kind"] == 0:
                state = entry["v"]
            elif state is None:
                raise BrokenLogError(f"line {number}: missing initial entry")
            else:
                _apply(state, entry)
        except (ValueError, LookupError, TypeError) as error:
            raise BrokenLogError(f"line {number}: {error}") from error
    if state is None:
        raise BrokenLogError("missing initial entry")
    return state


def load(path: Path) -> Any:
    """Return the session object of a `.jsonl` or `.json` body."""
    data = path.read_bytes()
    return replay(data) if path.suffix == ".jsonl" else json.loads(data)


def is_full_chat(session: Any) -> bool:
    """Tell whether VS Code takes the object for a session, not for an import (facts: chatModel.ts)."""
    return (
        isinstance(session["requests"], list)
        and all(isinstance(request, dict) and request["requestId"] for request in session["requests"])
        and isinstance(session["responderUsername"], str)
        and isinstance(session["creationDate"], int)
        and isinstance(session["sessionId"], str)
    )


def _apply(state: Any, entry: dict[str, Any]) -> None:
    *parents, last = entry["k"]
    for step in parents:
        state = state[step]
    match entry["kind"]:
        case 1 if "v" in entry:
            state[last] = entry["v"]
        case 1 | 3:
            state.pop(last, None)
        case 2:
            array = state.setdefault(last, []) if isinstance(state, dict) else state[last]
            if "i" in entry:
                if entry["i"] > len(array):
                    raise BrokenLogError(f"cut at {entry['i']} of {len(array)}")
                del array[entry["i"] :]
            array.extend(entry.get("v", []))
        case kind:
            raise BrokenLogError(f"unknown kind {kind}")
