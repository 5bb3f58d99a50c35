"""`chatcask export`: chats out of the store, as one bundle or as documents for people."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from chatcask import (
    Catalog,
    ChatSelection,
    ExportOptions,
    OnceMonitor,
    StoredSnapshot,
    __version__,
    export_bundle,
    export_chat,
    export_chats,
    find_chat,
    find_chats,
    locate,
    new_file,
    parse_moment,
    refuse_inside_editor,
)
from chatcask.errors import DamagedError, InvalidInputError, TransportError
from chatcask_cli.shell import environment
from chatcask_cli.shell.advice import hinted
from chatcask_cli.shell.exit_codes import ExitCode
from chatcask_cli.shell.options import Run
from chatcask_cli.shell.options import command as as_command
from chatcask_cli.shell.output import count_text, problems_json, size_text
from chatcask_cli.shell.pipes import discard_output

if TYPE_CHECKING:
    from chatcask import ChosenChat, ExportResult, Monitor, Repository, SnapshotReference

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
        typer.Option("--snapshot", metavar="SNAP", help="Of this snapshot (else latest); may be repeated."),
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
) -> int:
    """Write chats into one file that 'chatcask import' reads, or as documents (docs/bundle.md).

    A bundle is gzipped JSON Lines: 'gunzip -c FILE | jq' reads it. With --format md, html, json or csv each
    chat becomes a file in the folder DIR; a name that ends in that suffix, or '-', takes one chat.
    """
    if output != _PIPE:
        refuse_inside_editor(Path(output), locate(environment.platform()), "the export")
    with run.open_store() as repository, run.monitor() as monitor:
        snapshots = _snapshots(run, repository, snapshot or [], every=every)
        selection = ChatSelection(
            snapshots=snapshots,
            sessions=_sessions(repository, snapshots, session or [], OnceMonitor(monitor)),
            workspaces=tuple(workspace or ()),
            since=_moment(since, " 00:00"),
            until=_moment(until, ""),
        )
        if format_name is not Format.BUNDLE:
            chats = find_chats(repository, selection)
            target = _Target(output, format_name.value, overwrite=overwrite)
            return _documents(run, repository, chats, target, monitor)
        _refuse_terminal(output)
        options = ExportOptions(environment.utc_now(), f"chatcask {__version__}", with_paths=with_paths)
        with _opened(output, overwrite=overwrite) as file:
            done = export_bundle(repository, selection, file.write, options=options, monitor=monitor)
    _report(run, done, output)
    return ExitCode.GAPS if done.problems else ExitCode.DONE


def _snapshots(
    run: Run, repository: Repository, names: list[str], *, every: bool
) -> tuple[SnapshotReference, ...]:
    if every and names:
        raise InvalidInputError("--all and --snapshot contradict each other")
    if every:
        references = tuple(repository.snapshots())
        if references:
            return references
    return tuple(run.find(repository, name)[0] for name in names or ["latest"])


def _sessions(
    repository: Repository, snapshots: tuple[SnapshotReference, ...], names: list[str], monitor: Monitor
) -> tuple[str, ...]:
    """Return the ids of the chats that were named by id or title."""
    if not names:
        return ()
    loaded = []
    for reference in sorted(snapshots, reverse=True):
        with suppress(DamagedError):  # the export names it
            loaded.append(StoredSnapshot(reference, repository.load(reference)))
    with Catalog(repository) as catalog:
        return tuple(find_chat(catalog, name, loaded, monitor).file.session for name in names)


def _moment(text: str | None, time_of_day: str) -> datetime | None:
    """Understand a date; a day without a time gets `time_of_day`, or else stands for its last moment."""
    if text is None:
        return None
    day = _DAY.fullmatch(text.strip()) is not None
    return parse_moment(text.strip() + time_of_day if day else text, environment.local_now())


@dataclass(frozen=True, slots=True)
class _Target:
    """Where documents go, and in which form."""

    output: str
    format_name: str
    overwrite: bool

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
    run.output.document(
        success=not done.problems,
        output=output,
        snapshots=done.snapshots,
        files=done.files,
        rows=done.rows,
        bytes_read=done.bytes_read,
        bytes_written=done.bytes_written,
        errors=problems_json(done.problems),
    )


def _documents(
    run: Run, repository: Repository, chats: list[ChosenChat], target: _Target, monitor: Monitor
) -> int:
    if not target.is_one:
        folder = Path(target.output).expanduser()
        done = export_chats(
            repository, chats, folder, target.format_name, overwrite=target.overwrite, monitor=monitor
        )
        written = f"wrote {count_text(len(done.files), 'chat')} ({size_text(done.bytes_written)})"
        run.output.report(f"{written} to {folder}")
        run.output.document(
            success=not done.problems,
            output=target.output,
            format=target.format_name,
            files=[str(path) for path in done.files],
            bytes_written=done.bytes_written,
            errors=problems_json(done.problems),
        )
        return ExitCode.GAPS if done.problems else ExitCode.DONE
    if len(chats) != 1:
        raise hinted(
            InvalidInputError(f"{count_text(len(chats), 'chat')} cannot become one document"),
            "choose one with --session, or name a folder to write them all",
        )
    size = export_chat(
        repository, chats[0], lambda: _opened(target.output, overwrite=target.overwrite), target.format_name
    )
    if target.output != _PIPE:
        run.output.report(f"wrote {chats[0].session} ({size_text(size)}) to {target.output}")
        run.output.document(
            success=True,
            output=target.output,
            format=target.format_name,
            files=[target.output],
            bytes_written=size,
            errors=[],
        )
    return ExitCode.DONE
