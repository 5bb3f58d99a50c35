"""Put jobs where the system finds them, and take them away again; nothing that is not marked is touched."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from chatcask.advice import Advice, AdviceCode
from chatcask.disk.durable import make_folder, sync_folder
from chatcask.disk.new_file import new_file
from chatcask.errors import InvalidInputError, JobError
from chatcask.jobs.job import Command, JobFile, Jobs, is_ours


@dataclass(frozen=True, slots=True)
class Done:
    """What a command came to: its exit code, and what it said."""

    code: int
    said: str


Runner = Callable[[Command], Done]
"""Runs a command of the system, to its end."""


def installed(jobs: Jobs) -> list[Path]:
    """Return the files of ours that are there, also such as these jobs no longer have."""
    folders = dict.fromkeys(file.path.parent for file in jobs.files)
    found: set[Path] = set()
    for folder in folders:
        with suppress(OSError):
            found.update(path for path in folder.glob(jobs.pattern) if _holds_ours(path))
    return sorted(found)


def missing(jobs: Jobs) -> list[JobFile]:
    """Return the files that are not there as they ought to be."""
    return [file for file in jobs.files if _content(file.path) != file.content]


def install(jobs: Jobs, run: Runner) -> None:
    """Install jobs in the place of what is installed; when the system refuses, nothing of them stays.

    Raises:
        InvalidInputError: a file of the same name is somebody else's; nothing was changed.
        JobError: the system refused.
        TransportError: a file cannot be written.
    """
    for file in jobs.files:
        content = _content(file.path)
        if content is not None and not is_ours(content):
            raise InvalidInputError(
                f"{file.path} is there already and is none of chatcask's",
                what="job",
                value=str(file.path),
                advice=Advice(AdviceCode.MOVE_FOREIGN_JOB),
            )
    if installed(jobs):
        uninstall(jobs, run)
    _write(jobs.files)
    for command in jobs.on:
        done = run(command)
        if done.code:
            uninstall(jobs, run)
            raise JobError(
                f"the system refused: {' '.join(command)}: {done.said.strip() or done.code}",
                command=command,
                advice=Advice(AdviceCode.RUN_WAITING_PROGRAM),
            )


def add_missing(jobs: Jobs, run: Runner) -> bool:
    """Install jobs anew if a file of them is not there, without stopping what is on; tell whether it was so.

    What the system says is nobody's matter here: a run by itself does this, and the next one does it again.
    """
    new = [file for file in jobs.files if _content(file.path) is None]
    if not new or not installed(jobs):
        return False
    _write(new)
    for command in jobs.on:
        run(command)
    return True


def uninstall(jobs: Jobs, run: Runner) -> list[Path]:
    """Take away what is installed; return the files that were removed.

    Raises:
        OSError: a file cannot be removed.
    """
    found = installed(jobs)
    if not found:
        return []
    for command in jobs.off(found):
        run(command)
    for path in found:
        path.unlink(missing_ok=True)
    for folder in {path.parent for path in found}:
        sync_folder(folder)
    for command in jobs.afterwards(found):
        run(command)
    return found


def _write(files: Sequence[JobFile] | Iterable[JobFile]) -> None:
    for file in files:
        make_folder(file.path.parent, 0o755)
        with new_file(file.path, overwrite=True) as opened:
            opened.write(file.content)


def _holds_ours(path: Path) -> bool:
    content = _content(path)
    return content is not None and is_ours(content)


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError:
        return b""
