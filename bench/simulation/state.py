"""The databases and edit folders beside the sessions of a simulated workspace.

(facts: microsoft/vscode storage.ts, chatSessionStore.ts, chatEditingSessionStorage.ts)
"""

from __future__ import annotations

import hashlib
import json
import random
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from simulation.project import Project, SourceFile

INDEX_KEY = "chat.ChatSessionStore.index"
_NAME = "state.vscdb"
_LISTED = 400


def create_state(storage: Path, entries: Mapping[str, Mapping[str, Any]]) -> None:
    """Write a state database that lists these sessions, and its backup."""
    rows = {
        "__$__isNewStorageMarker": "false",
        "__$__targetStorageMarker": _compact({INDEX_KEY: 1, "history.entries": 1}),
        "history.entries": "[]",
        INDEX_KEY: _index(entries),
    }
    with _database(storage) as database:
        database.execute("PRAGMA user_version = 1")
        database.execute("CREATE TABLE ItemTable (key TEXT UNIQUE ON CONFLICT REPLACE, value BLOB)")
        database.executemany("INSERT INTO ItemTable VALUES (?, ?)", sorted(rows.items()))
    _back_up(storage)


def read_entries(storage: Path) -> dict[str, dict[str, Any]]:
    """Return the index entries of a storage folder."""
    with closing(sqlite3.connect(storage / _NAME)) as database:
        row = database.execute("SELECT value FROM ItemTable WHERE key = ?", (INDEX_KEY,)).fetchone()
    entries: dict[str, dict[str, Any]] = json.loads(row[0])["entries"]
    return entries


def replace_entries(storage: Path, entries: Mapping[str, Mapping[str, Any]]) -> None:
    """Replace the index, and close the database cleanly: its backup follows."""
    with _database(storage) as database:
        database.execute("UPDATE ItemTable SET value = ? WHERE key = ?", (_index(entries), INDEX_KEY))
    _back_up(storage)


def state_files(storage: Path) -> tuple[Path, Path]:
    """Return the database of a storage folder and its backup."""
    return storage / _NAME, storage / f"{_NAME}.backup"


def write_edits(storage: Path, session: str, rng: random.Random, project: Project, texts: int) -> list[Path]:
    """Add `texts` versions of files to a session's folder of edits; return the files written."""
    folder = storage / "chatEditingSessions" / session
    (folder / "contents").mkdir(parents=True, exist_ok=True)
    written, entries = [], []
    for _ in range(texts):
        file = rng.choice(project.files)
        file.edit(rng, 5)
        content = file.text().encode()
        name = hashlib.sha1(content, usedforsecurity=False).hexdigest()[:7]
        (folder / "contents" / name).write_bytes(content)
        written.append(folder / "contents" / name)
        entries.append(_edit_entry(file, name))
    initial = [[entry["resource"], entry["originalHash"]] for entry in entries]
    timeline = {
        "checkpoints": [],
        "fileBaselines": [],
        "operations": [],
        "currentEpoch": texts,
        "epochCounter": texts,
    }
    state = {
        "version": 2,
        "initialFileContents": initial,
        "timeline": timeline,
        "recentSnapshot": {"entries": entries},
    }
    (folder / "state.json").write_text(_compact(state), encoding="utf-8", newline="\n")
    return [*written, folder / "state.json"]


def _edit_entry(file: SourceFile, name: str) -> dict[str, Any]:
    return {
        "resource": f"file://{file.path}",
        "languageId": "python",
        "originalHash": name,
        "currentHash": name,
        "state": 1,
        "snapshotUri": f"chat-editing-snapshot-text-model:{file.path}",
        "telemetryInfo": {"agentId": "github.copilot.editsAgent", "modeId": "agent"},
    }


def _index(entries: Mapping[str, Mapping[str, Any]]) -> str:
    # VS Code lists the newest 400 and leaves the older files on disk.
    newest = sorted(entries.items(), key=lambda item: (-item[1]["lastMessageDate"], item[0]))[:_LISTED]
    return _compact({"version": 1, "entries": dict(newest)})


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


@contextmanager
def _database(storage: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(storage / _NAME)) as database:
        database.execute("PRAGMA synchronous = OFF")
        with database:
            yield database


def _back_up(storage: Path) -> None:
    database, backup = state_files(storage)
    shutil.copyfile(database, backup)
