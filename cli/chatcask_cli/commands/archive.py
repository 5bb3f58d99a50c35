"""`chatcask archive`: a folder of Markdown files, one for each chat."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chatcask import ChatFilter, documents
from chatcask.archive import Deed
from chatcask.workbench import keep_out_of_editors
from chatcask_cli.shell.exit_codes import ExitCode
from chatcask_cli.shell.options import Run
from chatcask_cli.shell.options import command as as_command
from chatcask_cli.shell.output import count_text

if TYPE_CHECKING:
    from chatcask.archive import ArchivedChat, ArchiveResult
    from chatcask_cli.shell.output import Output

_MARKS = {
    Deed.WRITTEN: ("+", "green"),
    Deed.REWRITTEN: ("~", "yellow"),
    Deed.MOVED: (">", "yellow"),
}


@as_command
def command(
    run: Run,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder; made if missing.")],
    snapshot: Annotated[
        str | None,
        typer.Option(
            "--snapshot",
            metavar="SNAP",
            help="Take the chats of this snapshot (else all that are there now).",
        ),
    ] = None,
    workspace: Annotated[
        str,
        typer.Option("--workspace", metavar="TEXT", help="Only chats of workspaces with this id or folder."),
    ] = "",
) -> int:
    """Keep a folder of Markdown files up to date: DIR/<date>/<title>-<id>.md for each chat.

    The date is that of the last message, in UTC. A second run rewrites only what changed. Files that you
    changed, and files of others, are never replaced or removed; nor are those of chats that are gone.
    """
    folder = folder.expanduser()
    keep_out_of_editors(run.machine(), folder, "the archive")
    with run.open() as bench, run.monitor() as monitor:
        newest = bench.snapshots.named_or_newest(snapshot, monitor)
        chats = bench.chats.everywhere(newest, ChatFilter(workspace), monitor)
        done = bench.chats.archive(chats, folder, monitor)
    for chat in done.chats:
        _tell(chat, run.output)
    run.output.report(_sentence(done, folder))
    problems = monitor.problems
    run.output.document(lambda: documents.archive_document(newest[0], folder, done, problems))
    return ExitCode.GAPS if monitor.problems else ExitCode.DONE


def _tell(chat: ArchivedChat, output: Output) -> None:
    if chat.deed in _MARKS:
        mark, color = _MARKS[chat.deed]
        output.report(f"{output.paint(mark, color)} {chat.path}")
    if chat.kept:
        output.message(f"{chat.kept} was changed by somebody and stays; the chat is now in {chat.path}")


def _sentence(done: ArchiveResult, folder: Path) -> str:
    counts = [f"{done.count(deed)} {deed}" for deed in Deed if done.count(deed)]
    return f"{count_text(len(done.chats), 'chat')} in {folder}: {', '.join(counts) or 'nothing to do'}"
