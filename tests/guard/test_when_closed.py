"""`snapshot --when-closed` waits for the editor's process to end and touches no chat before."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest

from chatcask.advice import Advice, AdviceCode
from chatcask.assistants.closing import wait_until_closed
from chatcask.errors import EditorRunningError
from chatcask.jobs import read_record
from chatcask_cli.demo import folder as fictional
from support.console import Console
from support.fake_editor import Machine, needs_linux
from support.waiter import until

START = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    with Machine(tmp_path / "machine") as machine:
        yield machine


def _opened(console: Console, machine: Machine) -> int:
    pid = machine.start(f"--user-data-dir={console.editor}")
    (console.editor / "code.lock").write_text(str(pid))
    return pid


@needs_linux
@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_it_saves_after_the_end_and_touches_nothing_before(
    console: Console, machine: Machine, tmp_path: Path
) -> None:
    pid, log = _opened(console, machine), tmp_path / "trace"
    traced = ("strace", "-f", "-q", "-ttt", "-s", "4096", "-e", "trace=%file,pidfd_open", "-o", str(log))
    waiting = subprocess.Popen(
        [*traced, *console.command("snapshot", "--quiet", "--when-closed=60")],
        env=console.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    while f"pidfd_open({pid}" not in (log.read_text(errors="replace") if log.exists() else ""):
        time.sleep(0.05)
    (console.editor / "code.lock").unlink()  # as editors do, before their process ends
    time.sleep(0.3)
    ended = time.time()
    machine.stop(pid)
    output, _ = waiting.communicate(timeout=60)
    assert (waiting.returncode, output) == (0, b"")
    touched = [
        float(line.split()[1])
        for line in log.read_text(errors="replace").splitlines()
        if re.search(rf'"{re.escape(str(console.editor))}/User', line)
    ]
    assert touched
    assert min(touched) > ended


@needs_linux
def test_the_wait_is_bounded(console: Console, machine: Machine) -> None:
    pid = _opened(console, machine)
    waited = console.run("snapshot", "--when-closed=0.2")
    assert waited.code == 13
    assert f"process {pid}" in waited.err.splitlines()[0]
    assert not console.store.exists()


@needs_linux
def test_if_closed_is_silent_while_every_editor_runs(console: Console, machine: Machine) -> None:
    pid = _opened(console, machine)
    silent = console.run("snapshot", "--if-closed")
    assert (silent.code, silent.out, silent.err) == (0, b"", "")
    other = console.home / ".config" / "Cursor"
    fictional.build_folder(other, START)
    partly = console.run("snapshot", "--if-closed", "--quiet")
    assert (partly.code, partly.out, partly.err) == (0, b"", "")
    assert [row["path"] for row in console.run("ls", "--json").document["entries"]] == ["cursor"]
    machine.stop(pid)
    assert console.run("snapshot", "--if-closed", "--quiet").code == 0
    assert len(console.run("ls", "--json").document["entries"]) == 2


def test_quiet_is_quiet_from_the_first_run_on(console: Console) -> None:
    for _ in range(2):
        done = console.run("snapshot", "--quiet")
        assert (done.code, done.out, done.err) == (0, b"", "")
    fictional.lose_chat(console.editor, fictional.session_id("retry"))
    done = console.run("snapshot", "--quiet")
    assert (done.code, done.out, done.err) == (0, b"", "")


@needs_linux
def test_a_run_by_itself_is_recorded(console: Console, machine: Machine) -> None:
    memory = console.home / ".local" / "share" / "chatcask"
    options = ("snapshot", "--automatic", "--quiet", "--skip-unchanged", "--if-closed")
    assert console.run(*options).code == 0
    assert console.run(*options).code == 0
    again, first = read_record(memory).runs
    assert (first.command, first.exit_code, first.losses, first.message) == ("snapshot", 0, 0, "")
    assert (first.snapshot is None, again.snapshot) == (False, None)
    saved_at = read_record(memory).saved["code"].saved_at
    assert saved_at is not None
    assert saved_at > first.ended
    _opened(console, machine)
    assert console.run(*options).code == 0
    record = read_record(memory)
    assert record.runs[0].sources[0].reason == "running"
    assert record.saved["code"].saved_at == saved_at


def test_a_run_by_itself_without_any_editor_has_nothing_to_do(tmp_path: Path) -> None:
    console = Console(tmp_path)
    done = console.run("snapshot", "--automatic", "--quiet", "--if-closed")
    assert (done.code, done.err) == (0, "")
    assert console.run("snapshot", "--quiet", "--if-closed").code == 15


@needs_linux
def test_a_run_without_a_console_saves(console: Console) -> None:
    """As `pythonw` starts it: there is neither standard output nor standard error."""
    command = console.command("snapshot", "--automatic", "--if-closed")
    bare = ["/bin/sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh", *command]
    assert subprocess.run(bare, env=console.environment, check=False).returncode == 0
    assert read_record(console.home / ".local" / "share" / "chatcask").runs[0].snapshot


def test_a_run_by_itself_that_fails_is_recorded_and_fails(console: Console) -> None:
    console.store.mkdir()
    (console.store / "something").touch()
    assert console.run("snapshot", "--automatic", "--quiet", "--if-closed").code == 2
    (run,) = read_record(console.home / ".local" / "share" / "chatcask").runs
    assert run.exit_code == 2
    assert str(console.store) in run.message


def test_two_runs_by_themselves_do_not_work_at_one_source_at_once(console: Console) -> None:
    """While somebody holds the source's lock the run waits; then it saves."""
    from chatcask.jobs import LOCKS_FOLDER, alone

    memory = console.home / ".local" / "share" / "chatcask"
    outcomes = []
    waiting = threading.Thread(
        target=lambda: outcomes.append(console.run("snapshot", "--automatic", "--quiet", "--if-closed"))
    )
    with alone(memory / LOCKS_FOLDER, ["code"], 0):
        waiting.start()
        time.sleep(1.5)
        assert not console.store.exists()
        assert not outcomes
    waiting.join()
    assert outcomes[0].code == 0
    assert console.store.exists()


