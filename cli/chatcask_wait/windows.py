"""Windows: change notifications of folders and handles of processes, in one WaitForMultipleObjects."""

from __future__ import annotations

import ctypes
import signal
import subprocess
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

assert sys.platform == "win32"  # noqa: S101 - so that type checkers know what there is

_SYNCHRONIZE = 0x100000
_FILE_NAME, _FOLDER_NAME, _LAST_WRITE = 0x1, 0x2, 0x10
_FOREVER = 0xFFFFFFFF
_FAILED, _TIMEOUT = 0xFFFFFFFF, 0x102
_INVALID = ctypes.c_void_p(-1).value
_AT_ONCE = 64
"""As many objects as one wait takes."""


class Windows:
    """The system's side of waiting."""

    def __init__(self) -> None:
        self.code = 0
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # Python would hear of it only after the wait
        self._kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        for name in ("FindFirstChangeNotificationW", "OpenProcess"):
            getattr(self._kernel, name).restype = ctypes.c_void_p
        for name in ("FindNextChangeNotification", "FindCloseChangeNotification", "CloseHandle"):
            getattr(self._kernel, name).argtypes = [ctypes.c_void_p]
        self._folders: dict[int, str] = {}
        self._processes: set[int] = set()
        self._children: dict[int, subprocess.Popen[bytes]] = {}

    def watch(self, folder: str, name: str) -> bool:
        """Have the system report changes of a folder."""
        if folder in self._folders.values():
            return True
        what = _FILE_NAME | _FOLDER_NAME | _LAST_WRITE
        handle = self._kernel.FindFirstChangeNotificationW(ctypes.c_wchar_p(folder), 0, what)
        if handle is None or handle == _INVALID:
            return False
        self._folders[handle] = folder
        return True

    def unwatch(self, folder: str, name: str) -> None:
        """Close what was opened for a folder."""
        for handle in [handle for handle, watched in self._folders.items() if watched == folder]:
            del self._folders[handle]
            self._kernel.FindCloseChangeNotification(handle)

    def follow(self, pid: int) -> int | None:
        """Open a process by its number; it cannot be taken for another one from then on."""
        handle = self._kernel.OpenProcess(_SYNCHRONIZE, 0, pid)
        if handle is not None:
            self._processes.add(handle)
        return handle

    def start(self, command: list[str]) -> int:
        """Start a command without a window of its own and follow it."""
        flags = subprocess.CREATE_NO_WINDOW
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, creationflags=flags)
        handle = int(process._handle)  # type: ignore[attr-defined]  # noqa: SLF001 - what is waited for
        self._children[handle] = process
        return handle

    def wait(self, seconds: float | None) -> Iterator[int | str | None]:
        """Sleep in WaitForMultipleObjects."""
        handles = [*self._children, *self._processes, *self._folders][:_AT_ONCE]
        array = (ctypes.c_void_p * len(handles))(*handles)
        milliseconds = _FOREVER if seconds is None else int(seconds * 1000) + 1
        place = self._kernel.WaitForMultipleObjects(len(handles), array, 0, milliseconds)
        if place in (_FAILED, _TIMEOUT) or place >= len(handles):
            if place != _TIMEOUT:
                raise ctypes.WinError(ctypes.get_last_error())
            return
        handle = handles[place]
        if handle in self._folders:
            folder = self._folders[handle]
            if not self._kernel.FindNextChangeNotification(handle):
                self.unwatch(folder, "")  # the folder is gone
            yield folder
            return
        if handle in self._children:
            self.code = self._children.pop(handle).wait()
        else:
            self._processes.discard(handle)
            self._kernel.CloseHandle(handle)
        yield handle
