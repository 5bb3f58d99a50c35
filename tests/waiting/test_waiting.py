"""The waiting program with real processes: every end of an editor starts a run, and nothing else does."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from support.fake_editor import dead_pid, needs_linux
from support.waiter import PROGRAM, Waiter, until

pytestmark = needs_linux


@pytest.mark.parametrize("end", ["close", "crash"])
def test_an_end_starts_one_run_of_that_folder(tmp_path: Path, end: str) -> None:
    code, other = tmp_path / "cfg" / "Code", tmp_path / "cfg" / "Cursor"
    code.mkdir(parents=True)
    with Waiter(tmp_path, [code, other]) as waiter:
        waiter.open(code)
        until(lambda: waiter.followed() == 1)
        assert waiter.runs == ["all"]
        getattr(waiter, end)(code)
        until(lambda: waiter.count(code))
        time.sleep(0.2)
        assert waiter.runs == ["all", str(code)]


def test_an_editor_that_ran_before_is_followed_too(tmp_path: Path) -> None:
    code = tmp_path / "Code"
    code.mkdir()
    editor = subprocess.Popen(["sleep", "60"])
    (code / "code.lock").write_text(str(editor.pid))
    with Waiter(tmp_path, [code]) as waiter:
        editor.kill()
        editor.wait()
        until(lambda: waiter.count(code) == 1)


def test_each_of_twenty_ends_is_followed_by_a_run(tmp_path: Path) -> None:
    code = tmp_path / "Code"
    code.mkdir()
    with Waiter(tmp_path, [code]) as waiter:
        for number in range(20):
            before = waiter.count(code)
            waiter.open(code)
            (waiter.crash if number % 3 == 2 else waiter.close)(code)
            until(lambda before=before: waiter.count(code) > before)  # type: ignore[misc]


def test_ends_during_a_run_lead_to_one_more(tmp_path: Path) -> None:
    code = tmp_path / "Code"
    code.mkdir()
    with Waiter(tmp_path, [code], lasts=0.6) as waiter:
        for _ in range(6):
            waiter.open(code)
            waiter.close(code)
        until(lambda: waiter.count(code) == 2)
        time.sleep(1.5)
        assert waiter.count(code) == 2


def test_several_folders_do_not_wait_for_each_other(tmp_path: Path) -> None:
    roots = [tmp_path / name for name in ("Code", "Cursor", "VSCodium")]
    for root in roots:
        root.mkdir()
    with Waiter(tmp_path, roots, lasts=1.0) as waiter:
        for root in roots:
            waiter.open(root)
        began = time.monotonic()
        for root in roots:
            waiter.close(root)
        until(lambda: all(waiter.count(root) for root in roots))
        assert time.monotonic() - began < 1.0


def test_a_folder_that_is_made_later_is_noticed(tmp_path: Path) -> None:
    root = tmp_path / "home" / ".var" / "app" / "com.example" / "config" / "Code"
    with Waiter(tmp_path, [root]) as waiter:
        waiter.open(root)
        until(lambda: waiter.followed() == 1)
        waiter.close(root)
        until(lambda: waiter.count(root) == 1)
        until(lambda: waiter.followed() == 0)
        shutil.move(root, tmp_path / "elsewhere")
        time.sleep(0.2)
        waiter.open(root)
        until(lambda: waiter.followed() == 1)
        waiter.crash(root)
        until(lambda: waiter.count(root) == 2)


def test_a_stale_lock_is_nobodys(tmp_path: Path) -> None:
    code = tmp_path / "Code"
    code.mkdir()
    (code / "code.lock").write_text(str(dead_pid()))
    with Waiter(tmp_path, [code]) as waiter:
        until(lambda: waiter.followed() == 0)
        waiter.open(code)
        until(lambda: waiter.followed() == 1)
        waiter.close(code)
        until(lambda: waiter.count(code) == 1)


@pytest.mark.parametrize("content", ["", "x", "9" * 40, "0", "-1", "99999999999"])
def test_a_lock_without_a_process_does_no_harm(tmp_path: Path, content: str) -> None:
    code = tmp_path / "Code"
    code.mkdir()
    with Waiter(tmp_path, [code]) as waiter:
        (code / "code.lock").write_text(content)
        waiter.open(code)
        until(lambda: waiter.followed() == 1)
        waiter.close(code)
        until(lambda: waiter.count(code))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_it_ends_cleanly_when_told_to(tmp_path: Path, number: signal.Signals) -> None:
    with Waiter(tmp_path, [tmp_path]) as waiter:
        waiter.process.send_signal(number)
        assert waiter.process.wait(timeout=10) == 0
        assert waiter.process.stderr is not None
        assert waiter.process.stderr.read() == b""


def test_it_sleeps_while_nothing_happens_and_is_small(tmp_path: Path) -> None:
    roots = [tmp_path / name for name in ("Code", "Cursor", "later")]
    for root in roots[:2]:
        root.mkdir()
    with Waiter(tmp_path, roots, "--every", "3600") as waiter:
        waiter.open(roots[0])
        until(lambda: waiter.followed() == 1)
        time.sleep(0.2)
        before = waiter.status("voluntary_ctxt_switches")
        (roots[0] / "User" / "chatSessions").mkdir(parents=True)
        (roots[0] / "User" / "chatSessions" / "chat.jsonl").write_text("{}\n")
        time.sleep(3)
        assert waiter.status("voluntary_ctxt_switches") == before + 0
        assert waiter.status("VmRSS") < 10_240
        held = [path.readlink() for path in Path(f"/proc/{waiter.process.pid}/fd").iterdir()]
        assert not [path for path in held if str(path).startswith(str(tmp_path / "Code"))]


def test_it_saves_anyway_every_so_often(tmp_path: Path) -> None:
    with Waiter(tmp_path, [tmp_path], "--every", "0.3") as waiter:
        until(lambda: waiter.count(Path("all")) >= 3)


def test_named_folders_are_saved_alone(tmp_path: Path) -> None:
    code, waiter = tmp_path / "Code", None
    code.mkdir()
    waiter = Waiter(tmp_path, [code], "--each")
    until(lambda: waiter.runs == [str(code)])
    waiter.__exit__(None, None, None)


def test_who_waits_once_ends_with_the_command(tmp_path: Path) -> None:
    code = tmp_path / "Code"
    waiter = Waiter(tmp_path, [code], "--once", lasts=1.0)
    until(lambda: waiter.runs == [str(code)])
    waiter.open(code)  # while the command runs
    until(lambda: waiter.followed() == 1)
    until(lambda: not waiter.started())
    time.sleep(0.2)
    assert waiter.process.poll() is None
    waiter.crash(code)
    assert waiter.process.wait(timeout=10) == 0
    assert waiter.runs == [str(code)] * 2
    waiter.__exit__(None, None, None)


def test_who_waits_once_tells_how_the_command_ended(tmp_path: Path) -> None:
    command = [sys.executable, "-I", "-S", PROGRAM, "--once", "--root", tmp_path, "--", "/bin/sh", "-c"]
    assert subprocess.run([*command, "exit 14"], check=False).returncode == 14
    assert subprocess.run([*command, "kill -9 $$"], check=False).returncode == 137


def test_a_command_that_cannot_be_started_is_said_and_survived(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", PROGRAM, "--root", tmp_path, "--", tmp_path / "nothing"],
        stderr=subprocess.PIPE,
    )
    assert process.stderr is not None
    assert b"cannot start" in process.stderr.readline()
    process.terminate()
    assert process.wait(timeout=10) == 0
    process.stderr.close()


def test_a_wrong_command_line_is_said() -> None:
    done = subprocess.run([sys.executable, "-I", "-S", PROGRAM, "--every"], capture_output=True, check=False)
    assert done.returncode == 2
    assert b"usage" in done.stderr


def test_it_imports_nothing_that_could_read_a_chat() -> None:
    for path in PROGRAM.parent.glob("*.py"):
        named = re.findall(r"^\s*(?:from|import) (\S+)", path.read_text(), re.MULTILINE)
        roots = {name.partition(".")[0] for name in named}
        assert roots <= sys.stdlib_module_names | {"chatcask_wait"}, path
