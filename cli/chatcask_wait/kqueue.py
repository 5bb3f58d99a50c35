"""macOS: one kqueue tells of changes of a folder, of a file that lies in it, and of the end of a process."""

from __future__ import annotations

import os
import select
import sys

from chatcask_wait.posix import end_descriptor, exit_code, spawn

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

assert sys.platform not in {"linux", "win32"}  # noqa: S101 - so that type checkers know what there is

_ONLY_EVENTS = 0x8000
_CHANGES = select.KQ_NOTE_WRITE | select.KQ_NOTE_EXTEND | select.KQ_NOTE_DELETE | select.KQ_NOTE_RENAME


class Kqueue:
    """The system's side of waiting."""

    def __init__(self) -> None:
        self.code = 0
        self._queue = select.kqueue()
        self._end = end_descriptor()
        self._add(select.kevent(self._end, select.KQ_FILTER_READ, select.KQ_EV_ADD))
        self._places: dict[int, tuple[str, str]] = {}  # by descriptor: the watched folder and the opened path
        self._children: set[int] = set()
        self._ended: list[int] = []

    def watch(self, folder: str, name: str) -> bool:
        """Watch a folder, and the file of that name too: writing into it does not change the folder."""
        if not self._open(folder, folder):
            return False
        self._open(folder, os.path.join(folder, name))  # noqa: PTH118
        return True

    def unwatch(self, folder: str, name: str) -> None:
        """Close what was opened for a folder."""
        for descriptor in [number for number, (watched, _) in self._places.items() if watched == folder]:
            self._close(descriptor)

    def follow(self, pid: int) -> int | None:
        """Watch a process; its number serves as the handle, since the queue forgets it as it ends."""
        flags = select.KQ_EV_ADD | select.KQ_EV_ONESHOT
        try:
            self._add(select.kevent(pid, select.KQ_FILTER_PROC, flags, select.KQ_NOTE_EXIT))
        except OSError:
            return None
        return pid

    def start(self, command: list[str]) -> int:
        """Start a command and follow it; it stays a number of its own until it is waited for."""
        pid = spawn(command)
        if self.follow(pid) is None:  # it has ended already
            self.code = exit_code(pid)
            self._ended.append(pid)
        else:
            self._children.add(pid)
        return pid

    def wait(self, seconds: float | None) -> Iterator[int | str | None]:
        """Sleep in `kevent`."""
        ended, self._ended = self._ended, []
        yield from ended
        for event in self._queue.control(None, 64, 0 if ended else seconds):
            if event.filter == select.KQ_FILTER_PROC:
                if event.ident in self._children:
                    self._children.discard(event.ident)
                    self.code = exit_code(event.ident)
                yield event.ident
            elif event.ident == self._end:
                yield None
            elif event.ident in self._places:
                folder, path = self._places[event.ident]
                if path != folder or event.fflags & (select.KQ_NOTE_DELETE | select.KQ_NOTE_RENAME):
                    self._close(event.ident)
                yield folder

    def _open(self, folder: str, path: str) -> bool:
        if (folder, path) in self._places.values():
            return True
        try:
            descriptor = os.open(path, _ONLY_EVENTS)
        except OSError:
            return False
        self._places[descriptor] = (folder, path)
        flags = select.KQ_EV_ADD | select.KQ_EV_CLEAR
        self._add(select.kevent(descriptor, select.KQ_FILTER_VNODE, flags, _CHANGES))
        return True

    def _close(self, descriptor: int) -> None:
        del self._places[descriptor]
        os.close(descriptor)

    def _add(self, event: select.kevent) -> None:
        self._queue.control([event], 0)
