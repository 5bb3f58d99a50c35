"""What Linux and macOS share: starting a command, and being told to end."""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # what `signal` wraps in enums, whose import alone would take a tenth of the memory
import os

_ENDINGS = (_signal.SIGTERM, _signal.SIGINT, _signal.SIGHUP)


def end_descriptor() -> int:
    """Return a descriptor that becomes readable when this process is told to end, and then goes on."""
    readable, writable = os.pipe()
    os.set_blocking(writable, False)
    _signal.set_wakeup_fd(writable, warn_on_full_buffer=False)
    for number in _ENDINGS:
        _signal.signal(number, lambda *_: None)
    return readable


def spawn(command: list[str]) -> int:
    """Start a command with our environment and the system's own way with signals; return its number.

    Raises:
        OSError: it cannot be started.
    """
    return os.posix_spawnp(command[0], command, os.environ, setsigdef=_ENDINGS)


def exit_code(pid: int) -> int:
    """Return the exit code of a child that has ended, as shells tell it, and let the system forget it."""
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return code if code >= 0 else 128 - code
