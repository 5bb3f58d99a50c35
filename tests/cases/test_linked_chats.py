"""People move chats to another disk and leave a link: saving, looking, restoring and fixing follow it."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from chatcask_cli.demo import folder as fictional
from support.console import Console

pytestmark = pytest.mark.skipif(os.name != "posix", reason="symbolic links")

SESSION = fictional.session_id("retry")
PLACES = ["", "chatSessions", "chatSessions/*", "state.vscdb"]
"""What becomes a link, below the workspace's folder."""


def _body(console: Console) -> Path:
    return next((console.editor / "User" / "workspaceStorage").glob(f"*/chatSessions/{SESSION}.json*"))


def _link(console: Console, what: str) -> None:
    """Move a part of a workspace to another disk and leave a link."""
    workspace = _body(console).parents[1]
    for number, path in enumerate(sorted(workspace.glob(what)) if what else [workspace]):
        target = console.home / "disk" / str(number)
        target.parent.mkdir(exist_ok=True)
        shutil.move(path, target)
        path.symlink_to(target)


def _ids(console: Console) -> set[str]:
    document = console.run("sessions", "--json").document
    return {chat["session"] for chat in document["sessions"]}


@pytest.mark.parametrize("what", PLACES)
def test_what_lies_behind_a_link_is_saved_and_not_alarmed(console: Console, what: str) -> None:
    assert console.run("snapshot").code == 0
    before = _ids(console)
    _link(console, what)
    done = console.run("snapshot", "--alarm-exit", "--json")
    assert done.code == 0
    assert done.document["complete"]
    assert not done.document["losses"]
    assert _ids(console) == before


@pytest.mark.parametrize("what", ["", "chatSessions", "chatSessions/*"])
def test_a_linked_chat_is_restored_where_its_link_leads(console: Console, what: str) -> None:
    assert console.run("snapshot").code == 0
    _link(console, what)
    file = _body(console).resolve()
    assert file.is_relative_to(console.home / "disk")
    torn = file.read_bytes()[:-40]
    file.write_bytes(torn)
    assert SESSION in console.run("doctor", "--json").text
    done = console.run("restore", SESSION, "--replace", "--dry-run")
    assert done.code == 0
    assert f"this writes to {file.parent}" in done.err
    assert console.run("restore", SESSION, "--replace").code == 0
    assert _body(console).resolve() == file
    assert json.loads(file.read_bytes().splitlines()[0])["v"]["requests"]
    undone = console.run("undo", "--yes")
    assert undone.code == 0
    assert f"this writes to {file.parent}" in undone.err
    assert file.read_bytes() == torn
    fixed = console.run("doctor", "--fix", SESSION)
    assert fixed.code == 0
    assert f"this writes to {file.parent}" in fixed.err
