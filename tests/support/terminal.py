"""Runs a command on a terminal of its own, as a person would."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Screen:
    """What a command left on its terminal, and its exit code."""

    code: int
    text: str


def on_terminal(command: Sequence[str], environment: Mapping[str, str], folder: Path) -> Screen:
    """Run a command whose standard streams are a terminal; POSIX only."""
    import pty

    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, env=dict(environment), cwd=folder
    )
    os.close(theirs)
    shown = bytearray()
    try:
        while piece := os.read(ours, 65536):
            shown += piece
    except OSError:  # Linux says so when the last program has let go of the terminal
        pass
    os.close(ours)
    code = process.wait(60)
    text = shown.decode().replace("\r\n", "\n")
    assert "Traceback" not in text, text
    return Screen(code, text)
