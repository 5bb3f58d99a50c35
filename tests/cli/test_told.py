"""What a run by itself tells: the desktop and the hooks, of losses and failures, whatever titles say."""

from __future__ import annotations

import json
import os
import shutil
import stat
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from chatcask.jobs import mark_seen, may_tell_failure, unseen_losses
from chatcask_cli.demo import folder as fictional
from chatcask_cli.shell.notify import short
from support.console import Console

pytestmark = pytest.mark.skipif(os.name == "nt", reason="scripts of a shell")

START = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
def console(tmp_path: Path) -> Console:
    """A user whose `notify-send` writes down what it is given."""
    console = Console(tmp_path)
    fictional.build_folder(console.editor, START)
    tools = tmp_path / "tools"
    tools.mkdir()
    _script(tools / "notify-send", f'for word; do printf "%s\\n" "$word"; done >> "{console.home}/told"')
    console.environment["PATH"] = f"{tools}{os.pathsep}{console.environment['PATH']}"
    console.environment["CHATCASK_UPKEEP_AUTOMATIC"] = "false"
    return console


def _script(path: Path, text: str) -> Path:
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def _told(console: Console) -> list[str]:
    path = console.home / "told"
    lines = path.read_text().splitlines() if path.exists() else []
    path.unlink(missing_ok=True)
    return lines


def _lose(console: Console, name: str = "retry") -> None:
    fictional.lose_chat(console.editor, fictional.session_id(name))


def test_lost_chats_reach_desktop_and_hook(console: Console) -> None:
    hook = _script(console.home / "hook", f'cat > "{console.home}/$1"')
    console.environment["CHATCASK_HOOKS_ON_ALARM"] = json.dumps([str(hook), "alarm $(id)"])
    assert console.run("snapshot", "--automatic").code == 0
    assert _told(console) == []
    _lose(console)
    assert console.run("snapshot", "--automatic", "--quiet").code == 0
    app, dashes, title, first, last = _told(console)
    assert (app, dashes, title) == ("--app-name=chatcask", "--", "chatcask: 1 chat was lost")
    assert first == '"Retry for the beacon client": the chat with 3 turns is gone'
    assert "chatcask losses" in last
    document = json.loads((console.home / "alarm $(id)").read_text())
    assert [loss["kind"] for loss in document["losses"]] == ["vanished"]
    assert console.run("snapshot", "--automatic").code == 0
    assert _told(console) == []


def test_a_run_by_hand_notifies_nobody(console: Console) -> None:
    console.run("snapshot")
    _lose(console)
    assert console.run("snapshot").code == 0
    assert _told(console) == []


@pytest.mark.parametrize(
    ("variable", "is_told"),
    [
        ("CHATCASK_PRIVACY_QUIET_TITLES=true", True),
        ("CHATCASK_NOTIFICATIONS_DESKTOP=false", False),
        ("CHATCASK_NOTIFICATIONS_LOSSES=false", False),
    ],
)
def test_what_is_told_is_as_settled(console: Console, variable: str, is_told: bool) -> None:
    name, _, value = variable.partition("=")
    console.environment[name] = value
    console.run("snapshot", "--automatic")
    _lose(console)
    assert console.run("snapshot", "--automatic").code == 0
    told = _told(console)
    assert bool(told) is is_told
    assert not any("beacon" in line for line in told)


def test_a_failure_is_told_once_a_day_and_the_hook_hears_of_each(console: Console) -> None:
    hook = _script(console.home / "hook", f'cat >> "{console.home}/failures"')
    console.environment["CHATCASK_HOOKS_ON_FAILURE"] = json.dumps([str(hook)])
    assert console.run("snapshot", "--automatic").code == 0
    shutil.rmtree(console.store)
    console.store.write_text("no store")
    assert console.run("snapshot", "--automatic").code != 0
    assert "chatcask: chats could not be saved" in _told(console)
    assert console.run("snapshot", "--automatic").code != 0
    assert _told(console) == []
    failures = [json.loads(line) for line in (console.home / "failures").read_text().splitlines()]
    assert len(failures) == 2
    assert all(failure["message_type"] == "exit_error" for failure in failures)


def test_a_hook_that_fails_or_hangs_fails_nothing(console: Console) -> None:
    console.run("snapshot", "--automatic")
    hook = _script(console.home / "hook", "sleep 60 & sleep 60")
    console.environment |= {
        "CHATCASK_HOOKS_ON_ALARM": json.dumps([str(hook)]),
        "CHATCASK_HOOKS_TIME_LIMIT": "1s",
    }
    _lose(console)
    began = time.monotonic()
    outcome = console.run("snapshot", "--automatic")
    assert outcome.code == 0
    assert "hooks.on_alarm:" in outcome.err
    assert "was ended after 1 seconds" in outcome.err
    assert time.monotonic() - began < 50
    _script(hook, "exit 7")
    _lose(console, "lamp")
    outcome = console.run("snapshot", "--automatic")
    assert outcome.code == 0
    assert "ended with 7" in outcome.err
    hook.unlink()
    _lose(console, "fog")
    outcome = console.run("snapshot", "--automatic")
    assert outcome.code == 0
    assert "cannot be started" in outcome.err


def test_a_title_neither_marks_up_nor_hides(console: Console) -> None:
    path = next(console.editor.rglob(f"{fictional.session_id('retry')}.jsonl"))
    evil = "<b>\\u001b[31m--icon=/x $(id) \\u202e"
    path.write_bytes(path.read_bytes().replace(b"Retry for the beacon client", evil.encode()))
    console.run("snapshot", "--automatic")
    _lose(console)
    assert console.run("snapshot", "--automatic").code == 0
    told = "\n".join(_told(console))
    assert "\x1b" not in told
    assert "\u202e" not in told
    assert "<b>" not in told
    assert "&lt;b&gt;" in told
    assert "$(id)" in told


@pytest.mark.parametrize(("text", "length"), [("a" * 100, 10), ("", 10), ("a\nb", 10)])
def test_texts_are_one_short_line(text: str, length: int) -> None:
    assert len(short(text, length)) <= length
    assert "\n" not in short(text, length)


def test_each_kind_of_failure_has_its_own_day(tmp_path: Path) -> None:
    assert may_tell_failure(tmp_path, "damaged", START)
    assert not list(tmp_path.iterdir())
    (tmp_path / "automatic").mkdir()
    assert may_tell_failure(tmp_path, "damaged", START)
    assert may_tell_failure(tmp_path, "transport", START)
    assert not may_tell_failure(tmp_path, "damaged", START + timedelta(hours=23))
    assert may_tell_failure(tmp_path, "damaged", START + timedelta(hours=25))
    assert may_tell_failure(tmp_path, "transport", START - timedelta(days=3))
    assert may_tell_failure(None, "damaged", START)
    mark_seen(tmp_path, START)
    assert not may_tell_failure(tmp_path, "damaged", START + timedelta(hours=26))
    assert unseen_losses(tmp_path) is None
