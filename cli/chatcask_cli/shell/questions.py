"""Ask a person before something changes."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import typer

from chatcask.errors import InvalidInputError
from chatcask.visible import visible_line
from chatcask_cli.shell.advice import hinted

if TYPE_CHECKING:
    from chatcask_cli.shell.output import Output


def require_yes(output: Output, question: str, *, yes: bool) -> bool:
    """Return whether to go on: `--yes`, or the answer of a person at a terminal.

    Raises:
        InvalidInputError: nobody can answer.
    """
    if yes:
        return True
    if output.as_json or not sys.stdin.isatty():
        raise hinted(
            InvalidInputError("this asks before it changes anything, and there is no terminal to ask on"),
            "add --yes to go on without the question",
        )
    return typer.confirm(visible_line(question), default=False, err=True)
