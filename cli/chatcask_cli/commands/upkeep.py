"""`chatcask upkeep`: what the store needs once a day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from chatcask import documents
from chatcask_cli.shell.exit_codes import ExitCode
from chatcask_cli.shell.options import Run
from chatcask_cli.shell.options import command as as_command
from chatcask_cli.shell.output import count_text, size_text
from chatcask_cli.shell.upkeep import settled_upkeep, upkeep_recorded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatcask.documents import UpkeepDocument


@as_command
def command(
    run: Run,
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Change nothing; say what would be done.")
    ] = False,
) -> int:
    """Forget by the policy of the config file, free space, and prove another part of the stored data.

    Runs by themselves do it once a day. Without a policy only runs without change are forgotten. A step that
    cannot be done now, or is not reached in time, is named and waits for the next time.
    """
    with run.open() as bench, run.monitor() as monitor:
        if dry_run:
            plan = bench.upkeep.plan_daily(settled_upkeep(run), monitor)
            document = documents.upkeep_plan_document(plan, bench.machine.clock())
        else:
            document = documents.upkeep_document(*upkeep_recorded(run, bench, monitor))
    for text in _lines(document):
        run.output.report(text)
    for step in document.left_out:
        run.output.message(f"{step.step} was not done: {step.reason}")
    run.output.document(lambda: document)
    if document.damage:
        run.output.message(
            run.output.wording.text("damage was found; 'chatcask check' says what is affected")
        )
        return ExitCode.DAMAGED
    return ExitCode.GAPS if document.left_out else ExitCode.DONE


def _lines(document: UpkeepDocument) -> Iterator[str]:
    would = "would be " if document.dry_run else ""
    if document.forgotten is not None:
        yield f"forgotten: {would}{count_text(len(document.forgotten), 'snapshot')}"
    if document.bytes_deleted is not None:
        yield f"freed: {would}{size_text(document.bytes_deleted)}"
    if document.bytes_read is not None:
        yield f"read and proved: {size_text(document.bytes_read)}"
