"""`chatcask losses`: every chat that was found lost, and the command that brings it back."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Annotated

import typer

from chatcask import documents
from chatcask.jobs import mark_seen
from chatcask.snapshots import parse_moment
from chatcask_cli.reports.loss_report import loss_lines
from chatcask_cli.shell.exit_codes import ExitCode
from chatcask_cli.shell.options import Run
from chatcask_cli.shell.options import command as as_command

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chatcask.workbench import PastLoss
    from chatcask_cli.shell.output import Output


@as_command
def command(
    run: Run,
    since: Annotated[
        str | None, typer.Option("--since", metavar="TIME", help="Only what was found lost since then.")
    ] = None,
) -> int:
    """List every chat that any run found lost, newest first, with the command that brings it back.

    A chat that is there again with as many turns is marked.
    """
    machine = run.machine()
    moment = parse_moment(since, machine.local_now()) if since else None
    with run.open() as bench, run.monitor() as monitor:
        losses = bench.chats.past_losses(moment, monitor)
    with run.paged():
        for text in _lines(losses, run.output):
            run.output.line(text)
    run.output.document(lambda: documents.losses_document(losses))
    mark_seen(machine.memory_folder, machine.clock())
    return ExitCode.DONE


def _lines(losses: Iterable[PastLoss], output: Output) -> Iterator[str]:
    is_any = False
    for found, group in groupby(losses, key=lambda each: each.found):
        is_any = True
        every = list(group)
        host = f"  {every[0].host}" if every[0].host else ""
        yield f"{output.paint(found.id[:12], 'cyan')}  {output.listed_time(found.taken_at)}{host}"
        yield from loss_lines([each.loss for each in every if not each.is_back], output, {})
        for each in every:
            if each.is_back:
                yield output.paint(f'  "{each.loss.title or each.loss.session[:8]}" is back', "dim")
    if not is_any:
        yield "no chat was found lost"
