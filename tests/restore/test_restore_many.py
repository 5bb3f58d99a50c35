"""Several chats come back together: one safety snapshot, one undo; one that cannot stops no other."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chatcask_cli.demo import folder as fictional
from support import vscode_view
from support.console import Console

START = datetime(2026, 6, 1, 8, tzinfo=UTC)
RETRY, FOG, REGEX, LOGBOOK = (fictional.session_id(name) for name in ("retry", "fog", "regex", "logbook"))


@pytest.fixture
def console(tmp_path: Path) -> Console:
    made = Console(tmp_path)
    fictional.build_folder(made.editor, START)
    assert made.run("snapshot").code == 0
    return made


def state(folder: Path) -> dict[str, object]:
    found: dict[str, object] = {}
    for path in sorted(folder.rglob("*")):
        if path.name == "state.vscdb":
            found[str(path)] = vscode_view.rows(path)
        elif path.is_file():
            found[str(path)] = path.read_bytes()
    return found


def lose(console: Console, *sessions: str) -> dict[str, object]:
    for session in sessions:
        fictional.lose_chat(console.editor, session)
    return state(console.editor)


def snapshots(console: Console) -> int:
    return len(console.run("log", "--json").document["snapshots"])


def test_named_chats_come_back_with_one_safety_snapshot_and_one_undo(console: Console) -> None:
    whole = vscode_view.view(console.editor)
    lost = lose(console, RETRY, FOG, REGEX)
    before = snapshots(console)
    names = [RETRY, FOG[:8], "restore", REGEX[:8]]
    dry = console.run("restore", *names, "--dry-run", "--json")
    assert dry.code == 3
    assert state(console.editor) == lost
    assert snapshots(console) == before
    done = console.run("restore", *names, "--json")
    assert done.code == 3, done.err
    told, would = done.document, dry.document
    assert [row["session"] for row in told["restored"]] == [RETRY, FOG, REGEX]
    assert [row["session"] for row in would["restored"]] == [RETRY, FOG, REGEX]
    assert [row["files"] for row in told["restored"]] == [row["files"] for row in would["restored"]]
    assert [row["name"] for row in told["refused"]] == ["restore"]
    assert told["refused"][0]["error"] == "not_found"
    assert len(told["safety_snapshots"]) == 1
    assert snapshots(console) == before + 1
    assert vscode_view.view(console.editor) == whole
    assert console.run("undo", "--yes").code == 0
    assert state(console.editor) == lost
    assert console.run("undo", "--yes").code == 15


def test_all_that_is_gone_comes_back_before_and_after_a_snapshot_told_of_it(console: Console) -> None:
    whole = vscode_view.view(console.editor)
    lost = lose(console, RETRY, FOG)
    assert console.run("snapshot").code == 0
    lost = lose(console, REGEX)
    done = console.run("restore", "--deleted")
    assert done.code == 0, done.err
    assert "restored 3 chats" in done.text
    for session in (RETRY, FOG, REGEX):
        assert session[:8] in done.text
    assert vscode_view.view(console.editor) == whole
    assert "restored 0 chats" in console.run("restore", "--deleted").text
    assert console.run("undo", "--yes").code == 0
    assert state(console.editor) == lost


def test_a_workspace_and_a_time_choose_among_those_that_are_gone(console: Console) -> None:
    lose(console, RETRY, FOG, REGEX, LOGBOOK)
    places = {session: place for place, session in vscode_view.view(console.editor)}
    assert not places.keys() & {RETRY, FOG}
    rows = {row["session"]: row for row in console.run("sessions", "--json").document["sessions"]}
    wanted = rows[RETRY]["workspace_key"]
    of_place = {
        session for session in (RETRY, FOG, REGEX, LOGBOOK) if rows[session]["workspace_key"] == wanted
    }
    told = console.run("restore", "--deleted", "--workspace", wanted, "--dry-run", "--json").document
    assert {row["session"] for row in told["restored"]} == of_place
    nobody = console.run("restore", "--deleted", "--since", "2036-01-01", "--json").document
    assert nobody["restored"] == []
    assert nobody["changed"] is False


def test_a_place_that_cannot_be_changed_keeps_no_other_from_its_chats(console: Console) -> None:
    lose(console, RETRY, FOG, REGEX, LOGBOOK)
    view = {place for place, _ in vscode_view.view(console.editor)}
    rows = {row["session"]: row for row in console.run("sessions", "--json").document["sessions"]}
    broken = rows[RETRY]["workspace_key"]
    database = console.editor / "User" / "workspaceStorage" / broken / "state.vscdb"
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("UPDATE ItemTable SET value = '{' WHERE key = 'chat.ChatSessionStore.index'")
    assert len(view) >= 1
    done = console.run("restore", RETRY, FOG, REGEX, LOGBOOK, "--json")
    assert done.code == 3
    told = done.document
    there = {s for s in (RETRY, FOG, REGEX, LOGBOOK) if rows[s]["workspace_key"] != broken}
    assert there
    assert {row["session"] for row in told["restored"]} == there
    assert {row["name"] for row in told["refused"]} == {RETRY, FOG, REGEX, LOGBOOK} - there
    assert all("malformed" in row["message"] for row in told["refused"])


def test_the_chats_of_one_workspace_go_into_another(console: Console) -> None:
    rows = {row["session"]: row for row in console.run("sessions", "--json").document["sessions"]}
    old = rows[RETRY]["workspace_key"]
    moving = {session for session, row in rows.items() if row["workspace_key"] == old}
    storage = console.editor / "User" / "workspaceStorage"
    new = "f" * 32
    (storage / new).mkdir()
    (storage / new / "workspace.json").write_text(json.dumps({"folder": "file:///nowhere/new"}))
    with closing(sqlite3.connect(storage / new / "state.vscdb")) as database, database:
        database.execute("CREATE TABLE ItemTable (key TEXT UNIQUE ON CONFLICT REPLACE, value BLOB)")
        database.execute("INSERT INTO ItemTable VALUES ('other', 'value')")
    shutil.rmtree(storage / old)
    assert console.run("snapshot").code == 0
    done = console.run("restore", "--from-workspace", old, "--workspace", new, "--json")
    assert done.code == 0, done.err
    turns = {session for session in moving if rows[session]["turns"]}
    assert {row["session"] for row in done.document["restored"]} == turns
    assert {session for place, session in vscode_view.view(console.editor) if place == new} == turns
    assert console.run("undo", "--yes").code == 0
    assert not {session for place, session in vscode_view.view(console.editor) if place == new}


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--since", "2026-01-01"],
        [RETRY, "--deleted"],
        [RETRY, "--since", "2026-01-01"],
        ["--deleted", "--all"],
        ["--deleted", "--output", "x"],
        ["latest", "latest~1", "--output", "x"],
    ],
)
def test_what_contradicts_itself_is_a_usage_error(console: Console, arguments: list[str]) -> None:
    assert console.run("restore", *arguments).code == 2
