"""A program for tests: locates the source of a home folder, asks the guard, and captures only if it may.

Arguments: the home folder, and a marker file that is opened just before the walk. It prints `refused`, or
`waiting` before the first file (then it reads a line) and `captured` or `stopped` at the end.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator
from pathlib import Path

from chatcask.assistants.base import FoundFile, FoundFolder, FoundState, Platform, Source
from chatcask.assistants.vscode.guard.machine_guard import MachineGuard
from chatcask.assistants.vscode.places.capture_set import capture_set
from chatcask.assistants.vscode.places.locate import locate
from chatcask.errors import EditorRunningError


def _read(folder: FoundFolder, guard: MachineGuard, source: Source, files: Iterator[int]) -> None:
    guard.watch(source)
    items = folder.list()
    while True:
        guard.watch(source)  # before the next item is fetched, because that looks at a file
        item = next(items, None)
        if item is None:
            return
        guard.watch(source)
        if isinstance(item, FoundFolder):
            _read(item, guard, source, files)
        elif isinstance(item, FoundFile):
            Path(item.path).read_bytes()
            if next(files) == 0:
                print("waiting", flush=True)
                sys.stdin.readline()
        elif isinstance(item, FoundState):
            item.read()


def main() -> None:
    """Run."""
    home, marker = Path(sys.argv[1]), sys.argv[2]
    platform = Platform("linux", home, {"XDG_RUNTIME_DIR": str(home / "run")})
    seconds = itertools.count()
    guard = MachineGuard(
        platform, clock=lambda: float(next(seconds))
    )  # each call finds the last check too old
    (source,) = locate(platform)
    try:
        guard.require_closed(source)
    except EditorRunningError:
        print("refused")
        return
    try:
        root = capture_set(source, lambda problem: print(problem, file=sys.stderr))
        _read(root, guard, source, itertools.count())
        print("captured")
    except EditorRunningError:
        Path(marker).touch()
        print("stopped")


main()
