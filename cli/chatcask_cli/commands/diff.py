"""`chatcask diff`: what changed between two snapshots, in files and in chats."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from chatcask import documents
from chatcask.browse import FileChangeKind
from chatcask.errors import InvalidInputError
from chatcask_cli.reports.chat_changes import chat_line, chats_sum, related_text, turn_lines
from chatcask_cli.reports.history import branches_line
from chatcask_cli.shell.advice import hinted
from chatcask_cli.shell.exit_codes import ExitCode
from chatcask_cli.shell.options import Run
from chatcask_cli.shell.options import command as as_command
from chatcask_cli.shell.output import Output, count_text, size_text

if TYPE_CHECKING:
    from chatcask import Problem
    from chatcask.browse import ChangedFile, TurnText
    from chatcask.workbench import ComparedChat, Comparison

_MARKS = {
    FileChangeKind.ADDED: ("+", "green"),
    FileChangeKind.REMOVED: ("-", "red"),
    FileChangeKind.CHANGED: ("~", "yellow"),
}


@as_command
def command(
    run: Run,
    before: Annotated[str, typer.Argument(metavar="A[:PATH]", help="The older snapshot.")] = "latest",
    after: Annotated[
        str | None,
        typer.Argument(metavar="[B[:PATH]]", help="The newer one. Without it: A against its parent."),
    ] = None,
    session: Annotated[
        str | None,
        typer.Option(
            "--session", metavar="SESSION", help="Only this chat (id or title), with the text of its turns."
        ),
    ] = None,
    *,
    stat: Annotated[bool, typer.Option("--stat", help="Show sums only.")] = False,
    name_only: Annotated[
        bool, typer.Option("--name-only", help="Show paths of files only; read no chat.")
    ] = False,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Exit with 1 when there are differences.")
    ] = False,
) -> int:
    """Show which files and chats differ between two snapshots, and in which turns."""
    if session is not None and name_only:
        raise hinted(InvalidInputError("--session and --name-only contradict each other"), "leave one out")
    with run.open() as bench, run.monitor() as monitor:
        comparison = bench.snapshots.compare(before, after, monitor)
        with run.paged():
            if session is not None:
                differs = _one_chat(run, comparison, session, monitor.problems, stat=stat)
            else:
                differs = _everything(run, comparison, monitor.problems, stat=stat, name_only=name_only)
    if exit_code and differs:
        return ExitCode.FAILED
    return ExitCode.GAPS if monitor.problems else ExitCode.DONE


def _everything(
    run: Run, comparison: Comparison, problems: list[Problem], *, stat: bool, name_only: bool
) -> bool:
    """Print the files and chats that differ; tell whether there are any."""
    changes = comparison.files()
    chats = None if name_only else comparison.chats()
    output = run.output
    for change in [] if stat else changes:
        output.line(change.path if name_only else change_line(change, output))
    if chats is not None:
        output.line(_sum(changes))
        if chats and not stat:
            output.line()
        for found in [] if stat else chats:
            _chat(found, comparison, output)
        if chats:
            output.line(chats_sum(chats))
    shown = None if chats is None else [(found, None) for found in chats]
    output.document(lambda: documents.comparison_document(comparison, changes, shown, problems))
    return bool(changes)


def _one_chat(run: Run, comparison: Comparison, name: str, problems: list[Problem], *, stat: bool) -> bool:
    """Print what differs in one chat, with the text of its turns; tell whether anything does."""
    output, chats = run.output, comparison.chats(name)
    shown: list[tuple[ComparedChat, list[TurnText] | None]] = []
    for found in chats:
        _chat(found, comparison, output)
        for related in found.related[1:]:
            output.line(f"  {related_text(related)}")
        texts = comparison.texts(found.change) if not stat else None
        for turn in texts or []:
            for line in turn_lines(turn, output):
                output.line(line)
        shown.append((found, texts))
    if not chats:
        output.line("no differences")
    output.document(lambda: documents.comparison_document(comparison, None, shown, problems))
    return bool(chats)


def _chat(found: ComparedChat, comparison: Comparison, output: Output) -> None:
    """Print a chat that differs, and how to read what only the older side has the bytes of."""
    output.line(chat_line(found, output))
    before = comparison.before.stored
    if found.change.dropped_turns and before is not None:
        output.line(branches_line(found.change.session, before.reference, output))


def change_line(change: ChangedFile, output: Output) -> str:
    """Return one changed file as a line."""
    mark, color = _MARKS[change.kind]
    before = size_text(change.size_before) if change.size_before is not None else None
    after = size_text(change.size_after) if change.size_after is not None else None
    sizes = f"{before} -> {after}" if before and after else before or after
    return f"{output.paint(mark, color)} {change.path}  ({sizes})"


def _sum(changes: list[ChangedFile]) -> str:
    counts = {kind: sum(change.kind is kind for change in changes) for kind in FileChangeKind}
    if not changes:
        return "no differences"
    return ", ".join(f"{count_text(count, 'file')} {kind}" for kind, count in counts.items() if count)
