"""`chatcask ls`: the files of a snapshot."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from chatcask import documents
from chatcask.snapshots import EntryKind
from chatcask_cli.shell.exit_codes import ExitCode
from chatcask_cli.shell.options import Run
from chatcask_cli.shell.options import command as as_command

if TYPE_CHECKING:
    from chatcask.snapshots import Entry
    from chatcask_cli.shell.output import Output

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@as_command
def command(
    run: Run,
    place: Annotated[
        str, typer.Argument(metavar="SNAP[:PATH]", help="A snapshot, and a folder or file in it.")
    ] = ("latest"),
    *,
    recursive: Annotated[
        bool, typer.Option("--recursive", "-r", help="List what is below folders too.")
    ] = False,
) -> int:
    """List the files of a snapshot."""
    with run.open() as bench:
        found = bench.snapshots.path(place)
        entries = list(bench.snapshots.entries(found, recursive=recursive))
    with run.paged():
        for path, entry in entries:
            run.output.line(_line(path, entry, run.output))
    run.output.document(lambda: documents.files_document(found, entries))
    return ExitCode.DONE


def _line(path: str, entry: Entry, output: Output) -> str:
    if entry.kind is EntryKind.FOLDER:
        return f"{'':>12}  {'':<16}  {path}/"
    mark = "  (carried over)" if entry.carried else ""
    return f"{entry.size:>12}  {output.time(_moment(entry)):<16}  {path}{mark}"


def _moment(entry: Entry) -> datetime:
    return _EPOCH + timedelta(microseconds=entry.mtime_ns // 1000)
