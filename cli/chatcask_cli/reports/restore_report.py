"""What a restore of a chat says: lines for people, a document for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chatcask_cli.reports.change_report import change_document
from chatcask_cli.shell.advice import remark_text
from chatcask_cli.shell.output import count_text, time_json, time_text

if TYPE_CHECKING:
    from chatcask.editing import Applied, RestorePlan


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


def restore_document(plan: RestorePlan, applied: Applied | None, *, dry_run: bool) -> dict[str, Any]:
    """Return the report for programs."""
    return {
        "success": True,
        "dry_run": dry_run,
        "changed": applied is not None,
        "session": plan.session,
        "title": plan.title,
        "turns": plan.turns,
        "snapshot": plan.version.snapshot.id,
        "snapshot_timestamp": time_json(plan.version.snapshot.taken_at),
        "path": plan.version.file.path,
        "target": {
            "source": plan.place.source,
            "workspace": plan.place.workspace,
            "folder": plan.place.folder or None,
            "user_data_dir": str(plan.change.source.user_data_dir),
        },
        **change_document(plan.change),
        "put_right": list(plan.put_right),
        "warnings": [remark_text(warning) for warning in plan.warnings],
        "safety_snapshot": applied.safety.id if applied else None,
    }
