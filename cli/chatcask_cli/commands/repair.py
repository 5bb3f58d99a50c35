"""`chatcask repair`: mend the store."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chatcask import documents
from chatcask.workbench import SourceChoice, apply_config, choose_requests, plan_config
from chatcask_cli.reports.findings_report import finding_lines
from chatcask_cli.shell.exit_codes import ExitCode
from chatcask_cli.shell.options import Run
from chatcask_cli.shell.options import command as as_command
from chatcask_cli.shell.output import Output, count_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatcask.integrity import RepairPlan, RepairResult


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
    machine = run.machine()
    config = plan_config(run.store_path(), machine)
    if config and dry_run:
        return _report_config_only(run, config.reason)
    if config:
        apply_config(run.store_path(), config)
    with run.open() as bench, run.monitor() as monitor:
        requests = choose_requests(machine, SourceChoice(user_data_dir or (), product or ()), monitor)
        donors = [path.expanduser() for path in from_store or ()]
        with bench.upkeep.plan_repair(donors, [request.source for request in requests], monitor) as plan:
            result = None if dry_run else bench.upkeep.apply_repair(plan, monitor)
    replaced = config.reason if config else None
    for text in _lines(plan, result, replaced, run.output):
        run.output.report(text)
    run.output.document(lambda: documents.repair_document(plan, result, machine.clock(), replaced))
    if (result or plan).damage:
        return ExitCode.DAMAGED
    return ExitCode.GAPS if result and result.newly_lost else ExitCode.DONE


def _report_config_only(run: Run, reason: str) -> int:
    run.output.report(f"would make a new config: {reason}")
    text = "run 'chatcask repair' without --dry-run to see the rest of the store"
    run.output.report(run.output.wording.text(text))
    run.output.document(lambda: documents.ConfigDocument(success=False, dry_run=True, config=reason))
    return ExitCode.DAMAGED


def _lines(
    plan: RepairPlan, result: RepairResult | None, replaced: str | None, output: Output
) -> Iterator[str]:
    if replaced:
        yield f"made a new config: {replaced}"
    for finding in (result or plan).findings:
        yield from finding_lines(finding, output)
    if not plan.has_work:
        yield "nothing to mend"
        return
    verbs = _DONE if result else _PLANNED
    steps = (
        (len(plan.index_packs), verbs[0], "pack"),
        (len(plan.rescue_packs), verbs[1], "damaged pack"),
        (len(plan.put_back), verbs[2], "object"),
        (len(plan.rescue_snapshots), verbs[4], "snapshot"),
        (len(plan.replace_indexes), verbs[3], "index object"),
    )
    yield from (f"{verb} {count_text(count, noun)}" for count, verb, noun in steps if count)
    if result:
        yield from _outcome_lines(plan, result)
    elif plan.wanted:
        yield f"would look for {count_text(plan.wanted, 'missing chunk')} in other stores and closed editors"


def _outcome_lines(plan: RepairPlan, result: RepairResult) -> Iterator[str]:
    if plan.wanted:
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
