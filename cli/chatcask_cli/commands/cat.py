"""`chatcask cat`: the exact bytes of one file of a snapshot."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from chatcask import EntryKind, split_path
from chatcask.errors import InvalidInputError
from chatcask_cli.shell.advice import hinted
from chatcask_cli.shell.exit_codes import ExitCode
from chatcask_cli.shell.options import Run
from chatcask_cli.shell.options import command as as_command


@as_command
def command(
    run: Run,
    place: Annotated[str, typer.Argument(metavar="SNAP:PATH", help="A snapshot and a file in it.")],
) -> int:
    """Write the exact bytes of one file of a snapshot to standard output. Ignores --json."""
    name, path = split_path(place)
    with run.open_store() as repository:
        _, snapshot = run.find(repository, name)
        entry = repository.entry(snapshot.root, path)
        if entry.kind is EntryKind.FOLDER:
            raise hinted(InvalidInputError(f"{path or place} is a folder"), f"list it: chatcask ls {place}")
        for data in repository.reader.read(entry.content):
            sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    return ExitCode.DONE
