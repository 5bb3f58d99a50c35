"""No text of a chat, a store or a path reaches a terminal as anything but itself: all commands, raw bytes."""

from __future__ import annotations

import json
import os
import pty
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chatcask.visible import visible_line, visible_text
from chatcask_cli.demo.folder import build_folder
from chatcask_cli.shell.app import COMMANDS
from chatcask_cli.shell.output import Output
from support.console import Console
from support.hostile import EVIL, EVIL_NAME, SESSION, forbidden, write_hostile_chat

WORKSPACE = "aaaa\x1b[31m\u202e"


class _World:
    """A hostile folder, a store with two snapshots of it (the second without the chat), all commands."""

    def __init__(self, folder: Path) -> None:
        self.console = Console(folder)
        self.folder = folder
        self.editor = folder / f"ed{EVIL_NAME}" / "Code"
        build_folder(self.editor, datetime(2026, 11, 26, 9, tzinfo=UTC))
        self.file = write_hostile_chat(self.editor)
        write_hostile_chat(self.editor, 1, workspace=WORKSPACE)
        (self.file.parent / f"{EVIL_NAME}.jsonl").write_text("{", encoding="ascii")
        self.seen: set[str] = set()

    def lines(self) -> Iterator[tuple[str | Path, ...]]:
        editor = ("--user-data-dir", self.editor)
        yield "init", "--store", self.folder / f"st{EVIL_NAME}"
        yield "snapshot", *editor, "--tag", "one"
        yield "snapshot", *editor, "--tag", f"a{EVIL_NAME}"
        yield ("sources",)
        yield "sessions", "-v"
        yield "log", "-v"
        yield "log", SESSION
        yield "log", EVIL_NAME
        yield "ls", "-r"
        yield "ls", f"latest:{EVIL_NAME}"
        yield "show", SESSION
        yield from (("show", SESSION, "--format", name) for name in ("html", "json", "jsonl", "yaml", "csv"))
        yield "show", EVIL_NAME
        yield "cat", f"latest:{EVIL_NAME}"
        write_hostile_chat(self.editor, 3)
        yield "doctor", *editor
        yield "doctor", "--fix", "--dry-run", *editor
        yield "snapshot", "--dry-run", *editor
        yield "snapshot", *editor
        yield ("diff",)
        yield "diff", "--session", SESSION
        yield "diff", "--name-only"
        yield "archive", self.folder / f"arch{EVIL_NAME}"
        yield "export", self.folder / "doc", "--format", "md"
        yield "export", self.folder / f"b{EVIL_NAME}", "--all"
        yield "import", self.folder / f"b{EVIL_NAME}"
        yield "import", self.folder / f"none{EVIL_NAME}"
        write_hostile_chat(self.editor, 1)
        yield "snapshot", *editor
        self.file.unlink()
        yield "snapshot", *editor
        yield "sessions", "--deleted"
        yield "log", SESSION
        yield "stats", *()
        yield "restore", SESSION, "--dry-run", *editor
        yield "restore", SESSION, *editor
        yield "restore", SESSION, "--replace", *editor
        yield "restore", "latest", "-o", self.folder / f"out{EVIL_NAME}"
        yield "undo", "--dry-run", *editor
        yield "undo", "--yes", *editor
        yield "doctor", "--fix", *editor
        yield "tag", "latest", EVIL_NAME
        yield "tag", "latest", "fine"
        yield "pin", SESSION
        yield "pin", *()
        yield "forget", "--keep-last", "1", "--dry-run", "--yes"
        yield "forget", "fine"
        yield "undelete", *()
        yield "prune", "--dry-run"
        yield "check", "--read-data"
        yield ("losses",)
        yield "upkeep", "--dry-run"
        yield "auto", "on", "--print", "--store", self.folder / f"st{EVIL_NAME}"
        yield "auto", "status"
        yield "config", "show", "--profile", EVIL_NAME
        yield "wait", "--every", EVIL_NAME
        self.damage()
        yield "check", *()
        yield "repair", "--dry-run"
        yield "log", "-v"
        yield f"no{EVIL_NAME}", *()
        yield "show", "--format", EVIL_NAME
        yield "demo", "--keep", self.folder / f"demo{EVIL_NAME}"

    def damage(self) -> None:
        (self.console.store / f"junk{EVIL_NAME}").write_bytes(b"?")
        for manifest in sorted((self.console.store / "snapshots").rglob("*"))[-1:]:
            manifest.write_bytes(manifest.read_bytes()[:-3])


