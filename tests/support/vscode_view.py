"""What VS Code would list and open in a user-data folder; shares no code with the product.

Written from how VS Code decides (microsoft/vscode chatSessionStore.ts, chatServiceImpl.ts,
objectMutationLog.ts, chatModel.ts, base/parts/storage/node/storage.ts).
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

INDEX = "chat.ChatSessionStore.index"
MARKS = "agentSessions.state.cache"


class RefusedError(Exception):
    """VS Code would report this session as malformed, or find no file."""


@dataclass(frozen=True)
class Shown:
    """A chat in the list, and what a click on it gives: prompts with the length of each answer, or None."""

    title: str
    turns: tuple[tuple[str, int], ...] | None
    why_not: str = ""


View = dict[tuple[str, str], Shown]
"""Listed chats by (place, session id)."""


def view(user_data_dir: Path) -> View:
    """Return everything that VS Code would list, each with what opening it gives."""
    shown: View = {}
    for place, storage, sessions in places(user_data_dir):
        for key, entry in listed(storage).items():
            try:
                turns: Any = opened(sessions, key)
                why = ""
            except RefusedError as error:
                turns, why = None, str(error)
            shown[place, key] = Shown(entry["title"], turns, why)
    return shown


def places(user_data_dir: Path) -> list[tuple[str, Path, Path]]:
    """Return (name, folder of the database, folder of the sessions) of every window's storage."""
    user = user_data_dir / "User"
    found = [(p.name, p, p / "chatSessions") for p in sorted((user / "workspaceStorage").iterdir())]
    settings = user / "globalStorage"
    return [*found, ("empty-window", settings, settings / "emptyWindowChatSessions")]


def rows(database: Path) -> dict[str, tuple[str, bytes]]:
    """Return type and bytes of every row, as a normal open would give them."""
    with closing(sqlite3.connect(f"file:{database}?mode=rw", uri=True)) as connection:
        query = "SELECT key, typeof(value), CAST(value AS BLOB) FROM ItemTable"
        return {key: (kind, value) for key, kind, value in connection.execute(query)}


def listed(storage: Path) -> dict[str, dict[str, Any]]:
    """Return the entries of local chats that the list shows; an invalid index is thrown away whole."""
    if not (storage / "state.vscdb").exists():
        return {}
    row = rows(storage / "state.vscdb").get(INDEX)
    if row is None or row[0] != "text":
        return {}
    try:
        index = json.loads(row[1].decode())
    except ValueError:
        return {}
    if not isinstance(index, dict) or index.get("version") != 1 or not isinstance(index.get("entries"), dict):
        return {}
    entries = index["entries"]
    if not all(_is_sound(entry) for entry in entries.values()):
        return {}
    return {key: entry for key, entry in entries.items() if _is_shown(entry)}


def _is_sound(entry: Any) -> bool:
    return (
        isinstance(entry, dict)
        and isinstance(entry.get("sessionId"), str)
        and isinstance(entry.get("title"), str)
        and isinstance(entry.get("lastMessageDate"), (int, float))
        and not isinstance(entry.get("lastMessageDate"), bool)
    )


def _is_shown(entry: dict[str, Any]) -> bool:
    return (
        not entry.get("isExternal") and entry.get("initialLocation") == "panel" and not entry.get("isEmpty")
    )


def opened(sessions: Path, session: str) -> tuple[tuple[str, int], ...]:
    """Open a session: the `.jsonl` if it can be read at all, else the `.json`. Return its turns."""
    log, flat = sessions / f"{session}.jsonl", sessions / f"{session}.json"
    if log.exists():
        data = replay(log.read_bytes())
    elif flat.exists():
        try:
            data = json.loads(flat.read_bytes().decode("utf-8-sig"))
        except ValueError as error:
            raise RefusedError(f"not JSON: {error}") from error
    else:
        raise RefusedError("no file")
    if not isinstance(data, dict):
        raise RefusedError("not an object")
    if data.get("sessionId") != session:
        raise RefusedError(f"the file says it is {data.get('sessionId')}")
    return _turns(data)


def _turns(data: dict[str, Any]) -> tuple[tuple[str, int], ...]:
    """Return the turns; one request that cannot be revived empties the whole session."""
    requests = data.get("requests")
    if not isinstance(requests, list):
        raise RefusedError("no requests")
    try:
        return tuple((_prompt(request["message"]), len(request["response"])) for request in requests)
    except (TypeError, KeyError, AttributeError):
        return ()


def _prompt(message: Any) -> str:
    if isinstance(message, str):
        return message
    for part in message["parts"]:
        part["kind"]
    return str(message["text"])


def is_safe_to_use(sessions: Path, session: str) -> list[str]:
    """Return what would go wrong when the chat is opened, continued and left."""
    log = sessions / f"{session}.jsonl"
    problems = []
    if log.exists():
        data = replay(log.read_bytes())
        if not log.read_bytes().endswith(b"\n"):
            problems.append("the next append fuses two lines")
    else:
        data = json.loads((sessions / f"{session}.json").read_bytes())
    if not isinstance(data.get("responderUsername"), str) or not isinstance(data.get("creationDate"), int):
        problems.append("it counts as imported and is never saved")
    if not data.get("customTitle"):
        problems.append("it is deleted should it come out empty")
    if any(request.get("modelState", {"value": 1})["value"] not in (1, 2, 3) for request in data["requests"]):
        problems.append("a response is still pending")
    return problems


def append(sessions: Path, session: str) -> None:
    """Continue a session as VS Code does: one more line, with no line feed before it."""
    with (sessions / f"{session}.jsonl").open("ab") as file:
        file.write(b'{"kind":1,"k":["hasPendingEdits"],"v":false}\n')


def replay(data: bytes) -> Any:
    """Add up a log as VS Code's reader does, which throws at the first thing it does not like."""
    state: Any = None
    started = False
    for line in data.decode("utf-8", "replace").split("\n"):
        if not line:
            continue
        try:
            entry = json.loads(line)
            if entry["kind"] == 0:
                state, started = entry["v"], True
            elif not started:
                raise RefusedError("Log file is missing an initial entry")
            else:
                _edit(state, entry)
        except (ValueError, TypeError, KeyError, IndexError) as error:
            raise RefusedError(f"malformed line: {error!r}") from error
    if not started:
        raise RefusedError("the log is empty")
    return state


def _edit(state: Any, entry: dict[str, Any]) -> None:
    *way, last = entry["k"]
    for step in way:
        state = state[step]
    if entry["kind"] == 2:
        array = state.setdefault(last, []) if isinstance(state, dict) else state[last]
        if "i" in entry:
            del array[entry["i"] :]
        array.extend(entry.get("v") or [])
    elif entry["kind"] == 1 and "v" in entry:
        state[last] = entry["v"]
    elif entry["kind"] in (1, 3):
        state.pop(last, None)
    else:
        raise ValueError(entry["kind"])
