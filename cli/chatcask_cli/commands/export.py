"""`chatcask export`: chats out of the store, as one bundle or as documents for people."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from chatcask import documents
from chatcask.archive import new_file
from chatcask.chats import CSV_RAW
from chatcask.errors import InvalidInputError, TransportError
from chatcask.snapshots import parse_moment
from chatcask.workbench import ExportWishes, Machine, keep_out_of_editors
from chatcask_cli.shell.advice import hinted
from chatcask_cli.shell.exit_codes import ExitCode
from chatcask_cli.shell.options import CsvRaw, Run
from chatcask_cli.shell.options import command as as_command
from chatcask_cli.shell.output import count_text, size_text
from chatcask_cli.shell.pipes import discard_output

if TYPE_CHECKING:
    from chatcask.browse import ChatSelection
    from chatcask.bundle import ExportResult
    from chatcask.workbench import Workbench
    from chatcask_cli.shell.output import PlainMonitor

_PIPE = "-"
_DAY = re.compile(r"\d{4}-?\d{2}-?\d{2}")


class Format(StrEnum):
    """What to write."""

    BUNDLE = "bundle"
    MD = "md"
    HTML = "html"
    JSON = "json"
    CSV = "csv"


@as_command
def command(
    run: Run,
    output: Annotated[
        str, typer.Argument(metavar="FILE|-|DIR", help="Where to write; '-' is standard output.")
    ],
    session: Annotated[
        list[str] | None,
        typer.Option("--session", metavar="ID|TITLE", help="Only this chat; may be repeated."),
    ] = None,
    workspace: Annotated[
        list[str] | None,
        typer.Option("--workspace", metavar="ID|NAME", help="Only this workspace; may be repeated."),
    ] = None,
    snapshot: Annotated[
        list[str] | None,
        typer.Option(
            "--snapshot",
            metavar="SNAP",
            help="Of this snapshot (else the newest of each machine); may be repeated.",
        ),
    ] = None,
    since: Annotated[
        str | None, typer.Option("--since", metavar="DATE", help="Only chats changed at DATE or later.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="DATE", help="Only chats changed at DATE or earlier.")
    ] = None,
    format_name: Annotated[
        Format, typer.Option("--format", help="A bundle, or chats for people to read.")
    ] = Format.BUNDLE,
    *,
    every: Annotated[bool, typer.Option("--all", help="Of every snapshot of the store.")] = False,
    with_paths: Annotated[
        bool, typer.Option("--with-paths", help="Carry workspace.json as it is, with paths of folders.")
    ] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace files that exist.")] = False,
    csv_raw: CsvRaw = False,
) -> int:
    """Write chats into one file that 'chatcask import' reads, or as documents (docs/bundle.md).

    A bundle is gzipped JSON Lines: 'gunzip -c FILE | jq' reads it. With --format md, html, json or csv each
    chat becomes a file in the folder DIR; a name that ends in that suffix, or '-', takes one chat.
    """
    machine = run.machine()
    if output != _PIPE:
        keep_out_of_editors(machine, Path(output), "the export")
    wishes = ExportWishes(
        snapshots=snapshot or (),
        every=every,
        sessions=session or (),
        workspaces=workspace or (),
        since=_moment(machine, since, " 00:00"),
        until=_moment(machine, until, ""),
    )
    with run.open() as bench, run.monitor() as monitor:
        selection = bench.bundles.select(wishes, monitor)
        if format_name is not Format.BUNDLE:
            target = _Target(output, format_name.value, overwrite=overwrite, csv_raw=csv_raw)
            return _documents(run, bench, selection, target, monitor)
        _refuse_terminal(output)
        with _opened(output, overwrite=overwrite) as file:
            done = bench.bundles.export(selection, file.write, monitor, with_paths=with_paths)
    _report(run, done, output)
    return ExitCode.GAPS if done.problems else ExitCode.DONE


def _moment(machine: Machine, text: str | None, time_of_day: str) -> datetime | None:
    """Understand a date; a day without a time gets `time_of_day`, or else stands for its last moment."""
    if text is None:
        return None
    day = _DAY.fullmatch(text.strip()) is not None
    return parse_moment(text.strip() + time_of_day if day else text, machine.local_now())


@dataclass(frozen=True, slots=True)
class _Target:
    """Where documents go, and in which form."""

    output: str
    format_name: str
    overwrite: bool
    csv_raw: bool

    @property
    def form(self) -> str:
        """How the chats are written."""
        return CSV_RAW if self.csv_raw and self.format_name == Format.CSV else self.format_name

    @property
    def is_one(self) -> bool:
        """Tell whether one document is wanted rather than a folder of them."""
        return self.output == _PIPE or self.output.endswith(f".{self.format_name}")


@contextmanager
def _opened(output: str, *, overwrite: bool) -> Iterator[BinaryIO]:
    if output != _PIPE:
        with new_file(Path(output).expanduser(), overwrite=overwrite) as file:
            yield file
        return
    try:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise  # whoever read has enough
    except OSError as error:
        discard_output()
        raise TransportError(f"cannot write to standard output: {error.strerror or error}") from error


def _refuse_terminal(output: str) -> None:
    if output == _PIPE and sys.stdout.isatty():
        raise hinted(
            InvalidInputError("a bundle is not text for a terminal"), "name a file, or pipe it somewhere"
        )


def _report(run: Run, done: ExportResult, output: str) -> None:
    held = f"{count_text(done.files, 'file')} of {count_text(done.snapshots, 'snapshot')}"
    text = f"exported {held}: {size_text(done.bytes_read)} in {size_text(done.bytes_written)}"
    if output == _PIPE:
        run.output.message(text)
        return
    run.output.report(f"{text}, to {output}")
    run.output.document(lambda: documents.bundle_document(done, output))


def _documents(
    run: Run, bench: Workbench, selection: ChatSelection, target: _Target, monitor: PlainMonitor
) -> int:
    met = len(monitor.problems)  # what the search for a title met is not what the export lacks
    chats = bench.bundles.find_chats(selection, monitor)
    if not target.is_one:
        folder = Path(target.output).expanduser()
        done = bench.bundles.export_documents(chats, folder, target.form, monitor, overwrite=target.overwrite)
        problems = monitor.problems[met:]
        written = f"wrote {count_text(len(done.files), 'chat')} ({size_text(done.bytes_written)})"
        run.output.report(f"{written} to {folder}")
        files = [str(path) for path in done.files]
        size, name = done.bytes_written, target.format_name
        run.output.document(
            lambda: documents.exported_chats_document(target.output, name, files, size, problems)
        )
        return ExitCode.GAPS if problems else ExitCode.DONE
    if len(chats) != 1:
        raise hinted(
            InvalidInputError(f"{count_text(len(chats), 'chat')} cannot become one document"),
            "choose one with --session, or name a folder to write them all",
        )
    size = bench.bundles.export_document(
        chats[0], lambda: _opened(target.output, overwrite=target.overwrite), target.form
    )
    if target.output != _PIPE:
        run.output.report(f"wrote {chats[0].session} ({size_text(size)}) to {target.output}")
        run.output.document(
            lambda: documents.exported_chats_document(
                target.output, target.format_name, [target.output], size
            )
        )
    return ExitCode.DONE
