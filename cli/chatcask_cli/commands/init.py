"""`chatcask init`: make a store."""

from __future__ import annotations

from chatcask import documents
from chatcask.workbench import Workbench
from chatcask_cli.shell import environment
from chatcask_cli.shell.exit_codes import ExitCode
from chatcask_cli.shell.options import Run
from chatcask_cli.shell.options import command as as_command


@as_command
def command(run: Run) -> int:
    """Make a store.

    A first 'chatcask snapshot' makes the default store by itself; this is for a store at another place.
    """
    path = run.store_path()
    with Workbench.create(path, environment.machine()) as bench:
        store_id = bench.repository.config.store_id
    made = path.absolute()
    run.output.report(f"made a store at {made}")
    run.output.document(lambda: documents.StoreDocument(success=True, store=made, store_id=store_id))
    return ExitCode.DONE
