"""A file in the editor that a person has chosen for their terminal."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

_USUAL = ("sensible-editor", "nano", "vim", "vi", "notepad")


def edit_file(path: Path, variables: Mapping[str, str]) -> None:
    """Open a file in `$VISUAL`, else `$EDITOR`, else an editor that is usual; return when it is closed.

    Raises:
        OSError: none can be started, or it failed.
    """
    chosen = variables.get("VISUAL") or variables.get("EDITOR")
    command = _words(chosen) if chosen else [_usual()]
    done = subprocess.run([*command, str(path)], check=False)
    if done.returncode:
        raise OSError(f"{command[0]} ended with {done.returncode}")


def _words(chosen: str) -> list[str]:
    """Return a command line as its words; one that names a program is that program, blanks and all."""
    if shutil.which(chosen):
        return [chosen]
    try:
        words = shlex.split(chosen, posix=os.name != "nt")
    except ValueError as error:
        raise OSError(f"{chosen!r} is no command: {error}") from error
    if not words:
        raise OSError(f"{chosen!r} is no command")
    return words


def _usual() -> str:
    for name in _USUAL:
        if shutil.which(name):
            return name
    raise OSError("none is installed that is known")
