"""`chatcask snapshot`: save all chats of closed editors into the store."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import chatcask
from chatcask import SnapshotOptions, documents
from chatcask.errors import StoreNotFoundError
from chatcask.workbench import (
    Machine,
    SourceChoice,
    Workbench,
    choose_requests,
    elsewhere,
    keep_out_of_editors,
    require_a_closed_one,
)
from chatcask_cli.shell import environment
from chatcask_cli.shell.exit_codes import ExitCode
from chatcask_cli.shell.options import Run
from chatcask_cli.shell.options import command as as_command

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chatcask import Request, SnapshotReference, SnapshotResult
    from chatcask.workbench import Elsewhere


@as_command
def command(
    run: Run,
    user_data_dir: Annotated[
        list[Path] | None,
        typer.Option(
            "--user-data-dir", metavar="DIR", help="Capture this folder of an editor; may be repeated."
        ),
    ] = None,
    product: Annotated[
        list[str] | None,
        typer.Option(
            "--product", metavar="NAME", help="Capture only this editor ('chatcask sources' names them)."
        ),
    ] = None,
    manifest: Annotated[
        Path | None,
        typer.Option(
            "--manifest", metavar="FILE", help="Capture the workspaces that a paths-only manifest lists."
        ),
    ] = None,
    tag: Annotated[
        list[str] | None,
        typer.Option("--tag", metavar="NAME", help="Give the snapshot a name; may be repeated."),
    ] = None,
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Read no chat and write nothing; say what would be read.")
    ] = False,
    skip_unchanged: Annotated[
        bool, typer.Option("--skip-unchanged", help="Write nothing at all when nothing changed.")
    ] = False,
    alarm_exit: Annotated[
        bool, typer.Option("--alarm-exit", help="Exit with 4 when a chat vanished or was emptied.")
    ] = False,
) -> int:
    """Save every chat of every closed editor.

    An editor that runs is left alone: its chats are not touched, and those of other editors are saved.
    Text that the store has is not stored again.
    """
    machine = environment.machine()
    tags = tuple(chatcask.check_tag(name) for name in tag or ())
    options = SnapshotOptions(tags, skip_unchanged=skip_unchanged, dry_run=dry_run)
    choice = SourceChoice(user_data_dir or (), product or (), manifest)
    with run.monitor() as monitor:
        requests = choose_requests(machine, choice, monitor)
        with _open(run, machine, requests, dry_run=dry_run) as bench:
            result = bench.snapshots.take(requests, options, monitor)
            if result.reference is not None:
                _move_tags(run, bench, result.reference, tags)
        seen = [request.source for request in requests]
        others = () if result.unchanged else elsewhere(machine, seen, of_machine=not user_data_dir)
    named = {request.source.id: request.source.user_data_dir for request in requests if user_data_dir}
    _report(run, result, others, named, dry_run=dry_run)
    if result.losses and alarm_exit:
        return ExitCode.ALARM
    return ExitCode.DONE if result.snapshot.complete else ExitCode.GAPS


def _move_tags(run: Run, bench: Workbench, reference: SnapshotReference, tags: Sequence[str]) -> None:
    for tag in tags:
        for other in bench.labels.tag(reference.id, tag).moved_from:
            run.output.report(f"the tag {tag} was taken from {other.id[:12]}")


def _report(
    run: Run,
    result: SnapshotResult,
    others: Sequence[Elsewhere],
    named: Mapping[str, Path],
    *,
    dry_run: bool,
) -> None:
    if run.output.as_json:
        run.output.document(lambda: documents.snapshot_document(result, dry_run=dry_run, elsewhere=others))
        return
    from chatcask_cli.reports.loss_report import helping  # noqa: PLC0415 - programs read no report
    from chatcask_cli.reports.snapshot_report import report_lines  # noqa: PLC0415

    for text in report_lines(result, helping(run, named), run.output, dry_run=dry_run):
        run.output.report(text)
    if others:
        from chatcask_cli.reports.elsewhere_report import elsewhere_lines  # noqa: PLC0415 - few have such

        for text in elsewhere_lines(others, run.output):
            run.output.report(text)


def _open(run: Run, machine: Machine, requests: Sequence[Request], *, dry_run: bool) -> Workbench:
    """Open the store; make it when something will be saved, or one in memory for a dry run."""
    if requests:
        keep_out_of_editors(machine, run.store_path(), "the store", [request.source for request in requests])
    try:
        return run.open()
    except StoreNotFoundError:
        if dry_run or not requests:
            return Workbench.in_memory(machine)
    require_a_closed_one(machine, requests)  # else nothing will be saved, so no store is made either
    return run.open_or_make()
