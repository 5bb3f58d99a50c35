"""Runs the command line as a process of its own, with a home folder of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.command_server import IS_POSSIBLE, command_server, plain_environment


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command left: exit code, standard output, standard error."""

    code: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        return self.out.decode()

    @property
    def document(self) -> dict[str, Any]:
        """The one JSON document on standard output."""
        (line,) = self.text.splitlines()
        document: dict[str, Any] = json.loads(line)
        assert document["schema_version"] == 1
        return document


class Console:
    """One user's shell: a home folder, an environment, a store."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self.home.mkdir(parents=True, exist_ok=True)
        self.store = folder / "store"
        self.editor = self.home / ".config" / "Code"
        self.environment = {
            **plain_environment(),
            "HOME": str(self.home),
            "USERPROFILE": str(self.home),
            "APPDATA": str(self.home / ".config"),
            "XDG_CONFIG_HOME": str(self.home / ".config"),
            "XDG_CACHE_HOME": str(self.home / ".cache"),
            "XDG_DATA_HOME": str(self.home / ".local" / "share"),
            "CHATCASK_STORE": str(self.store),
        }

    def command(self, *arguments: str | Path) -> list[str]:
        return [sys.executable, "-m", "chatcask_cli", *map(str, arguments)]

    def run(self, *arguments: str | Path, **environment: str) -> Outcome:
        """Run a command in a fork that spares the imports, or afresh if Python is told something."""
        if IS_POSSIBLE and environment.keys() <= {"CHATCASK_STORE"}:
            server = command_server()
            code, out, err = server.run(
                [str(argument) for argument in arguments],
                {**self.environment, **environment},
                self.home,
                timeout=120,
            )
            return _outcome(code, out, err)
        return self.run_afresh(*arguments, **environment)

    def run_afresh(self, *arguments: str | Path, **environment: str) -> Outcome:
        """Run a command as a user does: by starting Python."""
        done = subprocess.run(
            self.command(*arguments),
            env={**self.environment, **environment},
            cwd=self.home,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=120,
            check=False,
        )
        return _outcome(done.returncode, done.stdout, done.stderr)


def _outcome(code: int, out: bytes, err: bytes) -> Outcome:
    outcome = Outcome(code, out, err.decode())
    assert "Traceback" not in outcome.err, outcome.err
    return outcome
