"""Builds a small fictional VS Code user-data folder, lets a day pass in it, and loses a chat.

`chatcask demo` walks through it, and tests use it as a folder that VS Code could have written. Ids are
derived from names and times from the moment given, so equal arguments give equal folders.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from chatcask.errors import InvalidInputError, NotFoundError
from chatcask_cli.demo.chat_files import (
    Json,
    chat_log,
    compact,
    count_turns,
    flat_chat,
    index_entry,
    milliseconds,
    session_id,
    turn_entries,
    turn_times,
)
from chatcask_cli.demo.chats import (
    FOLLOW_UPS,
    LIGHTHOUSE,
    NEW_CHATS,
    OLD_LOGBOOK,
    REGEX,
    TIDE_TABLES,
    Chat,
    Turn,
)
from chatcask_cli.shell.advice import hinted

__all__ = [
    "add_a_day",
    "build_folder",
    "date_databases",
    "listed_sessions",
    "lose_chat",
    "session_id",
]

INDEX_KEY = "chat.ChatSessionStore.index"
_STATE = "state.vscdb"
_BEACON_BEFORE = "def send(url, signal):\n    return post(url, signal)\n"
_BEACON_AFTER = f"MAX_TRIES = 3\n{_BEACON_BEFORE}"


@dataclass(frozen=True, slots=True)
class _ChatFolder:
    """A folder that holds chats with the database that lists them; `project` is what was open."""

    storage: Path
    chats: Path
    project: str

    @property
    def database(self) -> Path:
        return self.storage / _STATE


def build_folder(user_data_dir: Path, start: datetime) -> None:
    """Write the folder as it stands after a first day; everything lies within eight hours from `start`.

    Two workspaces with three chats each (logs, and one older `.json`), one chat of an empty window,
    one folder of edits, and the state databases that list them all. No editor runs in it.

    Raises:
        InvalidInputError: `start` has no time zone.
    """
    _require_zone(start)
    lighthouse, tide_tables, empty_window = _places(user_data_dir)
    for place in (lighthouse, tide_tables):
        text = json.dumps({"folder": f"file://{place.project}"}, indent=2)
        _write(place.storage / "workspace.json", text, start)
    entries: dict[_ChatFolder, list[Json]] = {lighthouse: [], tide_tables: [], empty_window: []}
    chats = [(lighthouse, name, chat) for name, chat in LIGHTHOUSE.items()]
    chats += [(tide_tables, name, chat) for name, chat in TIDE_TABLES.items()]
    chats.append((empty_window, "regex", REGEX))
    for hour, (place, name, chat) in enumerate(chats, start=1):
        entries[place].append(_write_log(place, name, chat, start + timedelta(hours=hour)))
    entries[tide_tables].append(_write_old_chat(tide_tables, "logbook", OLD_LOGBOOK, start))
    _write_edits(lighthouse, session_id("retry"), start + timedelta(hours=1, minutes=5))
    end = start + timedelta(hours=8)
    for place, listed in entries.items():
        _create_state(place, listed, end)


def add_a_day(user_data_dir: Path, day: datetime, number: int = 1) -> None:
    """Let another day pass, `day` being its first moment: two logs grow, one chat is new.

    Which logs grow and what is asked follows from `number`, the day's place in the story and not in the
    calendar: days in a row differ, and the same story is told on every date.

    Raises:
        InvalidInputError: `day` has no time zone.
    """
    _require_zone(day)
    lighthouse, tide_tables, _ = _places(user_data_dir)
    follow_up = FOLLOW_UPS[number % len(FOLLOW_UPS)]
    end = day + timedelta(hours=3)
    for place, names in ((lighthouse, list(LIGHTHOUSE)), (tide_tables, list(TIDE_TABLES))):
        session = session_id(names[number % len(names)])
        if _append_turn(place, session, follow_up, day + timedelta(hours=1)):
            _list_later_message(place, session, day + timedelta(hours=1), end)
    new = _write_log(
        lighthouse, f"day {number}", NEW_CHATS[number % len(NEW_CHATS)], day + timedelta(hours=2)
    )
    _change_entries(lighthouse, {new["sessionId"]: new})
    _close_state(lighthouse, end)


def lose_chat(user_data_dir: Path, session: str) -> Path:
    """Take a chat away as VS Code does when it loses one; return the path of the file that is gone.

    Body and index entry go, a folder of edits stays (facts: microsoft/vscode chatSessionStore.ts).

    Raises:
        NotFoundError: no chat of this folder has that id.
    """
    for place in _places(user_data_dir):
        for suffix in (".jsonl", ".json"):
            body = place.chats / f"{session}{suffix}"
            if body.is_file():
                body.unlink()
                _change_entries(place, {session: None})
                return body
    raise hinted(
        NotFoundError(f"no session {session} in {user_data_dir}", what="chat", name=session),
        "session_id(name) gives the ids of this folder",
    )


def listed_sessions(user_data_dir: Path) -> set[str]:
    """Return the ids of the chats that the editor's lists name."""
    return {session for place in _places(user_data_dir) for session in _entries(place)}


