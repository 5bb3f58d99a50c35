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
from chatcask_cli.shell.output import count_text, size_text, time_text

if TYPE_CHECKING:
    from chatcask.bundle import ImportResult

_PIPE = "-"


@as_command
def command(
    run: Run,
    bundle: Annotated[str, typer.Argument(metavar="FILE|-", help="The bundle; '-' is standard input.")],
    tag: Annotated[
        list[str] | None,
        typer.Option("--tag", metavar="NAME", help="Give the newest imported snapshot a name."),
    ] = None,
) -> int:
    """Read a bundle that 'chatcask export' wrote into the store.

    Its snapshots stand beside those of this machine and never mix with them. Importing again changes nothing.
    From a damaged bundle everything sound is taken and the rest is listed.
    """
    tags = [check_tag(name) for name in tag or ()]
    with _opened(bundle) as file, run.open_or_make() as bench, run.monitor() as monitor:
        done = bench.bundles.import_bundle(file.read, tags, monitor)
    for text in _lines(done, run):
        run.output.report(text)
    run.output.document(lambda: documents.import_document(done))
    return ExitCode.GAPS if done.problems else ExitCode.DONE


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
        yield f"imported {count} with {held}, exported {time_text(done.exported_at)}"
        yield f"  {size_text(done.bytes_new)} new to the store, kept in {size_text(done.bytes_stored)}"
        yield f"  newest: {run.output.paint(done.committed[-1].id[:12], 'cyan')}"
    if done.files_lost:
        lost = count_text(done.files_lost, "file")
        yield run.output.paint(f"  the bundle is damaged: {lost} could not be read and is left out", "yellow")
    elif done.problems:
        yield run.output.paint("  the bundle is damaged, but every file in it is whole", "yellow")
