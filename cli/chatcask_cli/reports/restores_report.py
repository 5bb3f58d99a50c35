"""What a restore of several chats says: a line for each chat, what could not be done, and the way back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from chatcask import documents
from chatcask.visible import in_quotes
from chatcask_cli.reports.change_report import change_lines
from chatcask_cli.shell.output import count_text

if TYPE_CHECKING:
    from chatcask.editing import RefusedRestore, RestoredFolder, RestorePlan
    from chatcask.workbench import ManyRestores
    from chatcask_cli.shell.output import Output


def report_restores(
    output: Output,
    plan: ManyRestores,
    done: list[RestoredFolder],
    refused: list[RefusedRestore],
    *,
    dry_run: bool,
) -> None:
    """Say what was done, or would be, chat by chat."""
    for one in (one for folder in plan.folders for one in folder.plans):
        for warning in one.warnings:
            note = f"note: {in_quotes(one.title)}: {output.wording.remark(warning)}"
            output.message(output.paint(note, "yellow"))
    for folder in plan.folders if dry_run or output.verbosity > 0 else ():
        for line in change_lines(folder.change, output):
            output.report(line)
    for line in _lines(done, refused, output, dry_run=dry_run):
        output.report(line)
    output.document(lambda: documents.restores_document(done, refused, dry_run=dry_run))


def _lines(
    folders: Sequence[RestoredFolder], refused: Sequence[RefusedRestore], output: Output, *, dry_run: bool
) -> Iterator[str]:
    """Yield the table of what was done, or would be."""
    plans = [plan for folder in folders for plan in folder.plans]
    back = [plan for plan in plans if not plan.change.is_empty]
    there = len(plans) - len(back)
    verb = "would restore" if dry_run else "restored"
    yield f"{verb} {count_text(len(back), 'chat')}" + (f"; {there} there and listed already" if there else "")
    for plan in back:
        yield from _chat_lines(plan, output)
    for one in refused:
        yield output.paint(f"not restored: {one.name}: {one.error.sentence}", "yellow")
        yield from (output.paint(f"  {line}", "yellow") for line in one.error.lines)
        if hint := output.wording.hint(one.error):
            yield output.paint(f"  {hint}", "dim")
    if dry_run:
        yield "nothing was changed"
    done = [folder.applied for folder in folders if folder.applied]
    for applied in done:
        yield output.wording.text(
            f"safety snapshot {applied.safety.id[:12]}; 'chatcask undo' takes all of it back"
        )
    if len(done) > 1:
        yield "each editor's folder has an undo of its own; run 'chatcask undo' once for each"
    if done:
        yield "start the editor to see them"


def _chat_lines(plan: RestorePlan, output: Output) -> Iterator[str]:
    snapshot = plan.version.snapshot
    yield f"{output.paint(plan.session[:8], 'cyan')}  {plan.title}"
    facts = [
        count_text(plan.turns, "turn"),
        f"snapshot {snapshot.id[:12]} of {output.time(snapshot.taken_at)}",
        f"into {plan.place.name}",
        *(["put right in its file"] if plan.put_right else []),
    ]
    yield output.paint(f"          {' - '.join(facts)}", "dim")
