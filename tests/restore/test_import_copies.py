"""Old copies of an editor's folder count: whole or in part, zipped, single files, and exported chats."""

from __future__ import annotations

import json
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chatcask_cli.demo import folder as fictional
from support import vscode_view
from support.console import Console

START = datetime(2026, 6, 1, 8, tzinfo=UTC)
OLD = datetime(2026, 5, 3, 12, tzinfo=UTC)
RETRY = fictional.session_id("retry")


@pytest.fixture
def console(tmp_path: Path) -> Console:
    """A folder that has lost a chat, and a backup that has it; nothing was ever saved."""
    made = Console(tmp_path)
    fictional.build_folder(made.editor, START)
    shutil.copytree(made.editor, tmp_path / "backup" / "2026-05-03" / "Code")
    for path in (tmp_path / "backup").rglob("*"):
        os.utime(path, (OLD.timestamp(), OLD.timestamp()))
    fictional.lose_chat(made.editor, RETRY)
    return made


def body(folder: Path) -> Path:
    (path,) = folder.rglob(f"{RETRY}.jsonl")
    return path


PARTS = {
    "backup": lambda backup: backup,
    "user data": lambda backup: backup / "2026-05-03" / "Code",
    "user": lambda backup: backup / "2026-05-03" / "Code" / "User",
    "storage": lambda backup: backup / "2026-05-03" / "Code" / "User" / "workspaceStorage",
    "workspace": lambda backup: body(backup).parent.parent,
    "chats": lambda backup: body(backup).parent,
    "file": body,
}


@pytest.mark.parametrize("part", PARTS)
def test_a_chat_comes_back_from_any_part_of_a_copy(console: Console, tmp_path: Path, part: str) -> None:
    done = console.run("import", PARTS[part](tmp_path / "backup"), "--json")
    assert done.code == 0, done.err
    (copy,) = done.document["copies"]
    assert copy["timestamp"].startswith("2026-05-03T12:00:00")
    assert RETRY[:8] in console.run("sessions").text
    assert console.run("show", RETRY).code == 0
    restored = console.run("restore", RETRY)
    assert restored.code == 0, restored.err
    assert RETRY in {session for _, session in vscode_view.view(console.editor)}
    again = console.run("import", PARTS[part](tmp_path / "backup"), "--json").document["copies"]
    assert [row["snapshot"] for row in again] == [None]


def test_a_zip_file_is_read_like_a_folder(console: Console, tmp_path: Path) -> None:
    archive = shutil.make_archive(str(tmp_path / "old"), "zip", tmp_path / "backup")
    assert console.run("import", archive).code == 0
    assert console.run("restore", RETRY).code == 0
    assert RETRY in {session for _, session in vscode_view.view(console.editor)}


def test_what_the_editor_exports_becomes_a_chat_that_it_opens(console: Console, tmp_path: Path) -> None:
    whole = vscode_view.replay(body(tmp_path / "backup").read_bytes())
    exported = {key: whole[key] for key in ("responderUsername", "initialLocation", "requests")}
    (tmp_path / "chat.json").write_text(json.dumps(exported, indent=2))
    before = set(vscode_view.view(console.editor))
    assert console.run("import", tmp_path / "chat.json").code == 0
    (row,) = console.run("sessions", "--json").document["sessions"]
    assert row["turns"] == len(whole["requests"])
    done = console.run("restore", row["session"])
    assert done.code == 0, done.err
    (new,) = set(vscode_view.view(console.editor)) - before
    assert new[1] == row["session"]
    assert vscode_view.view(console.editor)[new].turns


def test_several_backups_are_a_snapshot_each_the_oldest_first(console: Console, tmp_path: Path) -> None:
    newer = tmp_path / "backup" / "2026-05-09" / "Code"
    shutil.copytree(console.editor, newer)
    for path in newer.rglob("*"):
        os.utime(path, (OLD.timestamp() + 6 * 86400,) * 2)
    copies = console.run("import", tmp_path / "backup", "--json").document["copies"]
    assert [copy["timestamp"][:10] for copy in copies] == ["2026-05-03", "2026-05-09"]
    assert console.run("restore", f"{RETRY}@{copies[0]['snapshot'][:12]}").code == 0


def test_what_is_no_copy_is_refused(console: Console, tmp_path: Path) -> None:
    (tmp_path / "nothing").mkdir()
    (tmp_path / "nothing" / "settings.json").write_text('{"a": 1}')
    assert console.run("import", tmp_path / "nothing").code == 2
    assert console.run("import", console.editor).code == 2
    assert console.run("import", console.editor / "User" / "workspaceStorage").code == 2
