"""Excluded workspaces are never captured and never listed; sources are added and left out as settled."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chatcask_cli.demo import folder as fictional
from support.console import Console

START = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
def console(tmp_path: Path) -> Console:
    console = Console(tmp_path)
    fictional.build_folder(console.editor, START)
    return console


def _workspaces(console: Console) -> dict[str, str]:
    """The ids of workspaces, by their folders."""
    found = (console.editor / "User" / "workspaceStorage").glob("*/workspace.json")
    return {
        json.loads(path.read_text())["folder"].removeprefix("file://"): path.parent.name for path in found
    }


def _exclude(console: Console, folder: str) -> dict[str, str]:
    return {"CHATCASK_PRIVACY_EXCLUDE": folder}


def test_an_excluded_workspace_is_never_captured(console: Console) -> None:
    folder, workspace = min(_workspaces(console).items())
    hidden = _exclude(console, folder)
    assert console.run("snapshot", **hidden).code == 0
    assert workspace not in console.run("ls", "-r").text
    assert console.run("sessions", "--json").document["sessions"]
    chat = console.run("sessions", "--json").document["sessions"][0]["session"]
    assert console.run("restore", chat, "--replace", **hidden).code == 0
    assert workspace not in console.run("ls", "-r", "latest").text


def test_what_was_captured_before_is_no_loss_and_listed_nowhere(console: Console) -> None:
    assert console.run("snapshot").code == 0
    folder, workspace = min(_workspaces(console).items())
    before = console.run("sessions", "--json").document["sessions"]
    secret = {chat["session"] for chat in before if chat["workspace_key"] == workspace}
    assert secret
    assert len(secret) < len(before)
    hidden = _exclude(console, folder)
    shown = console.run("sessions", "--json", **hidden).document["sessions"]
    assert {chat["session"] for chat in shown} == {chat["session"] for chat in before} - secret
    run = console.run("snapshot", "--alarm-exit", "--json", **hidden)
    assert run.code == 0
    assert run.document["losses"] == []
    assert console.run("snapshot", "--alarm-exit", **hidden).code == 0
    for command in (
        ["sessions", "--json"],
        ["sessions", "--deleted", "--json"],
        ["doctor", "--json"],
        ["stats", "--json"],
        ["log", "--json"],
        ["diff", "latest~1", "latest", "--json"],
    ):
        text = console.run(*command, **hidden).text
        assert not any(session in text for session in secret), command
    for session in secret:
        assert console.run("show", session, **hidden).code == 15
        assert console.run("log", session, **hidden).code == 15
    out = console.home / "archive"
    assert console.run("archive", out, **hidden).code == 0
    assert not any(session[:8] in path.read_text() for session in secret for path in out.rglob("*.md"))
    assert console.run("show", next(iter(secret))).code == 0


def test_sources_are_added_and_left_out(console: Console, tmp_path: Path) -> None:
    portable = tmp_path / "stick" / "data"
    fictional.build_folder(portable, START)
    added = {"CHATCASK_SOURCES_ADD": str(portable)}
    rows = console.run("sources", "--json", **added).document["sources"]
    assert [row["user_data_dir"] for row in rows] == [str(console.editor), str(portable)]
    assert len(console.run("snapshot", "--json", **added).document["sources"]) == 2
    left = {"CHATCASK_SOURCES_LEAVE_OUT": "code~*", **added}
    assert len(console.run("sources", "--json", **left).document["sources"]) == 2
    left = {"CHATCASK_SOURCES_LEAVE_OUT": '["code", "cursor"]'}
    assert console.run("sources", "--json", **left).document["sources"] == []
    assert console.run("snapshot", **left).code == 15
    assert console.run("snapshot", "--product", "code", **left).code == 0
