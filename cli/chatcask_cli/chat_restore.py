"""`chatcask restore SESSION[@SNAP]`: put a chat back so that its editor shows it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chatcask import (
    Catalog,
    OnceMonitor,
    RestoreMode,
    RestoreOptions,
    apply_change,
    choose_version,
    plan_restore,
    split_session,
)
from chatcask.errors import InvalidInputError, NotFoundError
from chatcask_cli.chat_choice import choose_chat
from chatcask_cli.editing import edit_context, refuse_store_inside, target_source
from chatcask_cli.reports.change_report import change_document, change_lines
from chatcask_cli.shell import environment
from chatcask_cli.shell.advice import hint_of, hinted, remark_text
from chatcask_cli.shell.exit_codes import ExitCode
from chatcask_cli.shell.output import count_text, time_json, time_text

if TYPE_CHECKING:
    from chatcask import Applied, EditContext, Monitor, Repository, RestorePlan, StoredSnapshot
    from chatcask_cli.shell.options import Run


@dataclass(frozen=True, slots=True)
class ChatWishes:
    """The options of a restore into an editor."""

    workspace: str | None
    user_data_dir: Path | None
    product: str | None
    as_copy: bool
    replace: bool
    with_edits: bool
    dry_run: bool

    @property
    def mode(self) -> RestoreMode:
        """What to do when the chat is there already.

        Raises:
            InvalidInputError: both ways are asked for.
        """
        if self.as_copy and self.replace:
            raise hinted(
                InvalidInputError("--as-copy and --replace exclude each other"), "choose one of them"
            )
        if self.as_copy:
            return RestoreMode.COPY
        return RestoreMode.REPLACE if self.replace else RestoreMode.PLAIN


def restore_chat(run: Run, text: str, wishes: ChatWishes) -> int:
    """Restore a chat, or show what that would do; return the exit code."""
    mode, platform = wishes.mode, environment.platform()
    with run.open_store() as repository, Catalog(repository) as catalog, run.monitor() as monitor:
        once = OnceMonitor(monitor)
        session, history = _history(run, repository, catalog, text, once)
        version = choose_version(catalog, session, history, once)
        target = target_source(platform, wishes.user_data_dir, wishes.product, version.file.source)
        refuse_store_inside(run, target)
        context = edit_context(repository, platform, monitor)
        options = RestoreOptions(
            family=platform.family,
            mode=mode,
            new_id=str(uuid.uuid4()) if mode is RestoreMode.COPY else "",
            workspace=wishes.workspace,
            with_edits=wishes.with_edits,
        )
        everything = list(run.history(repository))
        plan = plan_restore(context, catalog, version, target, options, everything)
        applied = _apply(context, plan, dry_run=wishes.dry_run)
    _report(run, plan, applied, dry_run=wishes.dry_run)
    return ExitCode.DONE


def _history(
    run: Run, repository: Repository, catalog: Catalog, text: str, monitor: Monitor
) -> tuple[str, list[StoredSnapshot]]:
    """Return the chat's id and the snapshots to choose a version from: all, or the named one."""
    try:
        chosen = choose_chat(run, repository, catalog, text, monitor)
    except NotFoundError as error:
        raise hinted(
            error, f"{hint_of(error)}; to write the files of a snapshot anywhere, add --output DIR"
        ) from None
    _, at = split_session(text)
    if at:
        named = _named(run, repository, at)
        if named is not None and named.reference == chosen.stored.reference:
            return chosen.file.session, [named]
    return chosen.file.session, list(run.history(repository))


def _named(run: Run, repository: Repository, at: str) -> StoredSnapshot | None:
    try:
        return run.find(repository, at)
    except (NotFoundError, InvalidInputError):
        return None  # the @ belongs to a title


def _apply(context: EditContext, plan: RestorePlan, *, dry_run: bool) -> Applied | None:
    return None if dry_run or plan.change.is_empty else apply_change(context, plan.change)


def _report(run: Run, plan: RestorePlan, applied: Applied | None, *, dry_run: bool) -> None:
    output = run.output
    for warning in plan.warnings:
        output.message(output.paint(f"note: {remark_text(warning)}", "yellow"))
    if dry_run or output.verbosity > 0:
        for line in change_lines(plan.change, output):
            output.report(line)
    output.report(_sentence(plan, dry_run=dry_run))
    if applied is not None:
        output.report(f"  safety snapshot {applied.safety.id[:12]}; 'chatcask undo' takes it back")
        output.report("  start the editor to see it")
    output.document(**_document(plan, applied, dry_run=dry_run))


def _sentence(plan: RestorePlan, *, dry_run: bool) -> str:
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


def _document(plan: RestorePlan, applied: Applied | None, *, dry_run: bool) -> dict[str, Any]:
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
