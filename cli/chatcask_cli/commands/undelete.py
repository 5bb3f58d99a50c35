"""`chatcask undelete`: put forgotten snapshots back."""

from __future__ import annotations

from typing import Annotated

import typer

from chatcask import documents
from chatcask_cli.shell.exit_codes import ExitCode
from chatcask_cli.shell.options import Run
from chatcask_cli.shell.options import command as as_command
from chatcask_cli.shell.output import count_text, size_text


@as_command
def command(
    run: Run,
    snapshot: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[SNAP]...", help="Forgotten snapshots, by the beginning of their ids or tag."
        ),
    ] = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help="Put back all that can be put back.")] = False,
) -> int:
    """Put forgotten snapshots back. Without arguments: list those that can be put back.

    That is possible for at least a day after 'forget', and then until 'prune' deletes what they need.
    """
    with run.open() as bench:
        forgotten = bench.retention.forgotten()
        names = [reference.id for reference in forgotten] if everything else snapshot or ()
        done = bench.retention.apply_undelete(bench.retention.plan_undelete(names))
    for result in done:
        copied = f" ({size_text(result.bytes_stored)} stored again)" if result.bytes_stored else ""
        run.output.report(
            f"{result.reference.id[:12]}  {run.output.time(result.reference.taken_at)}  is back{copied}"
        )
    if not snapshot and not everything:
        for reference in forgotten:
            run.output.line(
                f"{run.output.paint(reference.id[:12], 'cyan')}  {run.output.time(reference.taken_at)}"
            )
        run.output.line(f"{count_text(len(forgotten), 'snapshot')} can be put back")
    run.output.document(lambda: documents.undelete_document(done, forgotten))
    return ExitCode.DONE
