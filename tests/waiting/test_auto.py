"""`chatcask auto` without systemd: a desktop entry, the waiting program, and nothing left behind."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chatcask.jobs import LOCKS_FOLDER, held_by, read_record
from chatcask_cli.demo import folder as fictional
from support.console import Console
from support.fake_editor import Machine, needs_linux
from support.waiter import until

pytestmark = needs_linux
START = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
def console(tmp_path: Path) -> Iterator[Console]:
    console = Console(tmp_path)
    fictional.build_folder(console.editor, START)
    yield console
    if (pid := _waiting(console)) is not None:
        os.kill(pid, signal.SIGTERM)
        until(lambda: _waiting(console) is None)


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    with Machine(tmp_path / "machine") as machine:
        yield machine


def _memory(console: Console) -> Path:
    return console.home / ".local" / "share" / "chatcask"


def _waiting(console: Console) -> int | None:
    return held_by(_memory(console) / LOCKS_FOLDER, "wait")


def _files(console: Console) -> set[str]:
    """All files of the user but what is derived from the store."""
    found = (path.relative_to(console.home) for path in console.home.rglob("*"))
    return {str(path) for path in found if path.parts[0] != ".cache"}


def test_on_saves_at_every_close_and_off_leaves_nothing(console: Console, machine: Machine) -> None:
    assert console.run("snapshot", "--quiet").code == 0  # what a store needs is made already
    before = _files(console)
    turned_on = console.run("auto", "on")
    assert turned_on.code == 0
    entry = console.home / ".config" / "autostart" / "chatcask.desktop"
    assert f"wrote {entry}" in turned_on.text
    assert str(console.store) in entry.read_text()
    until(lambda: _waiting(console) is not None)
    until(lambda: len(read_record(_memory(console)).runs) >= 2)
    pid = machine.start(f"--user-data-dir={console.editor}")
    (console.editor / "code.lock").write_text(str(pid))
    until(lambda: _follows(_waiting(console), pid))
    fictional.lose_chat(console.editor, fictional.session_id("retry"))
    machine.stop(pid)
    until(lambda: read_record(_memory(console)).runs[0].losses == 1)
    status = console.run("auto", "status", "--json").document
    assert (status["on"], status["kind"], status["alarming"]) == (True, "autostart", False)
    assert status["last_run"]["losses"] == 1
    assert [row["id"] for row in status["sources"]] == ["code"]
    assert "on, by autostart" in console.run("auto").text
    off = console.run("auto", "off")
    assert off.text.splitlines() == [f"removed {entry}"]
    until(lambda: not _program_runs(console))
    (console.editor / "code.lock").unlink()
    assert _files(console) - before <= {".config/autostart"}  # other programs' entries have their place there
    assert console.run("auto", "off").text == "it was not on\n"
    assert console.run("log", "--json").code == 0


def test_turning_on_again_leaves_one_that_waits(console: Console) -> None:
    assert console.run("auto", "on").code == 0
    until(lambda: _waiting(console) is not None)
    first = _waiting(console)
    assert console.run("auto", "on").code == 0
    until(lambda: _waiting(console) not in {None, first})
    refused = console.run("wait")
    assert refused.code == 11
    assert "wait.lock" in refused.err


def test_print_writes_nothing(console: Console) -> None:
    before = _files(console)
    shown = console.run("auto", "on", "--print")
    assert shown.code == 0
    assert "[Desktop Entry]" in shown.text
    document = console.run("auto", "on", "--print", "--json").document
    assert document["dry_run"] is True
    assert "Exec=" in document["files"][0]["content"]
    assert _files(console) == before
    assert _waiting(console) is None
    assert not console.store.exists()


def test_a_foreign_entry_is_refused_and_kept(console: Console) -> None:
    entry = console.home / ".config" / "autostart" / "chatcask.desktop"
    entry.parent.mkdir(parents=True)
    entry.write_text("[Desktop Entry]\nName=mine\n")
    refused = console.run("auto", "on")
    assert refused.code == 2
    assert str(entry) in refused.err
    assert console.run("auto", "off").text == "it was not on\n"
    assert entry.read_text() == "[Desktop Entry]\nName=mine\n"
    assert _waiting(console) is None


def test_an_editor_that_never_closes_is_alarming(console: Console, machine: Machine) -> None:
    memory = _memory(console) / LOCKS_FOLDER
    memory.mkdir(parents=True)
    row = {"id": "code", "name": "Visual Studio Code", "folder": "/x", "saved_at": "2026-06-01T12:00:00Z"}
    (memory / "runs.json").write_text(json.dumps({"runs": [], "saved": [row]}))
    pid = machine.start(f"--user-data-dir={console.editor}")
    (console.editor / "code.lock").write_text(str(pid))
    shown = console.run("auto", "status").text
    assert "saved 2026-06-01" in shown
    assert "runs now; close it once" in shown
    (source,) = console.run("auto", "status", "--json").document["sources"]
    assert (source["alarming"], source["running"]) == (True, True)


def test_status_of_one_who_saved_by_hand(console: Console) -> None:
    assert console.run("snapshot", "--quiet").code == 0
    status = console.run("auto", "status", "--json").document
    assert (status["on"], status["last_run"]) == (False, None)
    assert status["sources"][0]["alarming"] is False
    assert "off; 'chatcask auto on' turns it on" in console.run("auto").text


def _follows(waiting: int | None, pid: int) -> bool:
    for path in Path(f"/proc/{waiting}/fdinfo").iterdir():
        try:
            if f"Pid:\t{pid}\n" in path.read_text():
                return True
        except OSError:
            continue
    return False


def _program_runs(console: Console) -> bool:
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            text = path.read_bytes()
        except OSError:
            continue
        if b"chatcask_wait" in text and os.fsencode(console.home) in text:
            return True
    return False
