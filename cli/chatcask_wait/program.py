"""The program: its command line, the system that it runs on, its exit code."""

from __future__ import annotations

import os
import sys

from chatcask_wait.waiting import System, Waiting, say

_USAGE = "usage: chatcask_wait [--every SECONDS] [--each] [--root FOLDER]... -- COMMAND [ARGUMENT]..."


def main(arguments: list[str]) -> int:
    """Wait until told to end; return the exit code."""
    roots: list[str] = []
    every, each = 0.0, False
    rest = list(arguments)
    try:
        while (option := rest.pop(0)) != "--":
            if option == "--each":
                each = True
            elif option == "--root":
                roots.append(os.path.abspath(rest.pop(0)))  # noqa: PTH100 - must not resolve links
            elif option == "--every":
                every = float(rest.pop(0))
        waiting = Waiting(_system(), roots, [rest[0], *rest[1:]], every, roots if each else [""])
    except (ValueError, IndexError):
        say(_USAGE)
        return 2
    try:
        waiting.run()
    except OSError as error:
        say(f"cannot wait: {error}")
        return 1
    return 0


def _system() -> System:
    if sys.platform == "win32":
        from chatcask_wait.windows import Windows  # noqa: PLC0415 - each system has one of them

        return Windows()
    elif sys.platform == "linux":  # noqa: RET505 - so that type checkers see one system at a time
        from chatcask_wait.linux import Linux  # noqa: PLC0415

        return Linux()
    else:
        from chatcask_wait.kqueue import Kqueue  # noqa: PLC0415

        return Kqueue()