def _held(pid: int) -> list[str]:
    try:
        return [os.readlink(path) for path in Path(f"/proc/{pid}/fd").iterdir()]
    except OSError:
        return []


class _Guard:
    """Says that an editor runs as long as it has processes."""

    def __init__(self, *pids: int | None, code: AdviceCode = AdviceCode.CLOSE_EDITOR) -> None:
        self.pids = list(pids)
        self.code = code

    def require_closed(self, source: object) -> None:
        if self.pids:
            raise EditorRunningError(
                "it runs",
                product="code",
                user_data_dir=Path("/fictional"),
                reason="process",
                pid=self.pids[0],
                advice=Advice(self.code),
            )

    running = watch = require_closed


def _wait(guard: _Guard, seconds: float = 10.0) -> list[tuple[str, object]]:
    seen: list[tuple[str, object]] = []
    now = [0.0]

    def wait(pid: int, left: float) -> None:
        seen.append(("wait", pid))
        now[0] += 1
        guard.pids.pop(0)

    def sleep(pause: float) -> None:
        seen.append(("sleep", pause))
        now[0] += pause
        if guard.pids and guard.pids[0] is None and pause >= 1:
            guard.pids.pop(0)

    source = cast(Any, None)
    watcher = cast(Any, guard)
    wait_until_closed(
        watcher, [source], seconds, lambda _: None, wait=wait, sleep=sleep, clock=lambda: now[0]
    )
    return seen


def test_one_process_after_the_other_is_waited_for() -> None:
    assert [step for step in _wait(_Guard(7, 8, None)) if step != ("sleep", 0.02)] == [
        ("wait", 7),
        ("wait", 8),
        ("sleep", 1.0),
    ]


def test_the_time_is_for_all_waits_together() -> None:
    assert [step for step, _ in _wait(_Guard(*range(1, 20)), seconds=3.0)].count("wait") == 3


def test_a_terminal_inside_the_editor_is_told_so_at_once() -> None:
    with pytest.raises(EditorRunningError):
        _wait(_Guard(7, code=AdviceCode.CLOSE_OUTER_EDITOR))


@needs_linux
def test_a_run_that_ends_after_all_was_turned_off_leaves_nothing(console: Console) -> None:
    from chatcask.jobs import LOCKS_FOLDER, alone, remove_record

    memory = console.home / ".local" / "share" / "chatcask"
    command = console.command("snapshot", "--automatic", "--quiet", "--if-closed")
    with alone(memory / LOCKS_FOLDER, ["code"], 0):
        running = subprocess.Popen(command, env=console.environment)
        until(lambda: str(memory / LOCKS_FOLDER / "code.lock") in _held(running.pid), 60)
        remove_record(memory)
        assert not (memory / LOCKS_FOLDER).exists()
    assert running.wait(timeout=60) == 0
    assert not (memory / LOCKS_FOLDER).exists()
