"""`chatcask sessions`: every chat that the store has, or those of one snapshot."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from chatcask import ChatFilter, documents
from chatcask.snapshots import parse_moment
from chatcask_cli.shell.exit_codes import ExitCode
from chatcask_cli.shell.options import Run
from chatcask_cli.shell.options import command as as_command
from chatcask_cli.shell.output import Output, count_text, size_text

if TYPE_CHECKING:
    from chatcask import StoredVersion


@as_command
def command(
    run: Run,
    snapshot: Annotated[
        str | None, typer.Argument(metavar="[SNAP]", help="A snapshot; else the newest of each machine.")
    ] = None,
    workspace: Annotated[
        str,
        typer.Option("--workspace", metavar="TEXT", help="Only chats of workspaces with this id or folder."),
    ] = "",
    since: Annotated[
        str | None, typer.Option("--since", metavar="TIME", help="Only chats with a message since then.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="TIME", help="Only chats whose last message is no later.")
    ] = None,
    *,
    deleted: Annotated[
        bool,
        typer.Option(
            "--deleted", "--lost", help="Chats that earlier snapshots held and this one lacks or has empty."
        ),
    ] = False,
) -> int:
    """List every chat, newest message first: as the newest snapshot of each machine has it.

    When snapshots of several machines are in the store, each chat's machine is named.
    """
    machine = run.machine()
    now = machine.local_now()
    wanted = ChatFilter(
        workspace, parse_moment(since, now) if since else None, parse_moment(until, now) if until else None
    )
    with run.open() as bench, run.monitor() as monitor:
        newest = bench.snapshots.named_or_newest(snapshot, monitor)
        listed = bench.chats.deleted_everywhere if deleted else bench.chats.everywhere
        found = listed(newest, wanted, monitor)
        if not deleted:
            found += bench.chats.only_transcripts(newest, wanted, monitor)
            found.sort(key=lambda chat: chat.summary.last_message_ms or 0, reverse=True)
    with run.paged():
        for text in _lines(found, run.output, with_host=len(newest) > 1):
            run.output.line(text)
    run.output.document(lambda: documents.chats_document(newest, found))
    return ExitCode.DONE


def _lines(found: list[StoredVersion], output: Output, *, with_host: bool) -> Iterable[str]:
    for session in found:
        summary = session.summary
        last = output.listed_time(moment) if (moment := _moment(summary.last_message_ms)) else "no date"
        title = summary.title or f"({summary.state})"
        facts = [
            *([session.host] if with_host else []),
            session.file.workspace_name,
            session.file.source,
            count_text(summary.turn_count, "turn"),
            size_text(session.file.size),
            *summary.models[:2],
            *(["only a transcript is left"] if session.is_transcript else []),
        ]
        yield f"{output.paint(session.file.session[:8], 'cyan')}  {last:<22}  {title}"
        yield output.paint(f"          {' - '.join(facts)}", "dim")
    if not found:
        yield "no chats"


def _moment(milliseconds: int | None) -> datetime | None:
    if milliseconds is None:
        return None
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (OverflowError, ValueError, OSError):
        return None
