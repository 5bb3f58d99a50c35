"""Look at the machine's processes: only this module and `psutil_processes` do.

On Linux `/proc` is read directly: a look at 300 processes costs a few milliseconds, and importing psutil
alone costs more. Elsewhere psutil answers; it is imported when it is first needed.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol

_DELETED = " (deleted)"
_ATTEMPTS = 10
_START_SECONDS = 0.001
_REFUSED_SECONDS = 0.5
_COMM_LENGTH = 15  # Linux cuts a process's name to this many bytes.


@dataclass(frozen=True, slots=True)
class Process:
    """One live process; None stands for what the operating system would not tell.

    Attributes:
        pid: Its number.
        name: Its short name, which any program can choose; good for messages only.
        executable: The path of its program file.
        arguments: Its command line, beginning with the program.
        environment: The environment it was started with.
        folder: Its working directory.
        user: The numeric id of the user who runs it, where there is such a thing.
    """

    pid: int
    name: str
    executable: str | None
    arguments: tuple[str, ...] | None
    environment: Mapping[str, str] | None = field(default=None, repr=False)
    folder: str | None = None
    user: int | None = None


Start = tuple[str | None, tuple[str, ...] | None, Mapping[str, str] | None]


class ProcessTable(Protocol):
    """What the guard asks about processes. Every method may raise `OSError` if it cannot look at all."""

    def select(self, is_program: Callable[[str], bool], names: frozenset[str]) -> Iterator[Process]:
        """Yield the live processes whose program file satisfies `is_program`.

        A process whose program file cannot be read is yielded if its name is one of `names`.
        """

    def process(self, pid: int) -> Process | None:
        """Return one process, or None if there is none with that number."""

    def holder(self, folder: str, file_name: str, is_program: Callable[[str], bool]) -> int | None:
        """Return a process that holds open a file below `folder` whose name begins with `file_name`.

        Our own process does not count. `is_program` says which programs may be asked where asking all would
        take long.
        """

    def is_ancestor(self, pid: int) -> bool:
        """Tell whether our own process was started, directly or not, by this one."""


def system_processes() -> ProcessTable:
    """Return the table of this machine."""
    if os.path.isdir("/proc/self/fd"):  # noqa: PTH112
        return LinuxProcesses()
    from chatcask.assistants.vscode.guard.psutil_processes import PsutilProcesses  # noqa: PLC0415

    return PsutilProcesses()


def wait_for_end(pid: int, seconds: float) -> None:
    """Sleep until a process has ended, or for so long; the system wakes us, nothing is asked meanwhile.

    A process that the system will not let us wait for is waited for in vain, a moment long.
    """
    import psutil  # noqa: PLC0415 - costs 30 ms, and few runs wait

    try:
        psutil.Process(pid).wait(timeout=seconds)
    except psutil.AccessDenied:
        time.sleep(min(_REFUSED_SECONDS, seconds))
    except (psutil.NoSuchProcess, psutil.TimeoutExpired):
        return


class LinuxProcesses:
    """The table read from `/proc`; no file that a process holds open is touched, only its link is read."""

    def __init__(self, root: str = "/proc") -> None:
        self._root = root

    def select(self, is_program: Callable[[str], bool], names: frozenset[str]) -> Iterator[Process]:
        """Yield the processes of known programs; kernel threads and dead ones have no program file."""
        short_names = {name[:_COMM_LENGTH] for name in names}
        known: dict[str, bool] = {}
        for pid in self._pids():
            try:
                executable = os.readlink(f"{self._root}/{pid}/exe")  # noqa: PTH115
            except PermissionError:
                if self._name(pid) not in short_names:
                    continue
            except OSError:
                continue
            else:
                if executable not in known:
                    known[executable] = is_program(executable.removesuffix(_DELETED))
                if not known[executable]:
                    continue
            process = self.process(pid)
            if process is not None:
                yield process

    def process(self, pid: int) -> Process | None:
        """Return what `/proc` tells about one process; a dead one has neither program nor arguments."""
        folder = f"{self._root}/{pid}"
        try:
            user = os.stat(folder).st_uid  # noqa: PTH116
        except OSError:
            return None
        executable, arguments, environment = settled(
            lambda: (
                _link(f"{folder}/exe"),
                _strings(f"{folder}/cmdline"),
                _variables(_strings(f"{folder}/environ")),
            )
        )
        return Process(
            pid=pid,
            name=self._name(pid),
            executable=executable,
            arguments=arguments,
            environment=environment,
            folder=_link(f"{folder}/cwd"),
            user=user,
        )

    def holder(self, folder: str, file_name: str, is_program: Callable[[str], bool]) -> int | None:
        """Look at the open files of every process that lets us; all is cheap enough here.

        Another run of ours that reads such a file holds it too. It shows the mark of a reader and cannot
        write; anything less counts as a holder.
        """
        prefix = folder.rstrip("/") + "/"
        wanted = "/" + file_name
        own = os.getpid()

        def is_held(path: str) -> bool:
            return wanted in path and path.startswith(prefix)

        return next((pid for pid in self._pids() if pid != own and self._holds(pid, is_held)), None)

    def _holds(self, pid: int, is_held: Callable[[str], bool]) -> bool:
        """Tell whether a process holds a file and is not just a run of ours that reads it.

        A process opens and closes files while they are looked at one by one. Who seems to hold one without
        the mark, or without a way of opening, may be a reader that was between two files: only an editor
        looks the same each time.
        """
        for attempt in range(_ATTEMPTS):
            opened = self._open_files(pid)
            held = [number for number, path in opened.items() if is_held(path)]
            if not held:
                return False
            ways = {self._way_of_opening(pid, number) for number in held}
            if ways == {os.O_RDONLY} and _shows_reader(opened.values()):
                return False
            if not ways <= {os.O_RDONLY, None}:
                return True
            if attempt + 1 < _ATTEMPTS:
                time.sleep(_START_SECONDS)
        return True

    def is_ancestor(self, pid: int) -> bool:
        """Follow the parents upwards from our own process."""
        current = os.getpid()
        while current > 1:
            try:
                fields = _read(f"{self._root}/{current}/stat").rpartition(b")")[2].split()
            except OSError:
                return False
            current = int(fields[1])
            if current == pid:
                return True
        return False

    def _open_files(self, pid: int) -> dict[str, str]:
        """Return the path of each open file of a process by its number, as far as we may see them."""
        files = f"{self._root}/{pid}/fd"
        found = {}
        with suppress(OSError):
            for number in os.listdir(files):  # noqa: PTH208
                with suppress(OSError):
                    found[number] = os.readlink(f"{files}/{number}")  # noqa: PTH115
        return found

    def _way_of_opening(self, pid: int, number: str) -> int | None:
        """Return how a process opened a file, as one of `os.O_ACCMODE`; None if that does not show."""
        try:
            text = _read(f"{self._root}/{pid}/fdinfo/{number}")
        except OSError:
            return None
        flags = [line.split()[1] for line in text.splitlines() if line.startswith(b"flags:")]
        return int(flags[0], 8) & os.O_ACCMODE if len(flags) == 1 else None

    def _pids(self) -> list[int]:
        return [int(name) for name in os.listdir(self._root) if name.isdigit()]  # noqa: PTH208

    def _name(self, pid: int) -> str:
        try:
            return os.fsdecode(_read(f"{self._root}/{pid}/comm").rstrip(b"\n"))
        except OSError:
            return ""


def settled(look: Callable[[], Start]) -> Start:
    """Return program, arguments and environment of a process that belong together.

    While a process is being started, its program shows before its arguments, and those before its
    environment; a helper would look like a main process. So what looks unfinished is looked at again.
    """
    executable, arguments, environment = look()
    for attempt in range(_ATTEMPTS):
        hidden = executable is None or arguments is None
        if hidden or (arguments and (environment != {} or attempt > 1)):
            break
        time.sleep(_START_SECONDS)
        executable, arguments, environment = look()
    return executable, split_title(arguments) if arguments is not None else None, environment


def split_title(arguments: tuple[str, ...]) -> tuple[str, ...]:
    """Return a command line as separate arguments.

    Chromium's child processes overwrite theirs with one text in which spaces stand between the arguments
    (chromium `set_process_title.cc`).
    """
    if len(arguments) != 1 or " --" not in arguments[0]:
        return arguments
    first, *rest = arguments[0].split(" --")
    return (first, *("--" + part for part in rest))


def _read(path: str) -> bytes:
    """Return a whole file of `/proc`; `open` would cost three times as much."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0))
    try:
        parts = []
        while part := os.read(descriptor, 65536):
            parts.append(part)
        return b"".join(parts)
    finally:
        os.close(descriptor)


def _strings(path: str) -> tuple[str, ...] | None:
    """Return the NUL-ended strings of a file of `/proc`."""
    try:
        data = _read(path)
    except OSError:
        return None
    return tuple(os.fsdecode(part) for part in data.removesuffix(b"\0").split(b"\0")) if data else ()


def _variables(strings: tuple[str, ...] | None) -> Mapping[str, str] | None:
    if strings is None:
        return None
    return {name: value for name, _, value in (text.partition("=") for text in strings)}


def _shows_reader(opened: Iterable[str]) -> bool:
    """Tell whether a process with these open files shows the mark of a reader."""
    from chatcask.assistants.vscode.state.reader_mark import READER_MARK  # noqa: PLC0415 - few find a holder

    return any(path.startswith(f"/memfd:{READER_MARK} ") for path in opened)


def _link(path: str) -> str | None:
    try:
        return os.readlink(path).removesuffix(_DELETED)  # noqa: PTH115
    except OSError:
        return None
