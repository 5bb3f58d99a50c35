"""`chatcask snapshot`: save all chats of closed editors into the store."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from chatcask import (
    LocalTransport,
    MachineGuard,
    MemoryTransport,
    Repository,
    Request,
    SnapshotOptions,
    check_tag,
    refuse_inside_editor,
    take_snapshot,
)
from chatcask.errors import StoreNotFoundError
from chatcask_cli.reports.snapshot_report import report_document, report_lines
from chatcask_cli.shell import environment
from chatcask_cli.shell.exit_codes import ExitCode
from chatcask_cli.shell.options import Run
from chatcask_cli.shell.options import command as as_command
from chatcask_cli.source_choice import choose_requests
from chatcask_cli.stores import create_store


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
    platform = environment.platform()
    tags = tuple(check_tag(name) for name in tag or ())
    with run.monitor() as monitor:
        requests = choose_requests(platform, user_data_dir or [], product or [], manifest, monitor)
        refuse_inside_editor(run.store_path(), [request.source for request in requests], "the store")
        options = SnapshotOptions(tags, skip_unchanged=skip_unchanged, dry_run=dry_run)
        guard = MachineGuard(platform)
        with _open(run, requests, guard, dry_run=dry_run) as repository:
            result = take_snapshot(
                repository,
                requests,
                options,
                identity=environment.identity(),
                guard=guard,
                clock=environment.utc_now,
                monitor=monitor,
            )
    for text in report_lines(result, run.output, dry_run=dry_run):
        run.output.report(text)
    run.output.document(**report_document(result, dry_run=dry_run))
    if result.losses and alarm_exit:
        return ExitCode.ALARM
    return ExitCode.DONE if result.snapshot.complete else ExitCode.GAPS


def _open(run: Run, requests: list[Request], guard: MachineGuard, *, dry_run: bool) -> Repository:
    """Open the store; make the default one when it is missing, or one in memory for a dry run."""
    try:
        return run.open_store()
    except StoreNotFoundError:
        if dry_run or not requests:
            transport = MemoryTransport()
            create_store(transport)
            return Repository.open(transport)
        if run.store is not None:
            raise
    if all(guard.running(request.source) for request in requests):
        guard.require_closed(requests[0].source)  # nothing will be saved, so no store is made either
    create_store(LocalTransport(run.store_path()))
    run.output.report(f"made a store at {run.store_path()}")
    return run.open_store()
