"""`chatcask ls`: the files of a snapshot."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from chatcask import EntryKind, split_path
from chatcask_cli.shell.exit_codes import ExitCode
from chatcask_cli.shell.options import Run
from chatcask_cli.shell.options import command as as_command
from chatcask_cli.shell.output import time_json, time_text

if TYPE_CHECKING:
    from chatcask import Entry, Repository

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
    name, path = split_path(place)
    with run.open_store() as repository:
        reference, snapshot = run.find(repository, name)
        entry = repository.entry(snapshot.root, path)
        rows = []
        for where, found in _rows(repository, entry, path.strip("/"), recursive=recursive):
            run.output.line(_line(where, found))
            rows.append(_row(where, found))
    run.output.document(snapshot=reference.id, path=path, entries=rows)
    return ExitCode.DONE


def _rows(repository: Repository, entry: Entry, path: str, *, recursive: bool) -> Iterator[tuple[str, Entry]]:
    if entry.kind is not EntryKind.FOLDER:
        yield path, entry
        return
    prefix = f"{path}/" if path else ""
    if recursive:
        yield from repository.walk(entry.content, prefix)
        return
    for child in repository.tree(entry.content):
        yield f"{prefix}{child.name}", child


def _line(path: str, entry: Entry) -> str:
    if entry.kind is EntryKind.FOLDER:
        return f"{'':>12}  {'':<16}  {path}/"
    mark = "  (carried over)" if entry.carried else ""
    return f"{entry.size:>12}  {time_text(_moment(entry)):<16}  {path}{mark}"


def _row(path: str, entry: Entry) -> dict[str, object]:
    return {
        "path": path,
        "kind": entry.kind.name.lower(),
        "size": entry.size,
        "mtime": time_json(_moment(entry)) if entry.kind is not EntryKind.FOLDER else None,
        "carried": entry.carried,
    }


def _moment(entry: Entry) -> datetime:
    return _EPOCH + timedelta(microseconds=entry.mtime_ns // 1000)
