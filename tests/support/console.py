"""Runs the command line as a process of its own, with a home folder of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOTS = [str(Path(__file__).parent.parent.parent / name) for name in ("store", "cli")]


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
        keep = {
            name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "TEMP", "TMP") if name in os.environ
        }
        self.environment = {
            **keep,
            "HOME": str(self.home),
            "USERPROFILE": str(self.home),
            "APPDATA": str(self.home / ".config"),
            "XDG_CONFIG_HOME": str(self.home / ".config"),
            "XDG_CACHE_HOME": str(self.home / ".cache"),
            "XDG_DATA_HOME": str(self.home / ".local" / "share"),
            "CHATCASK_STORE": str(self.store),
            "PYTHONPATH": os.pathsep.join(ROOTS),
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    def command(self, *arguments: str | Path) -> list[str]:
        return [sys.executable, "-m", "chatcask_cli", *map(str, arguments)]

    def run(self, *arguments: str | Path, **environment: str) -> Outcome:
        done = subprocess.run(
            self.command(*arguments),
            env={**self.environment, **environment},
            cwd=self.home,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=120,
            check=False,
        )
        outcome = Outcome(done.returncode, done.stdout, done.stderr.decode())
        assert "Traceback" not in outcome.err, outcome.err
        return outcome
