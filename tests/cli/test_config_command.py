"""`chatcask config`, and that each key does what it says, in real processes."""

from __future__ import annotations

import os
import re
import stat
import sys
import tomllib
from pathlib import Path

import pytest

from support.console import Console

pytestmark = pytest.mark.skipif(os.name == "nt", reason="scripts of a shell")


@pytest.fixture
def console(tmp_path: Path) -> Console:
    console = Console(tmp_path)
    del console.environment["CHATCASK_STORE"]
    return console


def _config(console: Console, text: str) -> Path:
    path = console.home / ".config" / "chatcask" / "config.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def _script(path: Path, text: str) -> Path:
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def test_it_shows_what_is_in_force_and_who_said_so(console: Console) -> None:
    path = _config(console, 'store = "~/chats"\n[profiles.work]\nretention.keep_last = 3\n')
    shown = console.run("config", "--color", "never", "--profile", "work", CHATCASK_DISPLAY_PAGER="[]")
    assert shown.code == 0
    lines = shown.text.splitlines()
    assert f'store = "~/chats"  # {path}' in lines
    assert f"retention.keep_last = 3  # {path} [profiles.work]" in lines
    assert "display.pager = []  # CHATCASK_DISPLAY_PAGER" in lines
    assert 'display.color = "never"  # --color' in lines
    assert "retention.keep_daily = 0  # default" in lines
    document = console.run("config", "--json").document
    assert document["file"] == str(path)
    assert document["exists"] is True
    rows = {row["key"]: row for row in document["settings"]}
    assert rows["store"]["value"] == "~/chats"
    assert (rows["store"]["origin"], rows["store"]["origin_name"]) == ("file", str(path))
    assert rows["display.color"]["variable"] == "CHATCASK_DISPLAY_COLOR"


def test_what_it_shows_is_a_config_file(console: Console) -> None:
    shown = console.run("config")
    assert "is not there" in shown.text
    settled = tomllib.loads(shown.text)
    assert settled["store"].endswith("store")
    _config(console, shown.text)
    again = console.run("config")
    assert tomllib.loads(again.text) == settled


@pytest.mark.parametrize("command", [["log"], ["sources"], ["init"], ["config"]])
def test_a_mistake_ends_every_command_before_it_does_anything(console: Console, command: list[str]) -> None:
    path = _config(console, 'stroe = "/x"\n')
    outcome = console.run(*command)
    assert outcome.code == 2
    assert outcome.out == b""
    assert outcome.err.splitlines() == [
        f"chatcask: {path}: unknown key 'stroe'; did you mean 'store'?",
        "  'chatcask config edit' opens the file; 'chatcask config keys' lists all keys",
    ]
    document = console.run(*command, "--json").document
    assert (document["code"], document["kind"]) == (2, "settings")


def test_check_names_all_mistakes_and_what_does_nothing(console: Console) -> None:
    path = _config(console, 'stroe = "/x"\n[display]\ncolor = 3\n')
    outcome = console.run("config", "check", CHATCASK_DISPLAY_COLUR="never")
    assert outcome.code == 2
    assert f"{path}: unknown key 'stroe'; did you mean 'store'?" in outcome.text
    assert "'display.color' must be" in outcome.text
    assert "CHATCASK_DISPLAY_COLUR means nothing; did you mean CHATCASK_DISPLAY_COLOR?" in outcome.text
    document = console.run("config", "check", "--json").document
    assert document["success"] is False
    assert [row["key"] for row in document["problems"]] == ["stroe", "display.color"]
    assert document["problems"][0]["suggestion"] == "store"
    path.write_text('display.pager = ["no-such-pager"]\n')
    outcome = console.run("config", "check")
    assert outcome.code == 0
    assert "display.pager: there is no program no-such-pager" in outcome.text
    assert console.run("config", "check", CHATCASK_RETENTION_KEEP_LAST="many").code == 2


def test_edit_begins_with_all_keys_and_checks_what_comes_of_it(console: Console) -> None:
    path = console.home / ".config" / "chatcask" / "config.toml"
    editor = _script(console.home / "an editor", "echo 'display.colour = 1' >> \"$1\"")
    outcome = console.run("config", "edit", VISUAL=f"'{editor}'", EDITOR="false")
    assert outcome.code == 2
    assert "#keep_daily = 0" in path.read_text()
    assert "unknown key" in outcome.text
    _script(editor, 'cp /dev/null "$1"')
    assert console.run("config", "edit", EDITOR=str(editor)).code == 0
    assert path.read_bytes() == b""
    assert console.run("config", "edit", EDITOR="no-such-editor").code == 2
    assert console.run("config", "edit", EDITOR="false").code == 2


