"""`chatcask forget`: let go of snapshots that a policy does not keep, or of those named."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chatcask import documents
from chatcask.errors import InvalidInputError
from chatcask.retention import RetentionPolicy, settled_policy
from chatcask.settings import parse_period
from chatcask.snapshots import check_tag
from chatcask_cli.shell.advice import hinted
from chatcask_cli.shell.exit_codes import ExitCode
from chatcask_cli.shell.options import Run
from chatcask_cli.shell.options import command as as_command
from chatcask_cli.shell.output import count_text, size_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatcask import SnapshotReference
    from chatcask.retention import ForgetPlan, LostChat


def _count(name: str, text: str) -> Any:
    """Return the option that says how many to keep."""
    return typer.Option(f"--keep-{name}", metavar="N", min=0, help=text)


@as_command
def command(
    run: Run,
    snapshot: Annotated[
        list[str] | None, typer.Argument(metavar="[SNAP]...", help="Forget exactly these, by no policy.")
    ] = None,
    *,
    keep_last: Annotated[int | None, _count("last", "Keep the newest N of each machine.")] = None,
    keep_hourly: Annotated[
        int | None, _count("hourly", "Keep the newest of each hour, for the last N hours that have one.")
    ] = None,
    keep_daily: Annotated[int | None, _count("daily", "The same by days.")] = None,
    keep_weekly: Annotated[int | None, _count("weekly", "The same by weeks.")] = None,
    keep_monthly: Annotated[int | None, _count("monthly", "The same by months.")] = None,
    keep_yearly: Annotated[int | None, _count("yearly", "The same by years.")] = None,
    keep_within: Annotated[
        str | None,
        typer.Option(
            "--keep-within", metavar="TIME", help="Keep all this close to the newest: 12h, 30d, 8w, 6m, 2y."
        ),
    ] = None,
    keep_tag: Annotated[
        list[str] | None,
        typer.Option("--keep-tag", metavar="NAME", help="Keep all with this tag; may be repeated."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Change nothing; say what would go and what it would free.")
    ] = False,
    allow_losing_chats: Annotated[
        bool, typer.Option("--allow-losing-chats", help="Go on even if a chat loses its last copy.")
    ] = False,
) -> int:
    """Let go of snapshots by a policy, of options or the config file; without one of runs without change.

    So every version of every chat stays unless a policy says otherwise, or snapshots are named. Pinned ones
    and the newest of each machine stay under every policy. What is forgotten can be put back with
    'chatcask undelete' for at least a day; then 'chatcask prune' frees the space.
    """
    asked = RetentionPolicy(
        last=keep_last,
        hourly=keep_hourly,
        daily=keep_daily,
        weekly=keep_weekly,
        monthly=keep_monthly,
        yearly=keep_yearly,
        within=_period(keep_within) if keep_within else None,
        tags=tuple(keep_tag or ()),
    )
    policy = asked if snapshot else asked.over(settled_policy(run.settings))
    for tag in policy.tags:
        check_tag(tag)
    lost: tuple[LostChat, ...] = ()
    freed = None
    with run.open() as bench, run.monitor() as monitor:
        plan = bench.retention.plan_forget(snapshot or (), policy)
        if dry_run:
            lost, freed = bench.retention.preview_forget(plan, monitor)
        else:
            bench.retention.apply_forget(plan, allow_losing_chats=allow_losing_chats, monitor=monitor)
    for text in _lines(run, plan, lost, freed, dry_run=dry_run):
        run.output.report(text)
    run.output.document(lambda: documents.forget_document(plan, lost, freed, dry_run=dry_run))
    return ExitCode.DONE


def _period(text: str) -> timedelta:
    try:
        return parse_period(text)
    except InvalidInputError as error:
        raise hinted(error, "write 12h, 30d, 8w, 6m, 2y, or 1y6m") from error


def _lines(
    run: Run, plan: ForgetPlan, lost: tuple[LostChat, ...], freed: int | None, *, dry_run: bool
) -> Iterator[str]:
    output = run.output
    if output.verbosity > 0:
        for candidate, reasons in plan.kept:
            yield f"keep    {_row(run, candidate.reference)}  {', '.join(reasons)}"
    for candidate in plan.removed:
        yield f"forget  {_row(run, candidate.reference)}"
    for chat in lost:
        text = f"loses its last copy: {_chat_text(chat)}"
        yield output.paint(text, "yellow")
    removed, kept = count_text(len(plan.removed), "snapshot"), len(plan.kept)
    if dry_run:
        space = "an unknown amount, since a tree is damaged" if freed is None else size_text(freed)
        yield f"would forget {removed} and keep {kept}; prune could then free {space}"
    elif plan.removed:
        text = f"forgot {removed}, kept {kept}; 'chatcask undelete' puts back, 'chatcask prune' frees space"
        yield output.wording.text(text)
    else:
        yield f"nothing to forget among {count_text(kept, 'snapshot')}"


def _chat_text(chat: LostChat) -> str:
    name = f"chat {chat.session} ({size_text(chat.size)}, {chat.path})" if chat.session else f"({chat.path})"
    return f"{name}; what it holds is not known: {chat.damage}" if chat.damage else name


def _row(run: Run, reference: SnapshotReference) -> str:
    return f"{run.output.paint(reference.id[:12], 'cyan')}  {run.output.time(reference.taken_at)}"
