"""The guard: tells whether the editor that owns a user-data folder runs.

A folder is closed only if (a) no live main process or server uses it, (b) its `code.lock` names no live
editor, (c) its main socket accepts no connection, and (d) no process has one of its state databases open.
Whatever cannot be found out counts as running. `code.lock` alone would not do: it is removed before the
databases are closed (facts: microsoft/vscode main.ts, storageMainService.ts).

Nothing below the folder's `User` is touched: open files are seen as links of the processes that hold them.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from chatcask.advice import Advice, AdviceCode
from chatcask.assistants.base import Family, Platform, RunningEditor, Source
from chatcask.assistants.vscode.guard.main_socket import live_socket
from chatcask.assistants.vscode.guard.processes import Process, ProcessTable, system_processes
from chatcask.assistants.vscode.guard.program import executable_names, identify
from chatcask.errors import EditorRunningError

if TYPE_CHECKING:
    from chatcask.assistants.vscode.guard.owned import Owner

WATCH_SECONDS = 0.25
"""How old a full check may be for `watch` to rely on it."""

_LOCK = "code.lock"


class MachineGuard:
    """The guard of this machine.

    Args:
        platform: What the caller knows about the machine.
        processes: The process table; the machine's own by default.
        clock: A clock in seconds that never goes back.
    """

    def __init__(
        self,
        platform: Platform,
        *,
        processes: ProcessTable | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._platform = platform
        self._processes = system_processes() if processes is None else processes
        self._clock = clock
        self._names = executable_names(platform.family)
        self._closed_at: dict[Path, float] = {}

    def running(self, source: Source) -> RunningEditor | None:
        """Check everything and return why the source must not be touched, or None if it is closed."""
        self._closed_at.pop(source.user_data_dir, None)
        for check in (self._by_process, self._by_lock, self._by_socket, self._by_state_database):
            try:
                found = check(source)
            except OSError as error:
                found = _found(source, "unsure", None, f"cannot find out whether it runs: {error}")
            if found is not None:
                return found
        self._closed_at[source.user_data_dir] = self._clock()
        return None

    def require_closed(self, source: Source) -> None:
        """Check everything and raise `EditorRunningError` unless the editor is closed."""
        found = self.running(source)
        if found is None:
            return
        is_outer = found.pid is not None and self._processes.is_ancestor(found.pid)
        process = self._processes.process(found.pid) if found.pid is not None else None
        code = AdviceCode.CLOSE_OUTER_EDITOR if is_outer else AdviceCode.CLOSE_EDITOR
        advice = Advice(code)
        if process is not None and not is_outer and self._is_server(process):
            advice = Advice(AdviceCode.STOP_SERVER, name=_called(process))
        raise EditorRunningError(
            found.description,
            product=found.product.name,
            user_data_dir=found.user_data_dir,
            reason=found.reason,
            pid=found.pid,
            advice=advice,
        )

    def watch(self, source: Source) -> None:
        """Check everything if the last full check is older than `WATCH_SECONDS`."""
        closed_at = self._closed_at.get(source.user_data_dir)
        if closed_at is None or self._clock() - closed_at >= WATCH_SECONDS:
            self.require_closed(source)

    def _is_editor(self, process: Process) -> bool:
        """Tell whether the process whose number a folder's lock holds is an editor, or may be."""
        from chatcask.assistants.vscode.guard.owner import is_namesake  # noqa: PLC0415

        return is_namesake(process, self._platform) or self._owner(process) is not None

    def _is_server(self, process: Process) -> bool:
        known = identify(process.executable, self._platform.family) if process.executable else None
        return known is not None and known.role == "node"

    def _owner(self, process: Process, source: Source | None = None) -> Owner | None:
        """Return what a process owns, if it is an editor's; if a source is given, only if it owns that."""
        from chatcask.assistants.vscode.guard.owner import (  # noqa: PLC0415 - few find such a process
            owner,
            owns,
        )

        found = owner(process, self._platform, self._processes.process)
        return found if found and (source is None or owns(found, source, self._platform.family)) else None

    def _by_process(self, source: Source) -> RunningEditor | None:
        """Rule (a): a live main process or server that uses this folder."""
        is_program = partial(_is_program, family=self._platform.family)
        for process in self._processes.select(is_program, self._names):
            found = self._owner(process, source)
            if found is None or _is_strangers(process, found, source):
                continue
            if found.certain:
                return _found(source, "process", process.pid, f"{_called(process)} runs with this folder")
            return _found(
                source, "unsure", process.pid, f"{_called(process)} runs and does not show with which folder"
            )
        return None

    def _by_lock(self, source: Source) -> RunningEditor | None:
        """Rule (b): `code.lock` names a live process that is an editor, or does not show what it is."""
        pid = _locking_pid(source.user_data_dir / _LOCK)
        process = self._processes.process(pid) if pid is not None else None
        if process is None or not self._is_editor(process):
            return None
        return _found(source, "lock", process.pid, f"{_called(process)} holds {_LOCK} in this folder")

    def _by_socket(self, source: Source) -> RunningEditor | None:
        """Rule (c): the main socket or pipe is alive."""
        path = live_socket(source, self._platform)
        if path is None:
            return None
        return _found(source, "socket", None, f"an editor answers on {path}")

    def _by_state_database(self, source: Source) -> RunningEditor | None:
        """Rule (d): a process has a state database below this folder open."""
        is_program = partial(_is_program, family=self._platform.family)
        pid = self._processes.holder(os.path.realpath(source.user_data_dir), "state.vscdb", is_program)
        if pid is None:
            return None
        process = self._processes.process(pid)
        called = _called(process) if process is not None else f"process {pid}"
        return _found(source, "state_db", pid, f"{called} has a state database of this folder open")


def _is_program(executable: str, family: Family) -> bool:
    return identify(executable, family) is not None


def _is_strangers(process: Process, found: Owner, source: Source) -> bool:
    """Tell whether a process that shows nothing is run by a user to whom the folder does not belong."""
    if found.certain or process.user is None or not hasattr(os, "getuid"):
        return False
    try:
        return os.stat(source.user_data_dir).st_uid != process.user  # noqa: PTH116
    except OSError:
        return False


def _called(process: Process) -> str:
    """Return what to call a process in a message."""
    from chatcask.assistants.vscode.guard.server_owner import called  # noqa: PLC0415 - few find such a process

    return f"{called(process)} (process {process.pid})"


def _found(source: Source, reason: str, pid: int | None, words: str) -> RunningEditor:
    description = f"{source.product.display_name}, {source.user_data_dir}: {words}"
    return RunningEditor(source.product, source.user_data_dir, reason, pid, description)


def _locking_pid(path: Path) -> int | None:
    """Return the process number in a lock file, or None if it has none.

    A lock without a number is what a power cut leaves; the other rules still hold then.
    """
    try:
        # Not to hang should it be a named pipe.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except (FileNotFoundError, IsADirectoryError):
        return None
    try:
        text = os.read(descriptor, 64).strip()
    except IsADirectoryError:
        return None
    finally:
        os.close(descriptor)
    return int(text) if text.isdigit() and len(text) < 11 else None
