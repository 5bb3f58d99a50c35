"""What a system is given so that it starts something by itself: files, and commands that tell of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

Command: TypeAlias = tuple[str, ...]
"""A program and its arguments."""

MARK = "chatcask-job"
"""Stands in every file of ours; one of the same name without it is somebody else's and is left alone."""

REMARK = f"{MARK}: written by chatcask for this user; it is written anew and removed by chatcask alone"


@dataclass(frozen=True, slots=True)
class JobFile:
    """One file: where it lies and what it holds."""

    path: Path
    content: bytes

    @property
    def text(self) -> str:
        """The content as people read it."""
        encoding = "utf-16" if self.content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"
        return self.content.decode(encoding, "replace")


@dataclass(frozen=True, slots=True)
class Work:
    """What is to be started, as commands with absolute paths.

    Attributes:
        saving: Saves the chats of every closed editor and ends.
        waiting: Waits for editors to close and saves then; lives until it is told to end.
        following: By a source's id, its folder, and what waits until its editor closes, saves, and ends.
    """

    saving: Command
    waiting: Command
    following: Mapping[str, tuple[Path, Command]]


@dataclass(frozen=True, slots=True)
class Jobs:
    """Everything that one system needs.

    Attributes:
        kind: `systemd`, `autostart`, `launchd` or `task-scheduler`.
        files: The files, all of them marked.
        on: Commands to run when the files are there.
        off: Given the files that are there, commands to run before they are removed; that one fails means
            that nothing was on.
        afterwards: Likewise, commands to run when they are gone.
        pattern: How names of our files in their folders look.
    """

    kind: str
    files: tuple[JobFile, ...]
    on: tuple[Command, ...]
    off: Callable[[Sequence[Path]], tuple[Command, ...]]
    afterwards: Callable[[Sequence[Path]], tuple[Command, ...]]
    pattern: str


def nothing(_: Sequence[Path]) -> tuple[Command, ...]:
    """Return no commands, where none are needed."""
    return ()


def is_ours(content: bytes) -> bool:
    """Tell whether a file's content carries our mark, in either encoding that such files have."""
    return MARK.encode() in content or MARK.encode("utf-16-le") in content


def unit_name(source: str) -> str:
    """Return a source's id as a part of a file name that every system takes."""
    return "".join(letter if letter.isalnum() and letter.isascii() else "-" for letter in source)
