"""Proves by the system calls of a whole run that no chat path is touched while an editor runs."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from support.fake_editor import Machine, needs_linux, program
from support.short_folder import short_folder

pytestmark = [
    needs_linux,
    pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed"),
]

_PROGRAM = Path(__file__).parent.parent / "support" / "guarded_capture.py"
_GENUINE = Path(__file__).parent.parent / "data" / "genuine" / "User"
_TEXT = re.compile(r'"((?:[^"\\]|\\.)*)"')


@pytest.fixture
def machine() -> Iterator[Machine]:
    with short_folder() as folder, Machine(folder) as machine:
        shutil.copytree(_GENUINE, machine.default_dir / "User", dirs_exist_ok=True)
        (machine.home / "run").mkdir()
        yield machine


class Trace:
    """A run of the capturing program under strace."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._log = machine.folder / "trace"
        self.marker = machine.folder / "marker"
        self._process: subprocess.Popen[str] = subprocess.Popen(
            [
                *("strace", "-f", "-q", "-s", "4096", "-e", "trace=%file,connect,bind"),
                *("-o", str(self._log), sys.executable, str(_PROGRAM), str(machine.home), str(self.marker)),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def first_line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def finish(self) -> str:
        output, _ = self._process.communicate("\n", timeout=60)
        assert self._process.returncode == 0
        return output.strip()

    def calls(self) -> list[str]:
        """Return the lines of all system calls that name a path."""
        return self._log.read_text(errors="surrogateescape").splitlines()

    def touched(self, lines: list[str] | None = None) -> list[str]:
        """Return the calls that name a chat path; what a readlink gives back is no path it was asked for."""
        user = str(self._machine.default_dir / "User")
        found = []
        for line in self.calls() if lines is None else lines:
            texts = _TEXT.findall(line)
            if re.search(r"\breadlink(at)?\(", line):
                texts = texts[:1]
            if any(user in text for text in texts):
                found.append(line)
        return found


def _main_process(machine: Machine) -> None:
    # Programs that an extension installed in a chat folder run, too: looking beside them would be a touch.
    for name in ("beacon", "code"):
        machine.start(executable=program(machine.default_dir / "User/globalStorage/ada.beacon/bin" / name))
    machine.start("--type=renderer", f"--user-data-dir={machine.default_dir}")
    machine.start()


def _lock(machine: Machine) -> None:
    pid = machine.start(f"--user-data-dir={machine.folder}/other")
    (machine.default_dir / "code.lock").write_text(str(pid))


def _database(machine: Machine) -> None:
    with (machine.default_dir / "User/globalStorage/state.vscdb").open("rb") as file:
        machine.start("--type=utility", pass_fds=[file.fileno()])


@pytest.mark.parametrize("editor", [_main_process, _lock, _database])
def test_nothing_is_touched_while_an_editor_runs(machine: Machine, editor: Callable[[Machine], None]) -> None:
    editor(machine)
    trace = Trace(machine)
    assert trace.finish() == "refused"
    assert any(str(machine.default_dir) in line for line in trace.calls()), "the trace saw the program work"
    assert trace.touched() == []


def test_nothing_is_touched_while_a_socket_is_alive(machine: Machine) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
        server.bind(str(machine.default_dir / "1.13-main.sock"))
        server.listen(1)
        trace = Trace(machine)
        assert trace.finish() == "refused"
    assert any("connect(" in line and "1.13-main.sock" in line for line in trace.calls())
    assert trace.touched() == []


def test_the_same_detector_sees_a_capture_of_a_closed_editor(machine: Machine) -> None:
    trace = Trace(machine)
    assert trace.first_line() == "waiting"
    assert trace.finish() == "captured"
    touched = "\n".join(trace.touched())
    for name in ("chatSessions", "chatEditingSessions", "emptyWindowChatSessions", "state.vscdb"):
        assert name in touched
    assert not re.search(r"O_(WRONLY|RDWR|CREAT)", touched)
    assert not re.search(r"\b(unlink|rename|mkdir|utime\w*|chmod|truncate)(at)?\d?\(", touched)


def test_nothing_more_is_touched_once_an_editor_starts_meanwhile(machine: Machine) -> None:
    trace = Trace(machine)
    assert trace.first_line() == "waiting"
    before = len(trace.touched())
    machine.start()
    assert trace.finish() == "stopped"
    assert trace.marker.exists()
    assert before > 0
    assert len(trace.touched()) == before
