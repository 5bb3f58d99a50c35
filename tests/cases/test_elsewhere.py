"""Chats that chatcask does not save yet are named, never taken for safe; a run counts the chats it saw."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from support.console import Console
from support.state_database import make_database

KEPT = {"agent_host": 2, "external": 1, "cursor": 3, "copilot_cli": 1}


def _keep_elsewhere(console: Console) -> None:
    for name in ("a", "b"):
        (console.editor / "agentSessionData" / name).mkdir(parents=True)
    (console.home / ".copilot" / "session-state" / "c").mkdir(parents=True)
    entry = {"sessionId": "x", "title": "Far away", "lastMessageDate": 1, "isExternal": True}
    workspace = console.editor / "User" / "workspaceStorage" / ("0123456789abcdef" * 2)
    workspace.mkdir()
    index = {"version": 1, "entries": {"copilotcli:/x": entry}}
    make_database(workspace / "state.vscdb", {"chat.ChatSessionStore.index": json.dumps(index)})
    with (
        closing(sqlite3.connect(console.editor / "User" / "globalStorage" / "state.vscdb")) as database,
        database,
    ):
        database.execute("CREATE TABLE cursorDiskKV (key TEXT UNIQUE ON CONFLICT REPLACE, value BLOB)")
        rows = [(f"composerData:{number}", "{}") for number in range(3)]
        database.executemany("INSERT INTO cursorDiskKV VALUES (?, ?)", [*rows, ("bubbleId:1:2", "{}")])


@pytest.mark.parametrize("command", ["sources", "snapshot", "doctor"])
def test_every_command_that_looks_names_what_is_not_saved(console: Console, command: str) -> None:
    assert "not in the store" not in console.run(command).text
    _keep_elsewhere(console)
    said = console.run(command)
    assert said.code == 0
    assert said.text.count("not in the store") == len(KEPT)
    assert "3 chats kept in Cursor's own table" in said.text


def test_the_document_counts_them_and_the_chats_that_were_saved(console: Console) -> None:
    _keep_elsewhere(console)
    document = console.run("snapshot", "--json").document
    assert {row["kind"]: row["chats"] for row in document["elsewhere"]} == KEPT
    assert document["chats"] == len(console.run("sessions", "--json").document["sessions"])


def test_a_run_that_found_no_chat_of_an_editor_says_so(tmp_path: Path) -> None:
    console = Console(tmp_path)
    (console.editor / "User" / "workspaceStorage").mkdir(parents=True)
    assert "no chats of code were found" in console.run("snapshot").text
