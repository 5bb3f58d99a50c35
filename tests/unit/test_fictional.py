"""Proves that the fictional folder is one VS Code would open: logs replay, and the index lists every body."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from chatcask.errors import InvalidInputError, NotFoundError
from chatcask_cli.demo import folder as fictional
from chatcask_cli.demo.chat_files import chat_log, flat_chat
from chatcask_cli.demo.chats import RETRY
from support import log_replay

pytestmark = pytest.mark.slow

START = datetime(2026, 6, 1, 8, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    fictional.build_folder(tmp_path / "Code", START)
    return tmp_path / "Code"


def bodies(folder: Path) -> dict[str, Path]:
    user = folder / "User"
    found = [
        *user.glob("workspaceStorage/*/chatSessions/*"),
        *user.glob("globalStorage/emptyWindowChatSessions/*"),
    ]
    return {path.stem: path for path in found}


def databases(folder: Path) -> list[Path]:
    user = folder / "User"
    return sorted((*user.glob("workspaceStorage/*/state.vscdb"), user / "globalStorage" / "state.vscdb"))


def rows(database: Path) -> dict[str, str]:
    with closing(sqlite3.connect(f"file:{database}?mode=ro&immutable=1", uri=True)) as connection:
        return dict(connection.execute("SELECT key, value FROM ItemTable"))


def index(folder: Path) -> dict[str, Any]:
    entries: dict[str, Any] = {}
    for database in databases(folder):
        value = json.loads(rows(database)["chat.ChatSessionStore.index"])
        assert value["version"] == 1
        entries |= value["entries"]
    return entries


def tree(folder: Path) -> dict[str, tuple[str, int]]:
    return {
        path.relative_to(folder).as_posix(): (
            hashlib.sha256(path.read_bytes()).hexdigest(),
            path.stat().st_mtime_ns,
        )
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def turns(folder: Path) -> dict[str, int]:
    return {session: len(log_replay.load(path)["requests"]) for session, path in bodies(folder).items()}


def test_the_folder_has_the_promised_shape(folder: Path) -> None:
    found = bodies(folder)
    assert sorted(path.suffix for path in found.values()) == [".json"] + [".jsonl"] * 6
    assert len(list((folder / "User" / "workspaceStorage").iterdir())) == 2
    assert len(list((folder / "User" / "globalStorage" / "emptyWindowChatSessions").iterdir())) == 1
    assert not (folder / "code.lock").exists()
    names = {
        json.loads(path.read_text())["folder"].rsplit("/", 1)[1] for path in folder.rglob("workspace.json")
    }
    assert names == {"lighthouse", "tide-tables"}
    assert all(len(path.parent.name) == 32 for path in folder.rglob("workspace.json"))


def test_every_body_replays_to_a_full_session(folder: Path) -> None:
    for session, path in bodies(folder).items():
        value = log_replay.load(path)
        assert log_replay.is_full_chat(value)
        assert value["sessionId"] == session
        assert value["customTitle"]
        assert all(request["modelState"]["value"] in {1, 2, 3} for request in value["requests"])
        assert len({request["requestId"] for request in value["requests"]}) == len(value["requests"])
        assert path.suffix == ".json" or path.read_bytes().endswith(b"}\n")


def test_a_log_and_a_flat_file_tell_the_same_chat(folder: Path) -> None:
    log = log_replay.replay(chat_log("s", RETRY, START, "/home/ada/p").encode())
    flat = flat_chat("s", RETRY, START, "/home/ada/p")
    assert {key: flat[key] for key in log} == log
    kinds = {part.get("kind", "markdown") for request in log["requests"] for part in request["response"]}
    assert kinds == {"thinking", "toolInvocationSerialized", "textEditGroup", "markdown"}


def test_the_index_lists_exactly_the_bodies_and_is_valid(folder: Path) -> None:
    entries = index(folder)
    assert entries.keys() == bodies(folder).keys()
    for session, entry in entries.items():
        body = log_replay.load(bodies(folder)[session])
        assert entry["sessionId"] == session
        assert entry["title"] == body["customTitle"]
        assert entry["lastMessageDate"] == body["requests"][-1]["timestamp"]
        assert entry["lastResponseState"] == body["requests"][-1]["modelState"]["value"]
        assert entry["initialLocation"] == "panel"
        assert entry["isEmpty"] is entry["isExternal"] is False


def test_the_databases_are_closed_and_have_a_backup_and_one_secret(folder: Path) -> None:
    for database in databases(folder):
        assert database.read_bytes() == database.with_name("state.vscdb.backup").read_bytes()
        assert not list(database.parent.glob("*-journal"))
        with closing(sqlite3.connect(database)) as connection:
            assert connection.execute("PRAGMA user_version").fetchone() == (1,)
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    keys = [key for database in databases(folder) for key in rows(database)]
    assert sum(key.startswith("secret://") for key in keys) == 1


def test_the_edits_name_texts_that_are_there_and_do_no_harm(folder: Path) -> None:
    (state_file,) = folder.rglob("chatEditingSessions/*/state.json")
    state = json.loads(state_file.read_text())
    contents = {path.name: path.read_bytes() for path in (state_file.parent / "contents").iterdir()}
    assert all(hashlib.sha1(text).hexdigest()[:7] == name for name, text in contents.items())
    (entry,) = state["recentSnapshot"]["entries"]
    assert {state["initialFileContents"][0][1], entry["currentHash"]} == contents.keys()
    assert entry["state"] == 1  # 0 would make VS Code write the text over the user's file
    assert state_file.parent.name in bodies(folder)


def test_equal_arguments_give_equal_folders(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "Other"
    fictional.build_folder(other, START)
    assert tree(folder) == tree(other)
    for day in range(1, 4):
        fictional.add_a_day(folder, START + timedelta(days=day), day)
        fictional.add_a_day(other, START + timedelta(days=day), day)
    assert tree(folder) == tree(other)
    latest = max(time for _, time in tree(folder).values())
    assert START.timestamp() < latest / 1e9 <= (START + timedelta(days=4)).timestamp()


def test_days_in_a_row_append_to_two_logs_and_add_one_session(folder: Path) -> None:
    for day in range(1, 8):
        before = {session: path.read_bytes() for session, path in bodies(folder).items()}
        turns_before = turns(folder)
        fictional.add_a_day(folder, START + timedelta(days=day), day)
        after = turns(folder)
        new = after.keys() - turns_before.keys()
        grown = {session for session in turns_before if after[session] != turns_before[session]}
        assert len(new) == 1
        assert len(grown) == 2
        assert all(after[session] == turns_before[session] + 1 for session in grown)
        for session, path in bodies(folder).items():
            assert path.read_bytes().startswith(before.get(session, b""))
            assert session in grown | new or path.read_bytes() == before[session]
        test_the_index_lists_exactly_the_bodies_and_is_valid(folder)
        test_every_body_replays_to_a_full_session(folder)
    test_the_databases_are_closed_and_have_a_backup_and_one_secret(folder)


def test_every_session_can_be_lost_and_leaves_neither_body_nor_entry(folder: Path) -> None:
    edited = fictional.session_id("retry")
    for session, path in bodies(folder).items():
        listed = index(folder)
        databases_before = {database: database.read_bytes() for database in databases(folder)}
        assert fictional.lose_chat(folder, session) == path
        assert not path.exists()
        expected = {key: entry for key, entry in listed.items() if key != session}
        assert index(folder) == expected
        assert sum(database.read_bytes() != old for database, old in databases_before.items()) == 1
    assert list(folder.rglob(f"chatEditingSessions/{edited}/state.json"))
    with pytest.raises(NotFoundError, match=edited):
        fictional.lose_chat(folder, edited)


def test_a_day_passes_over_a_lost_session(folder: Path) -> None:
    for session in bodies(folder):
        fictional.lose_chat(folder, session)
    fictional.add_a_day(folder, START + timedelta(days=1))
    assert len(bodies(folder)) == 1
    assert index(folder).keys() == bodies(folder).keys()


@pytest.mark.parametrize("call", [fictional.build_folder, fictional.add_a_day])
def test_a_moment_without_time_zone_is_refused(call: Any, tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="time zone"):
        call(tmp_path / "Code", datetime(2026, 6, 1))  # noqa: DTZ001
    assert not (tmp_path / "Code").exists()


@pytest.mark.parametrize("number", [1, 2])
def test_the_story_of_a_day_is_the_same_on_every_date(tmp_path: Path, number: int) -> None:
    stories = set()
    for days in range(1, 8):
        folder = tmp_path / f"Code{days}"
        fictional.build_folder(folder, START + timedelta(days=days))
        fictional.add_a_day(folder, START + timedelta(days=days + 1), number)
        stories.add(frozenset(turns(folder).items()))
    assert len(stories) == 1
