"""Undo finds the folder that was changed by itself, also one that only the command named."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from chatcask_cli.demo import folder as fictional
from support import vscode_view
from support.console import Console

RETRY = fictional.session_id("retry")


def is_there(folder: Path) -> bool:
    return RETRY in {session for _, session in vscode_view.view(folder)}


@pytest.mark.parametrize("how", [["restore", RETRY], ["doctor", "--fix"]])
@pytest.mark.parametrize("options", [[], ["--product", "cursor"]])
def test_a_folder_that_only_the_command_named_is_found_again(
    console: Console, tmp_path: Path, how: list[str], options: list[str]
) -> None:
    other = tmp_path / "elsewhere" / "Code"
    shutil.copytree(console.editor, other)
    named = ["--user-data-dir", str(other), *options]
    assert console.run("snapshot", *named).code == 0
    fictional.lose_chat(other, RETRY)
    if how[0] == "doctor":  # the file is there, and the list does not name it
        (before,) = console.editor.rglob(f"{RETRY}.jsonl")
        shutil.copyfile(before, other / before.relative_to(console.editor))
    done = console.run(*how, *named)
    assert done.code == 0, done.err
    assert is_there(other)
    undone = console.run("undo", "--yes", "--json")
    assert undone.code == 0, undone.err
    assert undone.document["user_data_dir"] == str(other)
    assert not is_there(other)
    assert is_there(console.editor)


def test_what_was_noted_says_where_to_look_and_no_more(console: Console, tmp_path: Path) -> None:
    other = tmp_path / "elsewhere" / "Code"
    shutil.copytree(console.editor, other)
    assert console.run("snapshot", "--user-data-dir", other).code == 0
    fictional.lose_chat(other, RETRY)
    assert console.run("restore", RETRY, "--user-data-dir", other).code == 0
    (note,) = console.home.rglob("changed-folders/*.json")
    document = json.loads(note.read_bytes())
    for folder in [str(console.editor), "relative", "/nowhere", 7, None]:
        note.write_text(json.dumps({**document, "folder": folder}))
        assert console.run("undo", "--yes").code == 15
    note.write_bytes(b"\xff{")
    assert console.run("undo", "--yes").code == 15
    assert is_there(other)
    assert console.run("undo", "--yes", "--user-data-dir", other).code == 0
    assert not is_there(other)
