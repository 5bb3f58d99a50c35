"""What a run of `snapshot` says: lines for people, a document for programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from chatcask_cli.shell.output import count_text, problems_json, size_text, time_json, time_text

if TYPE_CHECKING:
    from chatcask import SnapshotResult
    from chatcask_cli.shell.output import Output


def report_lines(result: SnapshotResult, output: Output, *, dry_run: bool) -> Iterator[str]:
    """Yield the lines of the report."""
    totals = result.snapshot.totals
    for skipped in result.skipped:
        text = f"left alone: {skipped.editor.description}; close it and run again to save its newest chats"
        yield output.paint(text, "yellow")
    scanned = f"{count_text(totals.workspaces, 'workspace')}, {count_text(totals.files, 'file')}"
    changed = f"{totals.files_extracted:,} new or changed ({size_text(totals.bytes_read)})"
    if dry_run:
        yield f"would read {changed} of {scanned}; nothing was read or written"
        return
    if result.reference is None:
        yield f"nothing changed in {scanned}; no snapshot written"
        return
    taken_at = time_text(result.snapshot.taken_at, output.zone)
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
    for loss in result.losses:
        name = f'"{loss.title}"' if loss.title else loss.session
        yield output.paint(f"  {name}: {loss.message}", "yellow")
        yield f"    as it was: {_way_back(loss.session, loss.snapshot)}"
    if any(loss.kind == "vanished" for loss in result.losses):
        yield "  (a chat that you deleted in the editor looks the same; nothing needs to be done then)"


def loss_document(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a loss for programs: its row of a manifest, and how to see the chat as it was."""
    way_back = _way_back(row.get("session", ""), row.get("snapshot", ""))
    return {**row, "way_back": way_back}


def _way_back(session: str, snapshot: str) -> str:
    return f"chatcask show {session}@{snapshot[:12]}"


def report_document(result: SnapshotResult, *, dry_run: bool) -> dict[str, Any]:
    """Return the report for programs."""
    snapshot, totals = result.snapshot, result.snapshot.totals
    return {
        "success": True,
        "dry_run": dry_run,
        "timestamp": time_json(snapshot.taken_at),
        "snapshot": result.reference.id if result.reference else None,
        "parent": snapshot.parent,
        "root": snapshot.root.id.hex() if snapshot.root.id and not dry_run else None,
        "unchanged": result.unchanged,
        "complete": snapshot.complete,
        "sources": [
            {"id": s.id, "captured": s.captured, "reason": s.reason or None, "seen_at": time_json(s.seen_at)}
            for s in snapshot.sources
        ],
        "skipped": [
            {
                "source": s.source.id,
                "reason": s.editor.reason,
                "pid": s.editor.pid,
                "message": s.editor.description,
            }
            for s in result.skipped
        ],
        "workspaces_processed": totals.workspaces,
        "files": totals.files,
        "files_extracted": totals.files_extracted,
        "files_unchanged": totals.files_unchanged,
        "bytes_scanned": totals.bytes_scanned,
        "bytes_read": totals.bytes_read,
        "bytes_new": totals.bytes_new,
        "bytes_stored": totals.bytes_stored,
        "errors": problems_json(snapshot.problems),
        "losses": [loss_document(loss.as_row()) for loss in result.losses],
        "tags": list(snapshot.tags),
        "details": [
            {
                "workspace_key": workspace.key,
                "workspace_name": workspace.name,
                "files_extracted": workspace.files_extracted,
                "errors": problems_json(workspace.errors),
            }
            for workspace in result.workspaces
        ],
    }
