"""What a restore of a chat says: lines for people, a document for programs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from chatcask import documents
from chatcask.visible import in_quotes
from chatcask_cli.reports.change_report import change_lines
from chatcask_cli.shell.output import count_text

if TYPE_CHECKING:
    from chatcask.editing import Applied, RestorePlan
    from chatcask_cli.shell.output import Output


def report_restore(output: Output, plan: RestorePlan, applied: Applied | None, *, dry_run: bool) -> None:
    """Say what was done, or would be, and with which snapshot it can be undone."""
    if dry_run or output.verbosity > 0:
        for line in change_lines(plan.change, output):
            output.report(line)
    for line in _lines(plan, output, dry_run=dry_run):
        output.report(line)
    if applied is not None:
        text = f"  safety snapshot {applied.safety.id[:12]}; 'chatcask undo' takes it back"
        output.report(output.wording.text(text))
        output.report("  start the editor to see it")
    output.document(lambda: documents.restore_document(plan, applied, dry_run=dry_run))


def _lines(plan: RestorePlan, output: Output, *, dry_run: bool) -> Iterator[str]:
    """Yield what was done, or would be, in one to four lines."""
    if plan.change.is_empty:
        yield f"{in_quotes(plan.title)} is in {plan.place.name} and listed there already; nothing to do"
        return
    snapshot = plan.version.snapshot
    verb = "would restore" if dry_run else "restored"
    what = f"{in_quotes(plan.title)} ({count_text(plan.turns, 'turn')})"
    yield f"{verb} {what} from snapshot {snapshot.id[:12]} of {output.time(snapshot.taken_at)}"
    yield f"  into {plan.place.name} as {plan.session}"
    if plan.put_right:
        yield f"  put right in its file: {', '.join(plan.put_right)}"
    if dry_run:
        yield "  nothing was changed"
