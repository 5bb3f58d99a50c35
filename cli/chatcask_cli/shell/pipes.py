"""What to do when nobody takes our output any more, as in `chatcask log | head` or on a full disk."""

from __future__ import annotations

import os
import sys

from chatcask_cli.shell.exit_codes import ExitCode


def reader_left() -> ExitCode:
    """Send what is still to come nowhere; return the exit code, which tells of no failure."""
    discard_output()
    return ExitCode.DONE


def discard_output() -> None:
    """Send what standard output still holds nowhere, since Python would try it again at exit and complain."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
