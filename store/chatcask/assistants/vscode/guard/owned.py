"""What a process was told: its options and script, its home, and folders as whole paths."""

from __future__ import annotations

import ntpath
import os
import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from chatcask.assistants.base import Platform
from chatcask.assistants.vscode.guard.processes import Process


@dataclass(frozen=True, slots=True)
class Owner:
    """The folders a process may own.

    Attributes:
        folders: The folders it was told to use, or those it uses when told nothing.
        certain: False if it may own any other folder as well, because too little could be read.
        relative: Folders it was told by a path whose beginning is not known.
    """

    folders: tuple[str, ...]
    certain: bool = True
    relative: tuple[str, ...] = ()


def platform_of(process: Process, platform: Platform) -> Platform:
    """Return the platform as the process sees it, so far as its environment can be read."""
    environment = process.environment
    if environment is not None:
        variable = "USERPROFILE" if platform.family == "windows" else "HOME"
        return replace(
            platform, home=Path(environment.get(variable) or platform.home), environment=environment
        )
    if _foreign(process):
        return replace(platform, home=_home_of(process, platform.home), environment={})
    return platform


def _foreign(process: Process) -> bool:
    """Tell whether another user runs the process."""
    return process.user is not None and hasattr(os, "getuid") and process.user != os.getuid()


def _home_of(process: Process, default: Path) -> Path:
    """Return the home folder of the user who runs a process."""
    try:
        import pwd  # noqa: PLC0415 - there is none on Windows
    except ImportError:
        return default
    try:
        return Path(pwd.getpwuid(-1 if process.user is None else process.user).pw_dir)
    except KeyError:
        return default


def absolute(found: Owner, process: Process, platform: Platform) -> Owner:
    """Return the owner with its relative folders resolved against its working directory, if that is known."""
    path = ntpath if platform.family == "windows" else posixpath
    whole: list[str] = []
    relative: list[str] = []
    for folder in found.folders:
        if path.isabs(folder):
            whole.append(folder)
        elif process.folder is not None:
            whole.append(path.join(process.folder, folder))
        else:
            relative.append(folder)
    return Owner(tuple(dict.fromkeys(whole)), found.certain, tuple(relative))


def option(arguments: Iterable[str], name: str) -> Iterator[str]:
    """Yield the values given to an option, as `--name=value` and as `--name value`."""
    awaited = False
    for argument in arguments:
        if awaited and argument:
            yield argument
        awaited = argument == name
        if argument.startswith(name + "=") and len(argument) > len(name) + 1:
            yield argument[len(name) + 1 :]


def script_among(arguments: tuple[str, ...], pattern: re.Pattern[str]) -> str:
    """Return the argument that names a script of this pattern, or ""."""
    return next((argument for argument in arguments[1:] if pattern.search(argument)), "")
