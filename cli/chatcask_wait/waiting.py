"""What is waited for, and what is started then: the same on every system.

A folder's `code.lock` names the process of its editor, whose end the system reports. Where the folder is not
there yet, the nearest one above it is watched for the next name on the way. Nothing else is looked at.
"""

from __future__ import annotations

import os
import time

TYPE_CHECKING = False
if TYPE_CHECKING:  # `typing` itself would take a tenth of the memory that this program has
    from collections.abc import Iterator
    from typing import Protocol

    class System(Protocol):
        """What a system can tell. Handles are numbers that mean something to it alone.

        `code` is the exit code of the command that ended last.
        """

        code: int

        def watch(self, folder: str, name: str) -> bool:
            """Report from now on when `name` comes, goes or is written in a folder; False if it cannot."""

        def unwatch(self, folder: str, name: str) -> None:
            """Report that no longer."""

        def follow(self, pid: int) -> int | None:
            """Report when a process has ended; return its handle, or None if there is none."""

        def start(self, command: list[str]) -> int:
            """Start a command, report its end too, and return its handle.

            Raises:
                OSError: it cannot be started.
            """

        def wait(self, seconds: float | None) -> Iterator[int | str | None]:
            """Sleep until something is to be reported, or for so long; yield what is.

            A number is the handle of a process that ended, a text a folder in which something changed, None
            says that this program is to end.
            """

else:
    System = object

LOCK = "code.lock"
_FOR_FOLDER = ("--when-closed=120", "--user-data-dir")
"""What is added for one folder. An editor whose process is not known may take its time to end."""
_LONGEST_NUMBER, _NO_NUMBER = 10, 0


class Waiting:
    """Waits for the editors of some folders.

    Args:
        system: What wakes us.
        roots: User-data folders, absolute; they need not be there yet.
        command: What to start. When the editor of a folder has closed, with that folder and some patience
            behind it; at the beginning and every so often as it is.
        every: How often, in seconds; 0 for at the beginning only.
        anyway: What is saved then: some of the folders, or "" for all that the command finds.
        once: Whether to end when no editor runs and all is saved.
    """

    def __init__(
        self,
        system: System,
        roots: list[str],
        command: list[str],
        *,
        every: float,
        anyway: list[str],
        once: bool,
    ) -> None:
        self._system = system
        self._command = command
        self._every = every
        self._anyway = anyway
        self._once = once
        self._watched: dict[str, tuple[str, str]] = dict.fromkeys(roots, ("", ""))
        self._owners: dict[int, tuple[str, int]] = {}  # by handle: the folder and the number of its process
        self._runs: dict[int, str] = {}  # by handle: the folder that is being saved, "" for all
        self._again: set[str] = set()

    def run(self) -> None:
        """Wait until told to end. What was started goes on by itself.

        Raises:
            OSError: the system cannot watch anything.
        """
        for root in self._watched:
            self._look(root)
        due = self._start_all()
        while self._owners or self._runs or not self._once:
            for reported in self._system.wait(max(due - time.time(), 0.0) if self._every else None):
                if reported is None:
                    return
                self._take(reported)
            if self._every and not due - self._every <= time.time() < due:  # or the clock was set back
                due = self._start_all()

    def _start_all(self) -> float:
        owned = {root for root, _ in self._owners.values()}
        for root in self._anyway:
            if root not in owned:
                self._want(root)
        return time.time() + self._every

    def _take(self, reported: int | str) -> None:
        if isinstance(reported, str):
            for root in [root for root, (folder, _) in self._watched.items() if folder == reported]:
                self._changed(root)
        elif reported in self._owners:
            self._want(self._owners.pop(reported)[0])
        else:
            saved = self._runs.pop(reported)
            if saved in self._again:
                self._again.discard(saved)
                self._want(saved)

    def _changed(self, root: str) -> None:
        """Look who has the folder now; if nobody has, somebody had it and is gone already.

        A lock without a number is one that is being written: it will be reported again.
        """
        was_there = self._watched[root][0] == root
        is_there = self._look(root)
        is_begun = _locking_pid(os.path.join(root, LOCK)) == _NO_NUMBER  # noqa: PTH118
        if (
            was_there
            and is_there
            and not is_begun
            and root not in {owned for owned, _ in self._owners.values()}
        ):
            self._want(root)

    def _look(self, root: str) -> bool:
        """Watch the folder or the nearest one above it, and follow its editor; tell whether it is there."""
        before = self._watched[root]
        folder, name = root, LOCK
        while not self._system.watch(folder, name):
            above, name = os.path.split(folder)
            if above == folder:
                raise OSError(f"nothing of {root} can be watched")
            folder = above
        self._watched[root] = (folder, name)
        if before not in {("", ""), (folder, name)} and before not in self._watched.values():
            self._system.unwatch(*before)
        if folder == root:
            self._follow(root)
            return True
        if os.path.isdir(os.path.join(folder, name)) and before != (folder, name):  # noqa: PTH112, PTH118
            return self._look(root)  # it was made before it could be watched for
        return False

    def _follow(self, root: str) -> None:
        pid = _locking_pid(os.path.join(root, LOCK))  # noqa: PTH118
        if not pid or (root, pid) in self._owners.values():
            return
        handle = self._system.follow(pid)
        if handle is not None:
            self._owners[handle] = (root, pid)

    def _want(self, root: str) -> None:
        """Save a folder, or all for "": now, or once more when the run that is under way has ended."""
        if root in self._runs.values():
            self._again.add(root)
            return
        command = [*self._command, *_FOR_FOLDER, root] if root else self._command
        try:
            self._runs[self._system.start(command)] = root
        except OSError as error:
            say(f"cannot start {command[0]}: {error}")


def say(text: str) -> None:
    """Write a line to standard error, if there is one."""
    try:
        os.write(2, f"chatcask wait: {text}\n".encode("utf-8", "backslashreplace"))
    except OSError:
        return


def _locking_pid(path: str) -> int | None:
    """Return the process number in a lock file, `_NO_NUMBER` if it has none, None if there is no file."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))  # should it be a named pipe
    except OSError:
        return None
    try:
        text = os.read(descriptor, 64).strip()
    except OSError:
        return _NO_NUMBER
    finally:
        os.close(descriptor)
    return int(text) if text.isdigit() and len(text) <= _LONGEST_NUMBER else _NO_NUMBER
