"""What a restore of a chat says: lines for people, a document for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatcask_cli.shell.output import count_text, time_text

if TYPE_CHECKING:
    from chatcask.editing import RestorePlan


def restore_text(plan: RestorePlan, *, dry_run: bool) -> str:
    """Return what was done, or would be, in one to three lines."""
    if plan.change.is_empty:
        return f"{plan.title!r} is in {plan.place.name} and listed there already; nothing to do"
    snapshot = plan.version.snapshot
    verb = "would restore" if dry_run else "restored"
    what = f"{plan.title!r} ({count_text(plan.turns, 'turn')})"
    source = f"snapshot {snapshot.id[:12]} of {time_text(snapshot.taken_at)}"
    text = f"{verb} {what} from {source}\n  into {plan.place.name} as {plan.session}"
    if plan.put_right:
        text += f"\n  put right in its file: {', '.join(plan.put_right)}"
    return text + ("\n  nothing was changed" if dry_run else "")
