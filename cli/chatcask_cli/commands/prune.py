"""`chatcask prune`: free the space of what no snapshot needs."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

from chatcask import documents
from chatcask_cli.shell.exit_codes import ExitCode
from chatcask_cli.shell.options import Run
from chatcask_cli.shell.options import command as as_command
from chatcask_cli.shell.output import count_text, size_text, time_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatcask.retention import PruneResult


@as_command
def command(
    run: Run,
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Change nothing; say what would go and what it would free.")
    ] = False,
    lock_wait: Annotated[
        float,
        typer.Option("--lock-wait", metavar="SECONDS", min=0, help="How long to wait for another prune."),
    ] = 5.0,
) -> int:
    """Free the space of what no snapshot needs, in two steps at least a day apart.

    The first run marks what is not needed, and copies what is still used of half-empty packs. A run a day or
    more later deletes it. Snapshots may be taken and restored at the same time.
    """
    with run.open() as bench, run.monitor() as monitor:
        if dry_run:
            result = bench.retention.preview_prune(monitor)
        else:
            since = time_text(bench.machine.clock())
            holder = f"chatcask prune (process {os.getpid()} on {bench.machine.host}, since {since})"
            result = bench.retention.prune(holder, lock_wait, monitor)
    for text in _lines(result, dry_run=dry_run):
        run.output.report(text)
    run.output.document(lambda: documents.prune_document(result, dry_run=dry_run))
    return ExitCode.DONE


def _lines(result: PruneResult, *, dry_run: bool) -> Iterator[str]:
    plan = result.plan
    would = "would be " if dry_run else ""
    yield f"deleted: {would}{size_text(result.bytes_deleted)} in {count_text(result.packs_deleted, 'pack')}"
    if result.manifests_deleted:
        count = count_text(result.manifests_deleted, "forgotten snapshot")
        yield f"  {count} can no longer be put back"
    if plan.dead or plan.repack:
        size = size_text(plan.bytes_dead)
        yield f"marked: {would}{count_text(len(plan.dead), 'pack')} that nothing needs ({size})"
    if plan.repack:
        count, size = count_text(len(plan.repack), "pack"), size_text(plan.bytes_repacked)
        yield f"repacked: {would}{count} ({size}, of which {size_text(plan.bytes_unused)} unused)"
    waiting = result.bytes_waiting + (plan.bytes_dead + plan.bytes_repacked if dry_run else 0)
    if waiting:
        yield f"a prune a day from now frees {size_text(waiting)}"
    else:
        yield "nothing waits to be deleted"
