"""`chatcask import`: a bundle into the store."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from chatcask import documents
from chatcask.errors import InvalidInputError, NotFoundError
from chatcask.snapshots import check_tag
from chatcask_cli.shell.advice import hinted
from chatcask_cli.shell.exit_codes import ExitCode
from chatcask_cli.shell.options import Run
from chatcask_cli.shell.options import command as as_command
from chatcask_cli.shell.output import count_text, size_text

if TYPE_CHECKING:
    from chatcask.bundle import ImportResult

_PIPE = "-"


@as_command
def command(
    run: Run,
    bundle: Annotated[
        str,
        typer.Argument(
            metavar="FILE|FOLDER|-",
            help="The bundle ('-' is standard input), a copy of an editor's folder, or the file of a chat.",
        ),
    ],
    tag: Annotated[
        list[str] | None,
        typer.Option("--tag", metavar="NAME", help="Give the newest imported snapshot a name."),
    ] = None,
) -> int:
    """Read a bundle that 'chatcask export' wrote, or an old copy of an editor's folder, into the store.

    Its snapshots stand beside those of this machine and never mix with them. Importing again changes nothing.
    From a damaged bundle everything sound is taken and the rest is listed.

    A copy is a folder or a zip file: an editor's folder or any part of it, as a backup program or a person
    made it. Each one found becomes a snapshot of its own, dated by its files. The file of a single chat, and
    what the editor's "Export Chat" writes, is stored likewise.
    """
    tags = [check_tag(name) for name in tag or ()]
    path = Path(bundle).expanduser()
    if bundle != _PIPE and _is_copy(path):
        return _import_copies(run, path, tags)
    with _opened(bundle) as file, run.open_or_make() as bench, run.monitor() as monitor:
        done = bench.bundles.import_bundle(file.read, tags, monitor)
    for text in _lines(done, run):
        run.output.report(text)
    run.output.document(lambda: documents.import_document(done))
    return ExitCode.GAPS if done.problems else ExitCode.DONE


def _is_copy(path: Path) -> bool:
    """Tell whether a path is anything else than a bundle, which is compressed lines."""
    if path.is_dir():
        return True
    try:
        with path.open("rb") as file:
            start = file.read(16).lstrip(b"\xef\xbb\xbf \t\r\n")
    except OSError:
        return False  # reading it as a bundle says what is wrong
    return start[:4] == b"PK\x03\x04" or (start[:1] == b"{" and path.suffix in (".json", ".jsonl"))


def _import_copies(run: Run, path: Path, tags: list[str]) -> int:
    """Store old copies of an editor's folder."""
    with run.open_or_make() as bench, run.monitor() as monitor:
        copies = bench.bundles.import_copies(path, tags, monitor)
    for copy in copies:
        result = copy.result
        files = count_text(result.snapshot.totals.files, "file")
        dated = f"a copy of {run.output.time(result.snapshot.taken_at)}, {files}"
        if result.reference is None:
            run.output.report(f"nothing new: the store has {dated}")
        else:
            run.output.report(f"imported {run.output.paint(result.reference.id[:12], 'cyan')}: {dated}")
    run.output.document(lambda: documents.copies_document(copies))
    whole = not monitor.problems and all(copy.result.snapshot.complete for copy in copies)
    return ExitCode.DONE if whole else ExitCode.GAPS


@contextmanager
def _opened(bundle: str) -> Iterator[BinaryIO]:
    if bundle == _PIPE:
        if sys.stdin.isatty():
            raise hinted(InvalidInputError("nothing is piped to standard input"), "name the bundle's file")
        yield sys.stdin.buffer
        return
    try:
        file = Path(bundle).expanduser().open("rb")
    except FileNotFoundError:
        raise NotFoundError(f"no file {bundle}", what="file", name=bundle) from None
    except OSError as error:
        raise InvalidInputError(f"cannot read {bundle}: {error.strerror or error}") from error
    with file:
        yield file


def _lines(done: ImportResult, run: Run) -> Iterator[str]:
    held = f"{count_text(done.files, 'file')} ({size_text(done.bytes_read)})"
    if not done.committed:
        yield f"nothing new: the store has all of it already, {held}"
    else:
        count = count_text(len(done.committed), "snapshot")
        yield f"imported {count} with {held}, exported {run.output.time(done.exported_at)}"
        yield f"  {size_text(done.bytes_new)} new to the store, kept in {size_text(done.bytes_stored)}"
        yield f"  newest: {run.output.paint(done.committed[-1].id[:12], 'cyan')}"
    if done.files_lost:
        lost = count_text(done.files_lost, "file")
        yield run.output.paint(f"  the bundle is damaged: {lost} could not be read and is left out", "yellow")
    elif done.problems:
        yield run.output.paint("  the bundle is damaged, but every file in it is whole", "yellow")
