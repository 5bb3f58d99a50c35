"""`chatcask repair`: mend the store."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chatcask import documents
from chatcask.workbench import SourceChoice, choose_requests, repair_config
from chatcask_cli.reports.findings_report import finding_lines
from chatcask_cli.shell import environment
from chatcask_cli.shell.exit_codes import ExitCode
from chatcask_cli.shell.options import Run
from chatcask_cli.shell.options import command as as_command
from chatcask_cli.shell.output import count_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatcask.integrity import RepairResult


@as_command
def command(
    run: Run,
    from_store: Annotated[
        list[Path] | None,
        typer.Option(
            "--from", metavar="STORE", help="Take what is missing from this other store; may be repeated."
        ),
    ] = None,
    user_data_dir: Annotated[
        list[Path] | None,
        typer.Option(
            "--user-data-dir",
            metavar="DIR",
            help="Look for missing text in this editor folder instead of all that are found.",
        ),
    ] = None,
    product: Annotated[
        list[str] | None,
        typer.Option("--product", metavar="NAME", help="Look only in the folders of this editor."),
    ] = None,
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Write nothing; say what would be done.")
    ] = False,
) -> int:
    """Mend the store: index packs again, copy what damaged packs still give, fetch what is missing.

    What is missing is looked for in other stores and in the files of closed editors. What nobody has is noted
    as lost, and restore leaves it out and says so. Nothing stored is ever deleted.
    """
    machine = environment.machine()
    replaced = repair_config(run.store_path(), machine, dry_run=dry_run)
    if replaced and dry_run:
        return _report_config_only(run, replaced)
    with run.open() as bench, run.monitor() as monitor:
        requests = choose_requests(machine, SourceChoice(user_data_dir or (), product or ()), monitor)
        donors = [path.expanduser() for path in from_store or ()]
        sources = [request.source for request in requests]
        result = bench.upkeep.repair(donors, sources, dry_run=dry_run, monitor=monitor)
    for text in _lines(result, replaced, run, dry_run=dry_run):
        run.output.report(text)
    now = machine.clock()
    run.output.document(lambda: documents.repair_document(result, now, replaced, dry_run=dry_run))
    if result.damage:
        return ExitCode.DAMAGED
    return ExitCode.GAPS if result.newly_lost else ExitCode.DONE


def _report_config_only(run: Run, replaced: str) -> int:
    run.output.report(f"would make a new config: {replaced}")
    run.output.report("run 'chatcask repair' without --dry-run to see the rest of the store")
    run.output.document(lambda: documents.ConfigDocument(success=False, dry_run=True, config=replaced))
    return ExitCode.DAMAGED


def _lines(result: RepairResult, replaced: str | None, run: Run, *, dry_run: bool) -> Iterator[str]:
    plan, output = result.plan, run.output
    if replaced:
        yield f"made a new config: {replaced}"
    for finding in result.findings:
        yield from finding_lines(finding, output)
    if not plan.has_work:
        yield "nothing to mend"
        return
    verbs = _PLANNED if dry_run else _DONE
    steps = (
        (len(plan.index_packs), verbs[0], "pack"),
        (len(plan.rescue_packs), verbs[1], "damaged pack"),
        (len(plan.put_back), verbs[2], "object"),
        (len(plan.rescue_snapshots), verbs[4], "snapshot"),
        (len(plan.replace_indexes), verbs[3], "index object"),
    )
    yield from (f"{verb} {count_text(count, noun)}" for count, verb, noun in steps if count)
    if plan.wanted and dry_run:
        yield f"would look for {count_text(plan.wanted, 'missing chunk')} in other stores and closed editors"
    elif plan.wanted:
        yield f"found {result.chunks_refilled} of {count_text(plan.wanted, 'missing chunk')}"
    for unasked in result.unasked:
        yield f"did not look into {unasked.source.user_data_dir}: {unasked.reason}; close it and run again"
    if result.newly_lost:
        yield f"noted {result.newly_lost} chunks or snapshots as lost; everything else restores"


_PLANNED = (
    "would index",
    "would copy what can be read of",
    "would put back",
    "would replace",
    "would rescue",
)
_DONE = ("indexed", "copied what could be read of", "put back", "replaced", "rescued")
