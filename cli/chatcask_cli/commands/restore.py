"""`chatcask restore`: write what a snapshot holds as plain files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chatcask import EntryKind, locate, refuse_inside_editor, restore_files, split_path
from chatcask_cli import environment
from chatcask_cli.exit_codes import ExitCode
from chatcask_cli.options import Run
from chatcask_cli.options import command as as_command
from chatcask_cli.output import count_text, problems_json, size_text

if TYPE_CHECKING:
    from chatcask import RestoredFiles


@as_command
def command(
    run: Run,
    place: Annotated[
        str, typer.Argument(metavar="SNAP[:PATH]", help="A snapshot, and a folder or file in it.")
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="DIR", help="Folder to write into; made if missing.")
    ],
    *,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace files in DIR that have other content.")
    ] = False,
) -> int:
    """Write the files of a snapshot into a folder of your choice, byte for byte as they were.

    Nothing that exists is replaced without --overwrite, and no editor's folder is written to.
    """
    refuse_inside_editor(output, locate(environment.platform()), "the output")
    name, path = split_path(place)
    with run.open_store() as repository, run.monitor() as monitor:
        reference, snapshot = run.find(repository, name)
        entry = repository.entry(snapshot.root, path)
        done = restore_files(repository, entry, output.expanduser(), overwrite=overwrite, monitor=monitor)
    what = "file" if entry.kind is EntryKind.FILE else "folder"
    run.output.report(_sentence(done, output))
    run.output.document(
        success=not _is_incomplete(done),
        snapshot=reference.id,
        path=path,
        kind=what,
        output=str(output),
        files=done.files,
        links=done.links,
        bytes_written=done.bytes_written,
        files_present=len(done.skipped),
        errors=problems_json(done.problems),
    )
    return ExitCode.GAPS if _is_incomplete(done) else ExitCode.DONE


def _sentence(done: RestoredFiles, output: Path) -> str:
    text = (
        f"wrote {count_text(done.files + done.links, 'file')} ({size_text(done.bytes_written)}) to {output}"
    )
    if done.skipped:
        text += f"; {count_text(len(done.skipped), 'file')} had the same bytes there already"
    return text


def _is_incomplete(done: RestoredFiles) -> bool:
    return any(problem.kind != "windows_name" for problem in done.problems)
