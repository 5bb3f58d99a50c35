"""The waiting program as a process of its own, with a command that notes how it was called."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from support.fake_editor import program

PROGRAM = Path(__file__).parent.parent.parent / "cli" / "chatcask_wait" / "__main__.py"


def until(is_so: Callable[[], object], seconds: float = 20.0) -> None:
    """Wait for something to be so; fail if it never is."""
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.005)


class Waiter:
    """A running waiting program, its folders, and the runs that it started."""

    def __init__(self, folder: Path, roots: Sequence[Path], *options: str, lasts: float = 0.0) -> None:
        self.folder = folder
        self._log = folder / "runs"
        self._code = program(folder / "code")
        self._editors: dict[Path, subprocess.Popen[bytes]] = {}
        note = folder / "note"
        note.write_text(
            f'#!/bin/sh\nlast=""\nfor last; do :; done\necho "$last" >> {self._log}\nsleep {lasts}\n'
        )
        note.chmod(0o755)
        named = [text for root in roots for text in ("--root", str(root))]
        self.process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(PROGRAM), *options, *named, "--", str(note), "all"],
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )

    def __enter__(self) -> Self:
        until(lambda: self.runs[:1] == ["all"] and (self._waits() or self.process.poll() is not None))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for editor in self._editors.values():
            editor.kill()
            editor.wait()
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()

    @property
    def runs(self) -> list[str]:
        """What was saved so far: folders, or `all`."""
        return self._log.read_text().splitlines() if self._log.exists() else []

    def count(self, root: Path) -> int:
        return self.runs.count(str(root))

    def status(self, name: str) -> int:
        """A number of the kernel's about the program, as `VmRSS`."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1])
        raise KeyError(name)

    def open(self, root: Path) -> None:
        """Start an editor on a folder, as editors do: the process first, then its lock."""
        root.mkdir(parents=True, exist_ok=True)
        self._editors[root] = subprocess.Popen([self._code], stdin=subprocess.DEVNULL)
        (root / "code.lock").write_text(str(self._editors[root].pid))

    def close(self, root: Path) -> None:
        """End it in good order: the lock goes before the process does."""
        (root / "code.lock").unlink()
        self.crash(root)

    def crash(self, root: Path) -> None:
        """Kill it; the lock stays."""
        editor = self._editors.pop(root)
        editor.kill()
        editor.wait()

    def followed(self) -> int:
        """How many processes it has a handle of, without those that it started."""
        links = []
        for path in Path(f"/proc/{self.process.pid}/fd").iterdir():
            try:
                links.append(os.readlink(path))
            except OSError:
                continue
        return sum("pidfd" in link for link in links) - self.started()

    def started(self) -> int:
        """How many commands that it started run now."""
        return len(psutil.Process(self.process.pid).children())

    def _waits(self) -> bool:
        """Tell whether it sleeps, and the run that it began with has ended."""
        sleeps = "(sleeping)" in Path(f"/proc/{self.process.pid}/status").read_text()
        return sleeps and not self.started()