def date_databases(user_data_dir: Path, moment: datetime) -> None:
    """Give databases that were changed since `moment`, by the clock of the real machine, its time."""
    for place in _places(user_data_dir):
        if place.database.stat().st_mtime > moment.timestamp():
            _set_time(place.database, moment)


def _require_zone(moment: datetime) -> None:
    if moment.tzinfo is None:
        raise hinted(InvalidInputError(f"{moment} has no time zone"), "pass datetime(..., tzinfo=UTC)")


def _places(user_data_dir: Path) -> tuple[_ChatFolder, _ChatFolder, _ChatFolder]:
    user = user_data_dir / "User"
    workspaces = []
    for name in ("lighthouse", "tide-tables"):
        project = f"/home/ada/projects/{name}"
        # VS Code hashes the path with the folder's inode; a folder that does not exist has none.
        storage = user / "workspaceStorage" / hashlib.md5(project.encode(), usedforsecurity=False).hexdigest()
        workspaces.append(_ChatFolder(storage, storage / "chatSessions", project))
    storage = user / "globalStorage"
    empty_window = _ChatFolder(storage, storage / "emptyWindowChatSessions", "/home/ada")
    return workspaces[0], workspaces[1], empty_window


def _write(path: Path, text: str, moment: datetime) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")
    _set_time(path, moment)


def _set_time(path: Path, moment: datetime) -> None:
    nanoseconds = milliseconds(moment) * 1_000_000
    os.utime(path, ns=(nanoseconds, nanoseconds))


def _write_log(place: _ChatFolder, name: str, chat: Chat, start: datetime) -> Json:
    session, last = session_id(name), turn_times(chat, start)[-1]
    body = place.chats / f"{session}.jsonl"
    _write(body, chat_log(session, chat, start, place.project), last + timedelta(minutes=1))
    return index_entry(session, chat.title, start, last, chat.turns[-1].outcome)


def _write_old_chat(place: _ChatFolder, name: str, chat: Chat, start: datetime) -> Json:
    session, last = session_id(name), turn_times(chat, start)[-1]
    text = json.dumps(flat_chat(session, chat, start, place.project), ensure_ascii=False, indent=2)
    _write(place.chats / f"{session}.json", text, last + timedelta(minutes=1))
    return index_entry(session, chat.title, start, last, chat.turns[-1].outcome)


def _append_turn(place: _ChatFolder, session: str, turn: Turn, moment: datetime) -> bool:
    body = place.chats / f"{session}.jsonl"
    if not body.is_file():
        return False
    log = body.read_text(encoding="utf-8")
    entries = turn_entries(session, count_turns(log), turn, moment, place.project)
    _write(body, log + entries, moment + timedelta(minutes=1))
    return True


