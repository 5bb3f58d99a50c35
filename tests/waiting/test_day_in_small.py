"""A day in small: three editors open and close beside `chatcask wait`, and the system calls are looked at."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chatcask.jobs import read_record
from chatcask_cli.demo import folder as fictional
from support.close_cycles import EDITORS, close_again_and_again
from support.console import Console
from support.fake_editor import Machine, needs_linux
from support.waiter import until

pytestmark = [needs_linux, pytest.mark.slow]
START = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)


def test_each_closing_is_followed_by_a_snapshot_of_the_last_state(tmp_path: Path) -> None:
    assert len(close_again_and_again(tmp_path, 4)) == 12


class _Day:
    """Editors that open and close, and when each was open."""

    def __init__(self, console: Console, machine: Machine) -> None:
        self.console = console
        self.machine = machine
        self.open: dict[str, list[tuple[float, float]]] = {name: [] for name in EDITORS.values()}
        self._running: dict[str, tuple[int, float]] = {}

    def folder(self, name: str) -> Path:
        return self.console.home / ".config" / name

    def begin(self, name: str) -> None:
        self.rest()
        opened = time.time()
        pid = self.machine.start(f"--user-data-dir={self.folder(name)}")
        (self.folder(name) / "code.lock").write_text(str(pid))
        self._running[name] = (pid, opened)

    def end(self, name: str, *, crash: bool = False) -> None:
        pid, opened = self._running.pop(name)
        if not crash:
            (self.folder(name) / "code.lock").unlink()
        self.rest()
        self.open[name].append((opened, time.time()))
        runs = len(self.runs())
        self.machine.stop(pid)
        until(lambda: len(self.runs()) > runs, 60)

    def runs(self) -> tuple[object, ...]:
        return read_record(self.console.home / ".local" / "share" / "chatcask").runs

    def rest(self) -> None:
        """Wait until nothing is being saved: a run that is under way may have had its last look."""
        until(lambda: not self._saves(), 60)

    def _saves(self) -> bool:
        mark = str(self.console.store).encode()
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                words = path.read_bytes().split(b"\0")
            except OSError:
                continue
            if mark in words and b"--automatic" in words and b"--root" not in words:
                return True
        return False


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_no_chat_is_touched_while_its_editor_runs(tmp_path: Path) -> None:
    console, log = Console(tmp_path), tmp_path / "trace"
    for name in EDITORS.values():
        fictional.build_folder(console.home / ".config" / name, START)
    traced = ("strace", "-f", "-q", "-ttt", "-s", "4096", "-e", "trace=%file", "-o", str(log))
    waiting = subprocess.Popen([*traced, *console.command("wait", "--quiet")], env=console.environment)
    try:
        with Machine(tmp_path / "machine") as machine:
            day = _Day(console, machine)
            until(lambda: len(day.runs()) == 1, 60)
            for name in ("Code", "Cursor", "VSCodium"):
                day.begin(name)
            day.end("Cursor")
            day.end("Code", crash=True)
            day.begin("Cursor")
            (day.folder("Code") / "code.lock").unlink()
            day.end("VSCodium")
            day.end("Cursor")
            day.rest()
    finally:
        subprocess.run(["pkill", "-TERM", "-P", str(waiting.pid)], check=False)
        waiting.wait(timeout=60)
    lines = log.read_text(errors="replace").splitlines()
    waiter = lines[0].split()[0]
    seen = dict.fromkeys(EDITORS.values(), 0)
    for line in lines:
        pid, moment, call = line.split(maxsplit=2)
        for name in seen:
            if re.search(rf'"{re.escape(str(day.folder(name)))}/User', call):
                seen[name] += 1
                assert pid != waiter, line
                inside = [span for span in day.open[name] if span[0] <= float(moment) <= span[1]]
                assert not inside, line
    assert all(count > 20 for count in seen.values()), seen
