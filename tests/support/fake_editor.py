"""Real child processes that stand for editors: a tiny program, installed and started as editors are."""

from __future__ import annotations

import json
import os
import platform
import struct
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

from chatcask.assistants.base import Platform, Source
from chatcask.assistants.vscode.guard.machine_guard import MachineGuard
from chatcask.assistants.vscode.places.locate import source_for

# Machine code that waits for ever, whatever its arguments are.
_CODE = {
    "x86_64": bytes.fromhex("b822000000 0f05 ebf7"),  # again: pause(); goto again
    "aarch64": struct.pack(
        "<7I", 0xD2800000, 0xD2800001, 0xD2800002, 0xD2800003, 0xD2800928, 0xD4000001, 0x17FFFFFA
    ),  # again: ppoll(0, 0, 0, 0); goto again
}
_MACHINES = {"x86_64": 62, "aarch64": 183}

needs_linux = pytest.mark.skipif(
    not sys.platform.startswith("linux") or platform.machine() not in _CODE,
    reason="the waiting program is a Linux program",
)


def waiting_program() -> bytes:
    """Return a static program that ignores its arguments and waits."""
    code = _CODE[platform.machine()]
    base, header = 0x400000, 64 + 56
    size = header + len(code)
    identity = b"\x7fELF\x02\x01\x01" + bytes(9)
    elf = identity + struct.pack(
        "<HHIQQQIHHHHHH", 2, _MACHINES[platform.machine()], 1, base + header, 64, 0, 0, 64, 56, 1, 0, 0, 0
    )
    load = struct.pack("<IIQQQQQQ", 1, 5, 0, base, base, size, size, 0x1000)
    return elf + load + code


def program(path: Path) -> Path:
    """Write the waiting program to a path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(waiting_program())
    path.chmod(0o755)
    return path


def install(folder: Path, executable: str = "code", name_short: str = "Code") -> Path:
    """Install a fake editor as its package would, and return its program."""
    application = folder / "resources" / "app"
    application.mkdir(parents=True)
    product = {"nameShort": name_short, "applicationName": executable, "dataFolderName": ".vscode"}
    (application / "product.json").write_text(json.dumps(product))
    (folder / "chrome-sandbox").touch()
    return program(folder / executable)


class Machine:
    """A home folder, an installed editor, and the processes started so far."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = folder / "home" / "ada"
        self.default_dir = self.home / ".config" / "Code"
        (self.default_dir / "User").mkdir(parents=True)
        self.code = install(folder / "usr" / "share" / "code")
        self.platform = Platform("linux", self.home, {"HOME": str(self.home)})
        self.processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self.processes:
            process.kill()
            process.wait()

    def source(self, folder: Path | None = None) -> Source:
        """Return a source, by default that of the default folder."""
        return source_for(folder or self.default_dir, None, self.platform)

    def guard(self) -> MachineGuard:
        """Return a real guard on the real process table."""
        return MachineGuard(self.platform)

    def start(
        self,
        *arguments: str,
        executable: Path | None = None,
        argv0: str | None = None,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
        pass_fds: Sequence[int] = (),
    ) -> int:
        """Start a process and return its number; it has its program and arguments when this returns."""
        path = str(executable or self.code)
        process = subprocess.Popen(
            [path if argv0 is None else argv0, *arguments],
            executable=path,
            env={"HOME": str(self.home), **(environment or {})},
            cwd=folder or self.folder,
            stdin=subprocess.DEVNULL,
            pass_fds=pass_fds,
        )
        self.processes.append(process)
        return process.pid

    def stop(self, pid: int) -> None:
        """Kill one process and wait until it is gone."""
        process = next(p for p in self.processes if p.pid == pid)
        process.kill()
        process.wait()


def dead_pid() -> int:
    """Return the number of a process that is no more."""
    process = subprocess.Popen([sys.executable, "-I", "-S", "-c", ""])
    process.wait()
    return process.pid


def new_dir(folder: Path) -> Path:
    """Make a user-data folder with a User folder in it."""
    os.makedirs(folder / "User")
    return folder