def _write_edits(place: _ChatFolder, session: str, moment: datetime) -> None:
    # Texts are named by the first 7 hex digits of their SHA-1; state 1 is "accepted"
    # (facts: microsoft/vscode chatEditingSessionStorage.ts).
    folder = place.storage / "chatEditingSessions" / session
    names = []
    for text in (_BEACON_BEFORE, _BEACON_AFTER):
        names.append(hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()[:7])
        _write(folder / "contents" / names[-1], text, moment)
    file = f"file://{place.project}/beacon.py"
    entry = {
        "resource": file,
        "languageId": "python",
        "originalHash": names[1],
        "currentHash": names[1],
        "state": 1,
        "snapshotUri": "chat-editing-snapshot-text-model:/beacon.py",
        "telemetryInfo": {"agentId": "github.copilot.editsAgent", "modeId": "agent"},
    }
    state = {
        "version": 2,
        "initialFileContents": [[file, names[0]]],
        "timeline": {
            "checkpoints": [],
            "fileBaselines": [],
            "operations": [],
            "currentEpoch": 1,
            "epochCounter": 1,
        },
        "recentSnapshot": {"entries": [entry]},
    }
    _write(folder / "state.json", compact(state), moment)


def _create_state(place: _ChatFolder, listed: list[Json], moment: datetime) -> None:
    first = base64.urlsafe_b64encode(listed[0]["sessionId"].encode()).rstrip(b"=").decode()
    resource = f"vscode-chat-session://local/{first}"
    rows = {
        "__$__isNewStorageMarker": "false",
        "__$__targetStorageMarker": compact({INDEX_KEY: 1, "agentSessions.state.cache": 1}),
        INDEX_KEY: compact({"version": 1, "entries": {entry["sessionId"]: entry for entry in listed}}),
        "agentSessions.state.cache": compact([{"resource": resource, "pinned": True}]),
    }
    if place.storage.name == "globalStorage":
        rows['secret://{"extensionId":"vscode.github-authentication","key":"github.auth"}'] = "fictional"
    with closing(sqlite3.connect(place.database)) as database, database:
        database.execute("PRAGMA user_version = 1")
        database.execute("CREATE TABLE ItemTable (key TEXT UNIQUE ON CONFLICT REPLACE, value BLOB)")
        database.executemany("INSERT INTO ItemTable VALUES (?, ?)", sorted(rows.items()))
    _close_state(place, moment)


def _list_later_message(place: _ChatFolder, session: str, last: datetime, end: datetime) -> None:
    entry = _entries(place).get(session)
    if entry is None:
        return
    later = index_entry(session, entry["title"], last, last, 1)
    later["timing"]["created"] = entry["timing"]["created"]
    _change_entries(place, {session: later})
    _close_state(place, end)


def _entries(place: _ChatFolder) -> dict[str, Json]:
    with closing(sqlite3.connect(place.database)) as database:
        row = database.execute("SELECT value FROM ItemTable WHERE key = ?", (INDEX_KEY,)).fetchone()
    entries: dict[str, Json] = json.loads(row[0])["entries"]
    return entries


def _change_entries(place: _ChatFolder, changes: dict[str, Json | None]) -> None:
    entries = {session: entry for session, entry in (_entries(place) | changes).items() if entry is not None}
    value = compact({"version": 1, "entries": entries})
    with closing(sqlite3.connect(place.database)) as database, database:
        database.execute("UPDATE ItemTable SET value = ? WHERE key = ?", (value, INDEX_KEY))


def _close_state(place: _ChatFolder, moment: datetime) -> None:
    # A clean close copies the database whole (facts: microsoft/vscode storage.ts).
    backup = place.storage / f"{_STATE}.backup"
    shutil.copyfile(place.database, backup)
    for path in (place.database, backup):
        _set_time(path, moment)
