"""The machine's processes as psutil sees them, for macOS and Windows; importing psutil costs 30 ms."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import TypeVar

import psutil

from chatcask.assistants.vscode.guard.processes import Process, settled

_Answer = TypeVar("_Answer")


class PsutilProcesses:
    """The table as psutil sees it."""

    def select(self, is_program: Callable[[str], bool], names: frozenset[str]) -> Iterator[Process]:
        """Yield the processes of known programs."""
        folded = {name.casefold() for name in names}
        known: dict[str, bool] = {}
        for found in psutil.process_iter():
            executable = _ask(found.exe) or None
            if executable is None:
                name = (_ask(found.name) or "").casefold()
                if name not in folded:
                    continue
            else:
                if executable not in known:
                    known[executable] = is_program(executable)
                if not known[executable]:
                    continue
            process = self._describe(found)
            if process is not None:
                yield process

    def process(self, pid: int) -> Process | None:
        """Return what psutil tells about one process."""
        try:
            return self._describe(psutil.Process(pid))
        except (psutil.NoSuchProcess, ValueError, OverflowError):
            return None
        except psutil.AccessDenied:
            return Process(pid, "", None, None)

    def holder(self, folder: str, file_name: str, is_program: Callable[[str], bool]) -> int | None:
        """Ask the processes of editors only: on these systems asking one process can take seconds.

        Windows has no need for more. Trying to open the database exclusively would tell, too, but it would
        touch a chat folder before the answer is known.
        """
        prefix = os.path.normcase(os.path.join(folder, ""))  # noqa: PTH118
        own = os.getpid()
        for found in self.select(is_program, frozenset()):
            if found.pid == own:
                continue
            for path in self._open_files(found.pid):
                path = os.path.normcase(path)  # noqa: PLW2901
                if path.startswith(prefix) and os.path.basename(path).startswith(file_name):  # noqa: PTH119
                    return found.pid
        return None

    def is_ancestor(self, pid: int) -> bool:
        """Ask psutil for our own process's parents."""
        parents = _ask(psutil.Process().parents) or []
        return any(parent.pid == pid for parent in parents)

    def _describe(self, found: psutil.Process) -> Process | None:
        """Return the values of one process, or None if it is dead."""
        if not _ask(found.is_running) or _ask(found.status) == psutil.STATUS_ZOMBIE:
            return None
        user_ids = _ask(found.uids) if hasattr(found, "uids") else None
        executable, arguments, environment = settled(
            lambda: (
                _ask(found.exe) or None,
                _ask(lambda: tuple(found.cmdline())),
                _ask(found.environ),
            )
        )
        return Process(
            pid=found.pid,
            name=_ask(found.name) or "",
            executable=executable,
            arguments=arguments,
            environment=environment,
            folder=_ask(found.cwd) or None,
            user=user_ids.real if user_ids is not None else None,
        )

    def _open_files(self, pid: int) -> list[str]:
        try:
            return [opened.path for opened in psutil.Process(pid).open_files()]
        except (psutil.Error, OSError):
            return []


def _ask(question: Callable[[], _Answer]) -> _Answer | None:
    """Return psutil's answer, or None where it has none."""
    try:
        return question()
    except (psutil.Error, OSError):
        return None
