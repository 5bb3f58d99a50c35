"""What a run of `snapshot` says: lines for people, a document for programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from chatcask_cli.reports.loss_report import loss_lines
from chatcask_cli.shell.output import count_text, size_text

if TYPE_CHECKING:
    from pathlib import Path

    from chatcask import SnapshotResult
    from chatcask_cli.shell.output import Output


def report_lines(
    result: SnapshotResult,
    output: Output,
    folders: Mapping[str, Path] | None = None,
    *,
    dry_run: bool,
) -> Iterator[str]:
    """Yield the lines of the report; `folders` are editors' folders that were named, by source."""
    totals = result.snapshot.totals
    for skipped in result.skipped:
        text = f"left alone: {skipped.editor.description}; close it and run again to save its newest chats"
        yield output.paint(text, "yellow")
    chats = count_text(sum(result.chats.values()), "chat")
    scanned = f"{count_text(totals.workspaces, 'workspace')}, {chats}, {count_text(totals.files, 'file')}"
    changed = f"{totals.files_extracted:,} new or changed ({size_text(totals.bytes_read)})"
    if dry_run:
        yield f"would read {changed} of {scanned}; nothing was read or written"
        return
    if result.reference is None:
        yield f"nothing changed in {scanned}; no snapshot written"
        return
    taken_at = output.time(result.snapshot.taken_at)
    yield f"snapshot {output.paint(result.reference.id[:12], 'cyan')}  {taken_at}"
    if result.unchanged:
        yield f"  nothing changed in {scanned}"
    else:
        yield f"  {scanned}, {changed}"
        yield f"  {size_text(totals.bytes_new)} new to the store, kept in {size_text(totals.bytes_stored)}"
    unjudged = sum(problem.kind == "not_judged" for problem in result.snapshot.problems)
    if unjudged:
        count = count_text(unjudged, "earlier version")
        text = f"  {count} cannot be read to see whether a chat lost anything"
        yield output.paint(text, "yellow")
    if result.snapshot.problem_count > unjudged:
        count = count_text(result.snapshot.problem_count - unjudged, "problem")
        text = f"  {count}; what could not be read is carried over from the last snapshot"
        yield output.paint(text, "yellow")
    for source, found in result.chats.items():
        if not found:
            yield output.paint(f"  no chats of {source} were found", "yellow")
    yield from loss_lines(result.losses, output, folders)
    if any(loss.kind == "vanished" for loss in result.losses):
        yield "  (a chat that you deleted in the editor looks the same; nothing needs to be done then)"
