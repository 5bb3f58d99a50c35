"""`chatcask init`: make a store."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from chatcask import documents
from chatcask.errors import InvalidInputError
from chatcask.workbench import Workbench
from chatcask_cli.shell.exit_codes import ExitCode
from chatcask_cli.shell.options import Run
from chatcask_cli.shell.options import command as as_command


@as_command
def command(
    run: Run,
    path: Annotated[
        Path | None, typer.Argument(metavar="[PATH]", help="A new or empty folder; as --store.")
    ] = None,
) -> int:
    """Make a store.

    A first 'chatcask snapshot' makes one by itself; this is for a store that is to be filled later.
    """
    if path is not None and run.store is not None:
        raise InvalidInputError("PATH and --store name the same thing; give one of them", what="store")
    place = run.store_path() if path is None else path.expanduser()
    with Workbench.create(place, run.machine()) as bench:
        store_id = bench.repository.config.store_id
    made = place.absolute()
    run.output.report(f"made a store at {made}")
    run.output.document(lambda: documents.StoreDocument(success=True, store=made, store_id=store_id))
    return ExitCode.DONE
