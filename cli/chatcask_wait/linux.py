"""Linux: inotify tells of names in a folder, a pidfd of the end of a process; both sleep in one `poll`."""

from __future__ import annotations

import ctypes
import errno
import os
import select
import struct

from chatcask_wait.posix import end_descriptor, exit_code, spawn
from chatcask_wait.waiting import LOCK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_CLOSE_WRITE, _MOVED_FROM, _MOVED_TO, _CREATE, _DELETE = 0x8, 0x40, 0x80, 0x100, 0x200
_DELETE_SELF, _MOVE_SELF, _OVERFLOW, _IGNORED = 0x400, 0x800, 0x4000, 0x8000
_ONLY_FOLDERS, _MASK_ADD = 0x1000000, 0x20000000
_OF_FILE = _CLOSE_WRITE | _MOVED_FROM | _MOVED_TO | _DELETE
_OF_FOLDER = _CREATE | _MOVED_TO
_OF_ITSELF = _DELETE_SELF | _MOVE_SELF | _ONLY_FOLDERS | _MASK_ADD
_HEADER = struct.Struct("iIII")
_NOT_THERE = {errno.ENOENT, errno.ENOTDIR, errno.EACCES, errno.ELOOP, errno.ENAMETOOLONG}


class Linux:
    """The system's side of waiting."""

    def __init__(self) -> None:
        self.code = 0
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._inotify = self._checked(self._libc.inotify_init1(os.O_CLOEXEC | os.O_NONBLOCK))
        self._end = end_descriptor()
        self._poll = select.poll()
        for descriptor in (self._inotify, self._end):
            self._poll.register(descriptor, select.POLLIN)
        self._folders: dict[int, tuple[str, set[bytes]]] = {}
        self._children: dict[int, int] = {}

    def watch(self, folder: str, name: str) -> bool:
        """Have the kernel report a name in a folder. A folder that is yet to come is only made or moved."""
        mask = _OF_ITSELF | (_OF_FILE if name == LOCK else _OF_FOLDER)
        number = self._libc.inotify_add_watch(self._inotify, os.fsencode(folder), ctypes.c_uint32(mask))
        if number < 0 and ctypes.get_errno() in _NOT_THERE:
            return False
        _, names = self._folders.setdefault(self._checked(number), (folder, set()))
        names.add(os.fsencode(name))
        return True

    def unwatch(self, folder: str, name: str) -> None:
        """Let the kernel forget a folder of which no name is wanted any more."""
        for number, (watched, names) in list(self._folders.items()):
            if watched == folder:
                names.discard(os.fsencode(name))
                if not names:
                    self._forget(number)

    def follow(self, pid: int) -> int | None:
        """Open a process by its number; it cannot be taken for another one from then on."""
        try:
            descriptor = os.pidfd_open(pid)
        except (OSError, OverflowError):
            return None
        self._poll.register(descriptor, select.POLLIN)
        return descriptor

    def start(self, command: list[str]) -> int:
        """Start a command and follow it."""
        pid = spawn(command)
        descriptor = os.pidfd_open(pid)
        self._children[descriptor] = pid
        self._poll.register(descriptor, select.POLLIN)
        return descriptor

    def wait(self, seconds: float | None) -> Iterator[int | str | None]:
        """Sleep in `poll`."""
        for descriptor, _ in self._poll.poll(None if seconds is None else int(seconds * 1000) + 1):
            if descriptor == self._end:
                yield None
            elif descriptor == self._inotify:
                yield from self._changed()
            else:
                self._poll.unregister(descriptor)
                os.close(descriptor)
                if descriptor in self._children:
                    self.code = exit_code(self._children.pop(descriptor))
                yield descriptor

    def _changed(self) -> list[str]:
        """Read what the kernel has to report; return the folders it is about, each once."""
        data = os.read(self._inotify, 65536)
        found: dict[str, None] = {}
        place = 0
        while place < len(data):
            number, mask, _, length = _HEADER.unpack_from(data, place)
            place += _HEADER.size + length
            name = data[place - length : place].rstrip(b"\0")
            if mask & _OVERFLOW:
                found.update((folder, None) for folder, _ in self._folders.values())
            elif number in self._folders:
                folder, names = self._folders[number]
                if mask & (_MOVE_SELF | _IGNORED):
                    self._forget(number)
                if mask & (_MOVE_SELF | _IGNORED) or name in names:
                    found[folder] = None
        return list(found)

    def _forget(self, number: int) -> None:
        del self._folders[number]
        self._libc.inotify_rm_watch(self._inotify, number)

    def _checked(self, result: int) -> int:
        if result < 0:
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code))
        return result
