"""What a restore of a chat says: lines for people, a document for programs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from chatcask_cli.shell.output import count_text

if TYPE_CHECKING:
    from chatcask.editing import RestorePlan
    from chatcask_cli.shell.output import Output


def restore_lines(plan: RestorePlan, output: Output, *, dry_run: bool) -> Iterator[str]:
    """Yield what was done, or would be, in one to four lines."""
    if plan.change.is_empty:
        yield f"{plan.title!r} is in {plan.place.name} and listed there already; nothing to do"
        return
    snapshot = plan.version.snapshot
    verb = "would restore" if dry_run else "restored"
    what = f"{plan.title!r} ({count_text(plan.turns, 'turn')})"
    yield f"{verb} {what} from snapshot {snapshot.id[:12]} of {output.time(snapshot.taken_at)}"
    yield f"  into {plan.place.name} as {plan.session}"
    if plan.put_right:
        yield f"  put right in its file: {', '.join(plan.put_right)}"
    if dry_run:
        yield "  nothing was changed"
