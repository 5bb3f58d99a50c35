"""`chatcask cat`: the exact bytes of one file of a snapshot."""

from __future__ import annotations

from typing import Annotated

import typer

from chatcask_cli.shell.exact_bytes import write_exact
from chatcask_cli.shell.exit_codes import ExitCode
from chatcask_cli.shell.options import Run
from chatcask_cli.shell.options import command as as_command


@as_command
def command(
    run: Run,
    place: Annotated[str, typer.Argument(metavar="SNAP:PATH", help="A snapshot and a file in it.")],
) -> int:
    """Write the exact bytes of one file of a snapshot to standard output. Ignores --json."""
    with run.open() as bench:
        write_exact(bench.snapshots.read(place))
    return ExitCode.DONE
