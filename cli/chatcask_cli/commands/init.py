"""`chatcask init`: make a store."""

from __future__ import annotations

from pathlib import Path

from chatcask import LocalTransport, locate, refuse_inside_editor
from chatcask_cli.shell import environment
from chatcask_cli.shell.exit_codes import ExitCode
from chatcask_cli.shell.options import Run
from chatcask_cli.shell.options import command as as_command
from chatcask_cli.stores import create_store


@as_command
def command(run: Run) -> int:
    """Make a store.

    A first 'chatcask snapshot' makes the default store by itself; this is for a store at another place.
    """
    path = run.store_path()
    refuse_inside_editor(path, locate(environment.platform()), "the store")
    config = create_store(LocalTransport(path))
    run.output.report(f"made a store at {Path(path).absolute()}")
    run.output.document(success=True, store=str(path.absolute()), store_id=config.store_id)
    return ExitCode.DONE
