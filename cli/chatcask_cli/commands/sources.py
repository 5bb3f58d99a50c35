"""`chatcask sources`: which editors were found, where, and which run now."""

from __future__ import annotations

from chatcask import documents
from chatcask.workbench import editors, elsewhere
from chatcask_cli.reports.elsewhere_report import elsewhere_lines
from chatcask_cli.shell.exit_codes import ExitCode
from chatcask_cli.shell.options import Run
from chatcask_cli.shell.options import command as as_command


@as_command
def command(run: Run) -> int:
    """List the editors found on this machine, where their folders are, and which run now.

    Reads no chat. Counts those of closed editors that chatcask sees and does not save yet.
    """
    machine = run.machine()
    rows = editors(machine)
    for source, editor in rows:
        state = run.output.paint("running", "yellow") if editor else run.output.paint("closed", "green")
        run.output.line(f"{source.id:<28} {state:<8} {source.user_data_dir}")
        if editor and run.output.verbosity > 0:
            run.output.line(f"  {editor.description}")
    if not rows:
        run.output.report("no editor's folder was found; name one with 'chatcask snapshot --user-data-dir'")
    others = elsewhere(machine, [source for source, _ in rows])
    for text in elsewhere_lines(others, run.output):
        run.output.line(text)
    run.output.document(lambda: documents.editors_document(rows, others))
    return ExitCode.DONE
