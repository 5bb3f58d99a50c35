"""Chats of editors before 1.99 stand together in one row; each is listed, shown, restored and missed."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from chatcask.assistants.vscode.reading.parse import parse_chat
from support.console import Console
from support.state_database import make_database
from support.worlds import chat

OLDER = ("422b81ef-b7d8-5bc4-b9f0-a06c412ec724", "5f2b81ef-b7d8-5bc4-b9f0-a06c412ec725")
ROW = "interactive.sessions"
EMPTY_LIST = '{"version": 1, "entries": {}}'


@pytest.fixture
def console(tmp_path: Path) -> Console:
    console = Console(tmp_path)
    folder = console.editor / "User" / "workspaceStorage" / ("0123456789abcdef" * 2)
    folder.mkdir(parents=True)
    (folder / "workspace.json").write_text('{"folder": "file:///home/ada/lamps"}')
    chats = [
        json.loads(chat(turns, title=f"Lamp {turns}", session=session, flat=True))
        for turns, session in enumerate(OLDER, 1)
    ]
    make_database(folder / "state.vscdb", {ROW: json.dumps(chats)})
    return console


def _storage(console: Console) -> Path:
    return next((console.editor / "User" / "workspaceStorage").iterdir())


def test_they_are_listed_and_shown_each_by_itself(console: Console) -> None:
    assert console.run("snapshot").code == 0
    listed = {chat["session"]: chat for chat in console.run("sessions", "--json").document["sessions"]}
    assert {session: listed[session]["turns"] for session in OLDER} == {OLDER[0]: 1, OLDER[1]: 2}
    assert listed[OLDER[1]]["title"] == "Lamp 2"
    assert "answer 1" in console.run("show", OLDER[1]).text
    assert "answer 1" not in console.run("show", OLDER[0]).text


def test_a_run_counts_them_also_when_nothing_changed(console: Console) -> None:
    assert "1 workspace, 2 chats" in console.run("snapshot").text
    assert console.run("snapshot", "--json").document["chats"] == len(OLDER)
    assert "no chats" not in console.run("snapshot", "--json").text
    folder = _storage(console) / "chatSessions"
    folder.mkdir()
    (folder / f"{OLDER[0]}.json").write_bytes(chat(1, session=OLDER[0], flat=True))
    assert console.run("snapshot", "--json").document["chats"] == len(OLDER)


def test_the_doctor_sees_them_and_they_are_not_gone(console: Console) -> None:
    for store in (False, True):
        if store:
            assert console.run("snapshot").code == 0
        looked = console.run("doctor", "--json").document
        assert looked["chats"] == len(OLDER)
        assert looked["findings"] == []


def test_one_that_newer_editors_do_not_show_is_found_with_the_way_back(console: Console) -> None:
    storage = _storage(console)
    with closing(sqlite3.connect(storage / "state.vscdb")) as database:
        row = database.execute("SELECT value FROM ItemTable").fetchone()[0]
    (storage / "state.vscdb").unlink()
    make_database(storage / "state.vscdb", {ROW: row, "chat.ChatSessionStore.index": EMPTY_LIST})
    found = {row["session"]: row for row in console.run("doctor", "--json").document["findings"]}
    assert {row["kind"] for row in found.values()} == {"only_older_list"}
    assert found[OLDER[1]]["turns_on_disk"] == 2
    assert found[OLDER[1]]["title"] == "Lamp 2"
    first, _, second = found[OLDER[1]]["command"].partition(", then ")
    assert console.run(*first.split()[1:]).code == 0
    assert console.run(*second.split()[1:]).code == 0
    left = console.run("doctor", "--json").document["findings"]
    assert [row["session"] for row in left if row["kind"] == "only_older_list"] == [OLDER[0]]


def test_they_are_missed_and_restored_in_the_form_that_the_editor_opens(console: Console) -> None:
    assert console.run("snapshot").code == 0
    storage = _storage(console)
    (storage / "state.vscdb").unlink()
    make_database(storage / "state.vscdb", {"some.other": "1"})
    assert console.run("snapshot", "--alarm-exit").code == 4
    assert console.run("restore", OLDER[1]).code == 0
    body = storage / "chatSessions" / f"{OLDER[1]}.jsonl"
    restored = parse_chat(body.read_bytes(), body.name)
    assert restored.report.opens
    assert restored.report.is_full
    assert restored.chat is not None
    assert [turn.prompt for turn in restored.chat.turns] == ["question 0", "question 1"]