def test_keys_lists_all_of_them_also_where_the_file_is_wrong(console: Console) -> None:
    _config(console, "wrong")
    outcome = console.run("config", "keys")
    assert outcome.code == 0
    assert '#time_format = ""' in outcome.text


def test_the_variable_names_the_file_and_it_has_to_be_there(console: Console, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    outcome = console.run("log", CHATCASK_CONFIG=str(path))
    assert outcome.code == 2
    assert "there is no such file" in outcome.err
    path.write_text('store = "/nowhere"\n')
    outcome = console.run("log", CHATCASK_CONFIG=str(path))
    assert outcome.code == 10
    assert "/nowhere" in outcome.err


def test_a_folder_in_its_place_is_said(console: Console) -> None:
    (console.home / ".config" / "chatcask" / "config.toml").mkdir(parents=True)
    outcome = console.run("log")
    assert outcome.code == 2
    assert "cannot be read" in outcome.err


def test_the_store_is_that_of_option_variable_profile_file(console: Console) -> None:
    _config(console, 'store = "~/one"\n[profiles.work]\nstore = "~/two"\n')
    assert console.run("init").code == 0
    assert (console.home / "one" / "config").is_file()
    assert console.run("init", "--profile", "work").code == 0
    assert (console.home / "two" / "config").is_file()
    assert console.run("log", CHATCASK_PROFILE="work").code == 0
    assert console.run("init", CHATCASK_STORE=str(console.home / "three"), CHATCASK_PROFILE="work").code == 0
    assert (console.home / "three" / "config").is_file()
    assert console.run("log", "--profile", "wrok").code == 2


def test_times_look_as_settled(console: Console) -> None:
    _demo(console)
    listed = console.run(
        "log", "--store", console.home / "demo" / "store", CHATCASK_DISPLAY_TIME_FORMAT="<%d/%m>"
    )
    assert listed.code == 0
    assert re.search(r"<0\d/06>", listed.text), listed.text
    assert "2025-06" not in listed.text


def test_colours_are_as_settled_and_an_option_wins(console: Console) -> None:
    _demo(console)
    log = ("log", "--store", console.home / "demo" / "store")
    assert "\x1b[" in console.run(*log, CHATCASK_DISPLAY_COLOR="always").text
    assert "\x1b[" not in console.run(*log, "--color", "never", CHATCASK_DISPLAY_COLOR="always").text


def test_forget_follows_the_settled_policy(console: Console) -> None:
    _demo(console)
    forget = ("forget", "--dry-run", "--store", console.home / "demo" / "store", "--json")
    everything = console.run(*forget).document
    assert everything["removed"] == []
    few = console.run(*forget, CHATCASK_RETENTION_KEEP_LAST="1").document
    assert len(few["removed"]) == len(everything["kept"]) - 1
    more = console.run(*forget, "--keep-last", "2", CHATCASK_RETENTION_KEEP_LAST="1").document
    assert len(more["kept"]) == 2


@pytest.mark.skipif(sys.platform == "win32", reason="terminals of POSIX")
def test_long_output_goes_to_the_pager_on_a_terminal_only(console: Console) -> None:
    from support.terminal import on_terminal

    _demo(console)
    seen = console.home / "seen"
    pager = _script(console.home / "pager", f'cat > "{seen}"; echo "$1 done"')
    _config(console, f'display.pager = ["{pager}", "by pager"]\n')
    log = ("log", "--store", console.home / "demo" / "store")
    assert "snapshot" not in console.run(*log).err
    assert not seen.exists()
    shown = on_terminal(console.command(*log), console.environment, console.home)
    assert shown.code == 0
    assert shown.text.strip() == "by pager done"
    assert "\x1b[" in seen.read_text()
    left = _script(console.home / "pager", "exit 0")
    assert on_terminal(console.command(*log), console.environment, console.home).code == 0
    left.unlink()
    shown = on_terminal(console.command(*log), console.environment, console.home)
    assert shown.code == 0
    assert "cannot be started" in shown.text


def _demo(console: Console) -> None:
    assert console.run("demo", "--keep", console.home / "demo", "--quiet").code == 0
