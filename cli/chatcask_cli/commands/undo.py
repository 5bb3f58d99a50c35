"""`chatcask undo`: take the last restore back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chatcask import documents
from chatcask_cli.reports.change_report import change_lines
from chatcask_cli.shell.exit_codes import ExitCode
from chatcask_cli.shell.options import Run
from chatcask_cli.shell.options import command as as_command
from chatcask_cli.shell.questions import require_yes

if TYPE_CHECKING:
    from datetime import datetime

    from chatcask.editing import Applied, PassedOver, UndoPlan


@as_command
def command(
    run: Run,
    user_data_dir: Annotated[
        Path | None,
        typer.Option("--user-data-dir", metavar="DIR", help="The editor's folder, if it is not found."),
    ] = None,
    skip: Annotated[
        list[str] | None,
        typer.Option("--skip", metavar="ID", help="Leave this change as it is; take back the one before."),
    ] = None,
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show each file and field that would change; change nothing.")
    ] = False,
) -> int:
    """Take the last 'restore' or 'doctor --fix' back: the files and the editor's list are as before.

    What is there now is saved in a safety snapshot first. Run again to take back the one before.
    """
    with run.open() as bench, run.monitor() as monitor:
        plan = bench.editing.plan_undo(user_data_dir, skip or (), monitor)
        _show(run, plan)
        if dry_run:
            run.output.report("nothing was changed")
            run.output.document(lambda: documents.undo_document(plan, None, dry_run=True))
            return ExitCode.DONE
        if not require_yes(run.output, "Take it back?", yes=yes):
            run.output.report("nothing was changed")
            return ExitCode.FAILED
        applied = bench.editing.apply(plan, monitor)
        taken: dict[str, datetime] = {one.id: one.taken_at for one in bench.repository.snapshots()}
    run.output.report(_sentence(applied))
    if applied is not None and applied.losses:
        from chatcask_cli.reports.loss_report import tell_losses  # noqa: PLC0415 - seldom needed

        tell_losses([applied], taken, run.output)
    run.output.document(lambda: documents.undo_document(plan, applied, dry_run=False))
    return ExitCode.DONE


def _show(run: Run, plan: UndoPlan) -> None:
    for passed in plan.passed_over:
        run.output.message(run.output.paint(_sentence_on_passed_over(run, passed), "yellow"))
        for line in passed.kept.record.about:
            run.output.message(run.output.paint(f"  {line}", "yellow"))
    record = plan.kept.record
    which = "the one before it" if plan.passed_over else "the last change"
    run.output.report(f"{which}, of {run.output.time(record.made_at)} ({plan.kept.id[:12]}):")
    for line in record.about:
        run.output.report(f"  {line}")
    for note in plan.notes:
        run.output.message(run.output.paint(f"note: {note}", "yellow"))
    for line in change_lines(plan.change, run.output):
        run.output.report(line)


def _sentence_on_passed_over(run: Run, passed: PassedOver) -> str:
    made_at = run.output.time(passed.kept.record.made_at)
    return f"the change of {made_at} cannot be taken back and stays: {passed.error.message}"


def _sentence(applied: Applied | None) -> str:
    if applied is None:
        return "everything is as it was before already"
    return f"taken back; what was there is kept in safety snapshot {applied.safety.id[:12]}"
