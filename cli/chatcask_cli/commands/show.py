"""`chatcask show`: read one chat."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chatcask import documents
from chatcask.advice import Advice, AdviceCode
from chatcask.archive import new_file
from chatcask.chats import CSV_RAW
from chatcask.errors import ChatcaskError, DamagedError, InvalidInputError
from chatcask.workbench import ChosenChat, keep_out_of_editors
from chatcask_cli.shell.advice import hinted
from chatcask_cli.shell.exact_bytes import write_exact
from chatcask_cli.shell.exit_codes import ExitCode
from chatcask_cli.shell.options import CsvRaw, Run
from chatcask_cli.shell.options import command as as_command
from chatcask_cli.shell.output import count_text, size_text

if TYPE_CHECKING:
    from chatcask import ReadableChat
    from chatcask.browse import StoredVersion
    from chatcask.workbench import Workbench

_FINDINGS_SHOWN = 10


class Format(StrEnum):
    """How to write a chat."""

    MD = "md"
    HTML = "html"
    JSON = "json"
    JSONL = "jsonl"
    YAML = "yaml"
    CSV = "csv"
    RAW = "raw"


@as_command
def command(
    run: Run,
    session: Annotated[
        str, typer.Argument(metavar="SESSION[@SNAP]", help="A chat: the beginning of its id, or its title.")
    ],
    format_name: Annotated[
        Format | None,
        typer.Option("--format", help="How to write it; without it, by the suffix of FILE, else md."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="File to write; else the screen.")
    ] = None,
    *,
    all_branches: Annotated[
        bool,
        typer.Option(
            "--all-branches", help="Also turns that were cut off when an earlier prompt was sent again."
        ),
    ] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace FILE if it exists.")] = False,
    csv_raw: CsvRaw = False,
) -> int:
    """Read one chat: as text on a terminal, as Markdown, HTML, JSON, JSON Lines, YAML or CSV, or its bytes.

    Without @SNAP the newest snapshot that holds the chat is taken. --format raw gives the exact bytes of the
    editor's file.
    """
    if output is not None:
        keep_out_of_editors(run.machine(), output, "the output")
    chosen_format = _format(run, format_name, output)
    with run.open() as bench, run.monitor() as monitor:
        chosen = bench.chats.find(session, monitor)
        _tell_missing(run, chosen)
        if chosen_format is Format.RAW:
            size = _write(output, bench.chats.read_bytes(chosen), overwrite=overwrite)
            _report(run, chosen, chosen_format, output, size)
            return ExitCode.DONE
        fuller = bench.chats.fuller(chosen, monitor)
        chat = _read(run, bench, chosen, fuller)
        _tell_findings(run, chat)
        if all_branches:
            chat = bench.chats.with_branches(chosen, chat)
        if chosen_format is Format.HTML:
            chat = bench.chats.with_images(chosen, chat, monitor)
    if output is None and run.output.as_json:
        run.output.document(lambda: documents.chat_document(chosen, chat, fuller))
    elif output is None and chosen_format is Format.MD and sys.stdout.isatty():
        with run.paged():
            _show_on_terminal(run, chat)
    else:
        form = CSV_RAW if csv_raw and chosen_format is Format.CSV else chosen_format.value
        texts = (text.encode("utf-8", "backslashreplace") for text in chat.render(form))
        size = _write(output, texts, overwrite=overwrite)
        _report(run, chosen, chosen_format, output, size, chat)
    return ExitCode.DONE


def _read(run: Run, bench: Workbench, chosen: ChosenChat, fuller: StoredVersion | None) -> ReadableChat:
    """Read a chat; where little or nothing is in it, name the version that holds most."""
    if fuller is None:
        return bench.chats.read(chosen)
    taken_at = run.output.time(fuller.snapshot.taken_at)
    advice = Advice(
        AdviceCode.SHOW_VERSION, session=fuller.file.session[:8], snapshot=fuller.snapshot.id[:12]
    )
    there = (
        f"{count_text(fuller.summary.turn_count, 'turn')} on {taken_at}: {run.output.wording.words(advice)}"
    )
    try:
        chat = bench.chats.read(chosen)
    except DamagedError:
        raise
    except ChatcaskError as error:
        raise hinted(error, there) from None
    run.output.message(f"this version has {count_text(len(chat.chat.turns), 'turn')}; {there}")
    return chat


def _format(run: Run, wanted: Format | None, output: Path | None) -> Format:
    if run.output.as_json and output is None:
        if wanted not in (None, Format.JSON):
            raise hinted(
                InvalidInputError(f"--json and --format {wanted} contradict each other"),
                "leave one out, or add -o FILE",
            )
        return Format.JSON
    if wanted is not None:
        return wanted
    suffix = output.suffix.lower().removeprefix(".") if output is not None else ""
    return next((known for known in Format if known.value == suffix), Format.MD)


def _write(output: Path | None, pieces: Iterable[bytes], *, overwrite: bool) -> int:
    if output is None:
        return write_exact(pieces)
    with new_file(output.expanduser(), overwrite=overwrite) as file:
        return sum(map(file.write, pieces))


def _tell_missing(run: Run, chosen: ChosenChat) -> None:
    """Tell of the snapshot, if it is not the one that was to be expected."""
    if chosen.missing_since is not None:
        run.output.message(
            f"snapshot {chosen.missing_since.id[:12]} no longer holds this chat;"
            f" this is its last version, of snapshot {chosen.stored.reference.id[:12]}"
            f" ({run.output.time(chosen.stored.reference.taken_at)})"
        )


def _tell_findings(run: Run, chat: ReadableChat) -> None:
    if chat.missing:
        text = (
            "the file of this chat holds no turns; this is the Copilot extension's transcript of it"
            f" (missing: {', '.join(chat.missing)}); 'chatcask doctor --fix' builds the chat again from it"
        )
        run.output.message(run.output.wording.text(text))
        return
    if not chat.findings:
        return
    opens = "still opens" if chat.report.opens else "does not open"
    run.output.message(
        f"the file of this chat is damaged and the editor {opens} it; what could be read is shown"
    )
    for finding in chat.findings[:_FINDINGS_SHOWN]:
        run.output.message(f"  {finding}")
    more = len(chat.findings) - _FINDINGS_SHOWN
    if more > 0:
        run.output.message(f"  ... and {count_text(more, 'finding')} more")


def _show_on_terminal(run: Run, chat: ReadableChat) -> None:
    from chatcask_cli.reports.terminal_chat import print_blocks  # noqa: PLC0415 - only terminals need its library

    print_blocks(chat.blocks(), colored=run.output.is_colored)


def _report(
    run: Run,
    chosen: ChosenChat,
    format_name: Format,
    output: Path | None,
    size: int,
    chat: ReadableChat | None = None,
) -> None:
    """Say what was written to a file; what went to the screen speaks for itself."""
    if output is None:
        return
    run.output.report(f"wrote {chosen.file.session} ({size_text(size)}) to {output}")
    name = format_name.value
    run.output.document(lambda: documents.chat_file_document(chosen, chat, output, name, size))