def test_no_command_prints_what_content_commands(tmp_path: Path) -> None:
    world = _World(tmp_path)
    bad: dict[str, str] = {}
    for arguments in world.lines():
        world.seen.add(str(arguments[0]))
        options = ("--color", "always") if arguments[0] in COMMANDS else ()
        done = world.console.run(*arguments, *options)
        for stream in (done.text.replace("\r\n", "\n") if "csv" in arguments else done.text, done.err):
            if found := forbidden(stream, colored=True, prose=arguments[0] == "show"):
                bad[" ".join(map(repr, arguments))[:120]] = found[0][:300]
    assert not bad, "\n".join(f"{name}: {line}" for name, line in bad.items())
    assert set(COMMANDS) <= world.seen


@pytest.mark.parametrize("arguments", [("sessions",), ("log", SESSION), ("diff",)])
def test_nor_without_colors(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    world = _World(tmp_path)
    world.console.run("snapshot", "--user-data-dir", world.editor)
    done = world.console.run(*arguments, "--color", "never")
    assert done.text
    assert not forbidden(done.text + done.err)


@pytest.mark.parametrize(
    "arguments", [("show", SESSION), ("show", SESSION, "--format", "raw"), ("sessions",), ("diff",)]
)
def test_nor_on_a_terminal(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    world = _World(tmp_path)
    # Bytes of a file that the editor did not write: escapes as they are, within JSON.
    text = world.file.read_text(encoding="ascii").replace("Title", "\x1b]0;t\x07\x9bTitle")
    world.file.write_text(text, encoding="utf-8")
    world.console.run("snapshot", "--user-data-dir", world.editor)
    master, slave = pty.openpty()
    command = subprocess.Popen(
        world.console.command(*arguments, "--color", "always"),
        env={**world.console.environment, "TERM": "xterm"},
        stdin=subprocess.DEVNULL, stdout=slave, stderr=slave,
    )  # fmt: skip
    os.close(slave)
    output = b""
    try:
        while piece := os.read(master, 65536):
            output += piece
    except OSError:  # the other end is closed
        pass
    command.wait(60)
    os.close(master)
    shown = output.decode().replace("\r\n", "\n")
    assert shown
    assert not forbidden(shown, colored=True, prose="show" in arguments)


def test_json_keeps_every_text_exactly(tmp_path: Path) -> None:
    world = _World(tmp_path)
    world.console.run("snapshot", "--user-data-dir", world.editor)
    done = world.console.run("sessions", "--json")
    assert not forbidden(done.text)
    assert f"Title {EVIL}" in {row["title"] for row in done.document["sessions"]} or EVIL in json.dumps(
        done.document, ensure_ascii=False
    )


def test_only_paint_makes_escape_sequences(capsys: pytest.CaptureFixture[str]) -> None:
    output = Output(color="always")
    output.line(f"{output.paint('a' + EVIL, 'red')} b\x1b[32m\ufdd0 c")
    shown = capsys.readouterr().out
    assert shown.count("\x1b") == 2
    assert shown.startswith("\x1b[31max"[:6])
    assert shown.count("\n") == 1
    assert not forbidden(shown, colored=True)


def test_words_that_need_joiners_and_joined_emoji_stay() -> None:
    for text in ("\u0645\u06cc\u200c\u062e", "क्\u200dष", "👩\u200d💻", "❤\ufe0f\u200d🔥", "a\u00a0b\u3000c"):
        assert visible_line(text) == text == visible_text(text)
    for text in ("a\u200db", "pass\u200cword", "a\u00adb", "\u3164", "\U000e0041"):
        assert "\\" in visible_line(text)
        assert "\\" in visible_text(text)


def test_half_a_character_is_a_replacement_mark_and_a_byte_its_escape() -> None:
    assert visible_line("Deploy \ud83d") == "Deploy \ufffd"
    assert visible_line("caf\udce9") == r"caf\udce9"
    assert visible_line("a\tb\r\n") == r"a\tb\r\n"
    assert visible_text("a\tb\r\nc\rd\x1b") == "a\tb\nc\nd\u241b"
