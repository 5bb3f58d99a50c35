"""`chatcask log`: the snapshots of the store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from chatcask import documents
from chatcask.snapshots import SOME_WORKSPACES
from chatcask_cli.reports.history import show_history
from chatcask_cli.shell.exit_codes import ExitCode
from chatcask_cli.shell.options import Run
from chatcask_cli.shell.options import command as as_command
from chatcask_cli.shell.output import Output, count_text, size_text

if TYPE_CHECKING:
    from chatcask import StoredSnapshot
    from chatcask.retention import Labels
    from chatcask.snapshots import SourceState


@as_command
def command(
    run: Run,
    session: Annotated[
        str | None,
        typer.Argument(metavar="[SESSION]", help="A chat, by the beginning of its id or its title."),
    ] = None,
    limit: Annotated[
        int | None, typer.Option("--limit", "-n", metavar="N", min=1, help="Show the newest N snapshots.")
    ] = None,
) -> int:
    """List snapshots, newest first, or all versions of one chat. Runs without change are folded."""
    if session is not None:
        return show_history(run, session, limit)
    with run.open() as bench:
        loaded, damaged = bench.snapshots.newest(limit)
        labels = bench.repository.labels()
    with run.paged():
        for text in _lines(loaded, labels, run.output):
            run.output.line(text)
    for error in damaged:
        run.output.message(error.message)
    run.output.document(lambda: documents.log_document(loaded, damaged, labels))
    return ExitCode.DAMAGED if damaged else ExitCode.DONE


def _lines(loaded: list[StoredSnapshot], labels: Labels, output: Output) -> list[str]:
    lines: list[str] = []
    folded = 0
    with_host = len({stored.snapshot.host for stored in loaded}) > 1
    for number, stored in enumerate(loaded):
        if _is_unchanged(loaded, labels, number) and output.verbosity <= 0:
            folded += 1
            continue
        if folded:
            lines.append(output.paint(f"  ... {count_text(folded, 'run')} without change", "dim"))
            folded = 0
        lines.append(_line(stored, labels, output, with_host=with_host))
    if folded:
        lines.append(output.paint(f"  ... {count_text(folded, 'run')} without change", "dim"))
    return lines or [output.wording.text("no snapshots yet; take one with 'chatcask snapshot'")]


def _is_unchanged(loaded: list[StoredSnapshot], labels: Labels, number: int) -> bool:
    """Tell whether a run that is not the newest changed nothing and has nothing to say."""
    reference, snapshot = loaded[number]
    if labels.tags(reference.id, snapshot.tags) or labels.is_pinned(reference.id):
        return False
    changed = snapshot.totals.bytes_stored or snapshot.parent is None
    return bool(number and not changed and snapshot.complete and not snapshot.losses)


def _line(stored: StoredSnapshot, labels: Labels, output: Output, *, with_host: bool) -> str:
    reference, snapshot = stored
    totals = snapshot.totals
    if totals.bytes_stored:
        changed = count_text(totals.files_extracted, "file")
        what = f"{changed} new or changed, {size_text(totals.bytes_stored)} stored"
    else:
        what = "no change"
    marks = [f"[{tag}]" for tag in labels.tags(reference.id, snapshot.tags)]
    if labels.is_pinned(reference.id):
        marks.append("pinned")
    if not snapshot.complete:
        marks.append(output.paint("incomplete", "yellow"))
    if snapshot.losses:
        marks.append(output.paint(count_text(len(snapshot.losses), "chat") + " lost", "yellow"))
    sources = ", ".join(map(_source, snapshot.sources))
    host = [snapshot.host] if with_host else []
    name, moment = output.paint(reference.id[:12], "cyan"), output.listed_time(snapshot.taken_at)
    return "  ".join([name, moment, *host, f"{sources}: {what}", *marks])


def _source(state: SourceState) -> str:
    """Return a source's id and how much of it the run captured."""
    if state.captured:
        return state.id
    return f"{state.id} ({'some workspaces' if state.reason == SOME_WORKSPACES else 'carried over'})"
