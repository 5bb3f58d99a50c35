"""`chatcask sources`: which editors were found, where, and which run now."""

from __future__ import annotations

from chatcask import documents
from chatcask.workbench import editors
from chatcask_cli.shell import environment
from chatcask_cli.shell.exit_codes import ExitCode
from chatcask_cli.shell.options import Run
from chatcask_cli.shell.options import command as as_command


@as_command
def command(run: Run) -> int:
    """List the editors found on this machine, where their folders are, and which run now.

    Looks at no chat file.
    """
    rows = editors(environment.machine())
    for source, editor in rows:
        state = run.output.paint("running", "yellow") if editor else run.output.paint("closed", "green")
        run.output.line(f"{source.id:<28} {state:<8} {source.user_data_dir}")
        if editor and run.output.verbosity > 0:
            run.output.line(f"  {editor.description}")
    if not rows:
        run.output.report("no editor's folder was found; name one with 'chatcask snapshot --user-data-dir'")
    run.output.document(lambda: documents.editors_document(rows))
    return ExitCode.DONE
