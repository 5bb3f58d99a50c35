"""Long output in a person's own pager: only on a terminal, and only if the settings name one."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chatcask_cli.shell.output import Output


@contextmanager
def paged(command: Sequence[str], output: Output) -> Iterator[None]:
    """Send what is printed meanwhile into a pager; without one, or where nobody looks, change nothing.

    A person who leaves the pager has seen enough: the rest is dropped, and nothing has failed.
    """
    if not command or output.as_json or not sys.stdout.isatty():
        yield
        return
    sys.stdout.flush()
    try:
        pager = subprocess.Popen(command, stdin=subprocess.PIPE)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        output.message(f"the pager {command[0]} cannot be started: {reason}")
        yield
        return
    screen = sys.stdout
    assert pager.stdin is not None  # noqa: S101 - a pipe was asked for
    pipe = _Screen(pager.stdin, encoding=screen.encoding, errors=screen.errors)
    sys.stdout = pipe
    try:
        with suppress(BrokenPipeError):
            yield
            pipe.flush()
    finally:
        sys.stdout = screen
        with suppress(BrokenPipeError):
            pipe.close()
        _wait(pager)


class _Screen(io.TextIOWrapper):
    """The pipe to a pager: what is shown there is shown on a terminal, colours and escaped bytes alike."""

    def isatty(self) -> bool:
        """Tell that it is one."""
        return True


def _wait(pager: subprocess.Popen[bytes]) -> None:
    """Wait until the person leaves the pager, which alone decides what an interrupt means to it."""
    while True:
        with suppress(KeyboardInterrupt):
            pager.wait()
            return
