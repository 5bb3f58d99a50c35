"""`chatcask doctor`: chats that are on disk and not shown, or shown and not there, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chatcask import documents
from chatcask.editing import Examination, Fixed
from chatcask.errors import InvalidInputError, StoreNotFoundError
from chatcask.workbench import Workbench, choose_sources, elsewhere
from chatcask_cli.reports.change_report import change_lines
from chatcask_cli.reports.copies_report import copies_lines
from chatcask_cli.reports.doctor_report import diagnosis_lines
from chatcask_cli.reports.elsewhere_report import elsewhere_lines
from chatcask_cli.reports.loss_report import tell_losses
from chatcask_cli.shell.advice import hinted
from chatcask_cli.shell.exit_codes import ExitCode
from chatcask_cli.shell.options import Run
from chatcask_cli.shell.options import command as as_command
from chatcask_cli.shell.output import count_text

if TYPE_CHECKING:
    from datetime import datetime


@as_command
def command(
    run: Run,
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[ID]...", help="With --fix: the chats or workspaces to mend; else all."),
    ] = None,
    user_data_dir: Annotated[
        Path | None,
        typer.Option("--user-data-dir", metavar="DIR", help="Look into this folder of an editor."),
    ] = None,
    product: Annotated[
        str | None,
        typer.Option("--product", metavar="NAME", help="Look into this editor's folder only."),
    ] = None,
    look_in: Annotated[
        list[Path] | None,
        typer.Option(
            "--look-in",
            metavar="DIR|ZIP|FILE",
            help="Look into this old copy of an editor's folder too, as a backup has it; may be repeated.",
        ),
    ] = None,
    *,
    fix: Annotated[
        bool, typer.Option("--fix", help="Mend what can be mended; safety snapshot first.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="With --fix: show what would change; change nothing.")
    ] = False,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Exit with 1 if anything was found that is not mended.")
    ] = False,
) -> int:
    """Find chats that are lost, not listed, or cannot be opened, and say why and what can be had.

    Compares the disk, the editor's list and the store; works without a store too. Changes nothing without
    --fix. The editor must be closed.

    With --look-in it also searches old copies of an editor's folder for chats that are not here any more.
    """
    if (names or dry_run) and not fix:
        raise hinted(InvalidInputError("names and --dry-run go with --fix"), "add --fix")
    if look_in and fix:
        raise hinted(
            InvalidInputError("--look-in only looks, and --fix changes"),
            "import the copy, then fix or restore",
        )
    copies = [path.expanduser().absolute() for path in look_in or ()]
    sources = choose_sources(run.machine(), user_data_dir, product)
    fixes: Sequence[Fixed] = ()
    with _open(run, fix=fix, dry_run=dry_run) as bench, run.monitor() as monitor:
        visit = Examination((), ()) if copies and not sources else bench.editing.diagnose(sources, monitor)
        seen = bench.editing.look_into_copies(copies, sources, monitor) if copies else None
        visit = seen.added_to(visit) if seen else visit
        for refusal in (*visit.refusals, *visit.passed_over):
            run.output.message(f"left alone: {refusal.message}")
        if fix:
            plans = bench.editing.plan_fixes(visit.diagnoses, names or (), monitor)
            for note in (note for plan in plans for note in plan.notes):  # before anything is written
                run.output.message(run.output.paint(f"note: {note}", "yellow"))
            fixes = [Fixed(p, None) for p in plans] if dry_run else bench.editing.apply_fixes(plans, monitor)
        taken: dict[str, datetime] = {one.id: one.taken_at for one in bench.repository.snapshots()}
    for line in copies_lines(seen, run.output) if seen else ():
        run.output.report(line)
    for line in _lines(run, visit, fixes, fixing=fix, dry_run=dry_run):
        run.output.report(line)
    tell_losses([done.applied for done in fixes], taken, run.output)
    others = () if fix else elsewhere(run.machine(), sources, of_machine=user_data_dir is None)
    for line in elsewhere_lines(others, run.output):
        run.output.report(line)
    run.output.document(
        lambda: documents.doctor_document(visit, fixes, dry_run=dry_run, elsewhere=others, copies=seen)
    )
    if not visit.is_whole or any(done.plan.refused for done in fixes):
        return ExitCode.GAPS
    mended = 0 if dry_run else sum(len(done.plan.fixed) for done in fixes)
    found = sum(len(diagnosis.findings) for diagnosis in visit.diagnoses)
    found += len(seen.chats) if seen else 0
    return ExitCode.FAILED if exit_code and found > mended else ExitCode.DONE


def _open(run: Run, *, fix: bool, dry_run: bool) -> Workbench:
    """Open the store: a fix needs one for its safety snapshot, a look or a dry run can do without."""
    if fix and not dry_run:
        return run.open_or_make()
    try:
        return run.open()
    except StoreNotFoundError:
        if run.store is not None:
            raise
        return Workbench.in_memory(run.machine())


def _lines(
    run: Run,
    visit: Examination,
    fixes: Sequence[Fixed],
    *,
    fixing: bool,
    dry_run: bool,
) -> Iterator[str]:
    if not fixing:
        for diagnosis in visit.diagnoses:
            yield from diagnosis_lines(diagnosis, run.output)
        return
    for done in fixes:
        yield from _fix_lines(run, done, dry_run=dry_run)
    if not any(done.plan.fixed or done.plan.refused for done in fixes):
        yield "nothing to mend"
    if left := _left_to_the_user(visit):
        text = f"{count_text(left, 'chat')} that --fix leaves to you: 'chatcask doctor' says what to do"
        yield run.output.wording.text(text)


def _fix_lines(run: Run, done: Fixed, *, dry_run: bool) -> Iterator[str]:
    plan, applied = done.plan, done.applied
    if dry_run or run.output.verbosity > 0:
        yield from change_lines(plan.change, run.output)
    for finding, why in plan.refused:
        yield run.output.paint(f"not mended: {finding.about}: {why}", "yellow")
    if not plan.fixed:
        return
    words = "would mend" if dry_run else "mended"
    yield f"{words} {count_text(len(plan.fixed), 'finding')} in {plan.change.source.id}"
    for finding in plan.fixed:
        yield f"  {finding.about}  {finding.title}"
    if applied is not None:
        text = f"  safety snapshot {applied.safety.id[:12]}; 'chatcask undo' takes it back"
        yield run.output.wording.text(text)


def _left_to_the_user(visit: Examination) -> int:
    """Return how many chats could be had and are not brought back without being named."""
    findings = [finding for found in visit.diagnoses for finding in found.findings]
    return sum(bool(one.session and one.turns and not one.can_fix) for one in findings)
