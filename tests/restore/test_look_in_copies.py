"""With nothing but an old copy of the editor's folder a lost chat is found, and is back in two commands."""

from __future__ import annotations

import os
import shlex
import shutil
from pathlib import Path
from typing import Any

from chatcask_cli.demo import folder as fictional
from support.console import Console
from support.worlds import chat

RETRY, FOG = fictional.session_id("retry"), fictional.session_id("fog")


def body(editor: Path, session: str) -> Path:
    (found,) = (editor / "User" / "workspaceStorage").glob(f"*/chatSessions/{session}.jsonl")
    return found


def copies_of(console: Console, *paths: Path) -> list[dict[str, Any]]:
    options = [word for path in paths for word in ("--look-in", path)]
    found: list[dict[str, Any]] = console.run("doctor", "--json", *options).document["copies"]
    return found


def run_all(console: Console, commands: list[str]) -> None:
    assert 1 <= len(commands) <= 2
    for command in commands:
        program, *arguments = shlex.split(command)
        assert program == "chatcask"
        assert console.run(*arguments).code == 0


def test_the_fullest_of_many_copies_is_had_in_two_commands(console: Console, tmp_path: Path) -> None:
    backups = tmp_path / "Time Machine" / "Backups"
    whole = body(console.editor, RETRY).read_bytes()
    for number, day in enumerate(("2026-05-01", "2026-05-02", "2026-05-03")):
        copy = backups / day / "Library" / "Application Support" / "Code"
        shutil.copytree(console.editor, copy)
        if number != 1:
            body(copy, RETRY).write_bytes(whole.splitlines(keepends=True)[0])
        os.utime(body(copy, RETRY), (1_780_300_000 + number * 86_400,) * 2)
    body(console.editor, RETRY).unlink()
    told = console.run("doctor", "--look-in", tmp_path / "Time Machine")
    assert told.code == 0
    assert "in 3 copies of " in told.text
    assert "nothing is left" not in told.text
    assert not console.store.exists()
    assert not (console.home / ".cache").exists()
    (row,) = copies_of(console, tmp_path / "Time Machine")[0]["missing"]
    assert (row["session"], row["turns"], row["turns_here"]) == (RETRY, 3, None)
    for command in row["commands"]:
        assert f"    {command}\n" in told.text
    run_all(console, row["commands"])
    assert body(console.editor, RETRY).read_bytes() == whole
    assert copies_of(console, tmp_path / "Time Machine")[0]["missing"] == []


def test_only_what_is_less_here_is_told(console: Console, tmp_path: Path) -> None:
    copied = shutil.copytree(console.editor, tmp_path / "OneDrive" / "Code")
    shorter = body(copied, FOG)
    shorter.write_bytes(shorter.read_bytes().splitlines(keepends=True)[0])
    archive = shutil.make_archive(str(tmp_path / "copy"), "zip", tmp_path / "OneDrive")
    shutil.rmtree(tmp_path / "OneDrive")
    here = body(console.editor, RETRY)
    here.write_bytes(chat(1, session=RETRY))
    (looked,) = copies_of(console, Path(archive))
    assert looked["chats"] == 7
    (row,) = looked["missing"]
    assert (row["session"], row["turns_here"], row["turns"], row["in_store"]) == (RETRY, 1, 3, False)
    run_all(console, row["commands"])
    (row,) = copies_of(console, Path(archive))[0]["missing"] or [None]
    assert row is None


def test_what_the_store_has_is_not_imported(console: Console, tmp_path: Path) -> None:
    copied = shutil.copytree(console.editor, tmp_path / "copy")
    assert console.run("snapshot").code == 0
    body(console.editor, RETRY).unlink()
    (row,) = copies_of(console, copied)[0]["missing"]
    assert row["in_store"]
    run_all(console, row["commands"])
    assert len(row["commands"]) == 1


def test_the_file_of_one_chat_goes_where_the_editor_lists_it(console: Console, tmp_path: Path) -> None:
    here = body(console.editor, RETRY)
    alone = tmp_path / "from a friend" / here.name
    alone.parent.mkdir()
    shutil.move(here, alone)
    (row,) = copies_of(console, alone.parent)[0]["missing"]
    assert row["workspace"] == here.parents[1].name
    run_all(console, row["commands"])
    assert body(console.editor, RETRY).is_file()


def test_a_workspace_that_is_gone_is_named_with_what_took_over(console: Console, tmp_path: Path) -> None:
    copied = shutil.copytree(console.editor, tmp_path / "copy")
    old = body(console.editor, RETRY).parents[1]
    new = old.with_name("f" * 32)
    shutil.move(old, new)
    shutil.rmtree(new / "chatSessions")
    rows = copies_of(console, copied)[0]["missing"]
    row = next(row for row in rows if row["session"] == RETRY)
    assert row["workspace"] == new.name
    run_all(console, row["commands"])
    assert body(console.editor, RETRY).parents[1] == new


def test_the_editors_own_folder_is_no_copy_and_a_fix_takes_none(console: Console, tmp_path: Path) -> None:
    assert console.run("doctor", "--look-in", console.editor).code != 0
    assert console.run("doctor", "--look-in", tmp_path / "nowhere").code != 0
    assert console.run("doctor", "--fix", "--look-in", tmp_path).code != 0
    (tmp_path / "empty").mkdir()
    empty = console.run("doctor", "--look-in", tmp_path / "empty")
    assert empty.code == 0
    assert "no chat was found in it" in empty.text
    body(console.editor, RETRY).unlink()
    assert "doctor --look-in DIR" in console.run("doctor").text


def test_copies_are_searched_where_no_editor_is(console: Console, tmp_path: Path) -> None:
    copied = tmp_path / "copy"
    shutil.move(console.editor, copied)
    told = console.run("doctor", "--look-in", copied)
    assert told.code == 0
    assert "7 chats in a copy" in told.text
    assert f"chatcask import {copied}" in told.text
