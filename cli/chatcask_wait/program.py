"""The program: its command line, the system that it runs on, its exit code."""

from __future__ import annotations

import os
import sys

from chatcask_wait.waiting import System, Waiting, say

_USAGE = """\
usage: chatcask_wait [OPTION]... -- COMMAND [ARGUMENT]...
  --root FOLDER      wait for the editor of this user-data folder; may be repeated
  --every SECONDS    start the command this often, too; always at the beginning
  --each             then for each folder whose editor is closed, and not as it is
  --once             the same, and end when no editor runs and the command has ended
  --lock DESCRIPTOR  keep this open, and hand it to nobody"""


class _Line:
    """The command line, as it was understood."""

    def __init__(self, arguments: list[str]) -> None:
        self.roots: list[str] = []
        self.every = 0.0
        self.flags: set[str] = set()
        rest = list(arguments)
        while (option := rest.pop(0)) != "--":
            if option in {"--each", "--once"}:
                self.flags.add(option)
            elif option == "--root":
                self.roots.append(os.path.abspath(rest.pop(0)))  # noqa: PTH100 - must not resolve links
            elif option == "--every":
                self.every = float(rest.pop(0))
            elif option == "--lock":
                os.set_inheritable(int(rest.pop(0)), False)  # noqa: FBT003 - the system's own name for it
            else:
                raise ValueError(option)
        self.command = [rest[0], *rest[1:]]


def main(arguments: list[str]) -> int:
    """Wait until told to end; return the exit code."""
    try:
        line = _Line(arguments)
    except (ValueError, IndexError, OSError):
        say(_USAGE)
        return 2
    try:
        system = _system()
        once = "--once" in line.flags
        anyway = line.roots if line.flags else [""]
        Waiting(system, line.roots, line.command, every=line.every, anyway=anyway, once=once).run()
    except OSError as error:
        say(f"cannot wait: {error}")
        return 1
    return system.code if once else 0


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
