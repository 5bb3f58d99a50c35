"""A program for tests: loses a chat, restores it, and is killed at the n-th step on the editor's folder.

Arguments: a new folder, the folder to copy into it, and the number of the step.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from chatcask.assistants.vscode.writing.file_steps import FileOperations
from support.restore_world import RestoreWorld


class Killed(FileOperations):
    """Ends the process without any cleaning up."""

    def __init__(self, dies_at: int) -> None:
        self._left = dies_at

    def before(self, step: str, path: Path) -> None:
        if self._left == 0:
            os._exit(9)
        self._left -= 1


def main() -> None:
    """Run."""
    world = RestoreWorld(Path(sys.argv[1]), Path(sys.argv[2]))
    subject = world.subject("retry")
    world.take()
    world.lose_both(subject)
    world.restore(subject.session, operations=Killed(int(sys.argv[3])))


main()
