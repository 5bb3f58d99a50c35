"""`chatcask restore`: put a chat back into its editor, or write what a snapshot holds as plain files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chatcask import EntryKind, locate, refuse_inside_editor, restore_files, split_path
from chatcask.errors import InvalidInputError
from chatcask_cli.shell import environment
from chatcask_cli.shell.advice import hinted
from chatcask_cli.shell.exit_codes import ExitCode
from chatcask_cli.shell.options import Run
from chatcask_cli.shell.options import command as as_command
from chatcask_cli.shell.output import count_text, problems_json, size_text

if TYPE_CHECKING:
    from chatcask import RestoredFiles


@as_command
def command(
    run: Run,
    place: Annotated[
        str,
        typer.Argument(
            metavar="SESSION[@SNAP]",
            help="A chat: the beginning of its id, or its title. With --output: SNAP[:PATH].",
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="DIR", help="Write plain files into this folder; made if missing."
        ),
    ] = None,
    workspace: Annotated[
        str | None,
        typer.Option(
            "--workspace",
            metavar="ID|FOLDER",
            help="Put the chat into the workspace of this folder, or into 'empty-window'.",
        ),
    ] = None,
    user_data_dir: Annotated[
        Path | None,
        typer.Option("--user-data-dir", metavar="DIR", help="Put it into this folder of an editor."),
    ] = None,
    product: Annotated[
        str | None,
        typer.Option(
            "--product", metavar="NAME", help="Put it into this editor ('chatcask sources' names them)."
        ),
    ] = None,
    *,
    as_copy: Annotated[
        bool, typer.Option("--as-copy", help="Put it back as a new chat, whatever is there.")
    ] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Put it in the place of another version that is there.")
    ] = False,
    with_edits: Annotated[
        bool,
        typer.Option(
            "--with-edits",
            help="Put the chat's record of edits back too. The editor applies edits that were not accepted"
            " again when the chat is opened, over what the files hold now.",
        ),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show each file and field that would change; change nothing.")
    ] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="With --output: replace files that have other content.")
    ] = False,
) -> int:
    """Put a chat back, so that the editor lists and opens it when it is started next.

    The newest version that can be opened is taken, or that of a snapshot: SESSION@SNAP. The editor must be
    closed. A safety snapshot is taken first, and 'chatcask undo' takes the restore back.

    With --output the files of a snapshot are written into a folder of your choice, byte for byte.
    """
    if output is None:
        if overwrite:
            raise hinted(InvalidInputError("--overwrite goes with --output"), "use --replace for a chat")
        from chatcask_cli.chat_restore import ChatWishes, restore_chat  # noqa: PLC0415 - not for plain files

        wishes = ChatWishes(workspace, user_data_dir, product, as_copy, replace, with_edits, dry_run)
        return restore_chat(run, place, wishes)
    into_editor = (workspace, user_data_dir, product)
    if any(option is not None for option in into_editor) or as_copy or replace or with_edits or dry_run:
        raise hinted(
            InvalidInputError("--output writes plain files, and takes no option of a restore into an editor"),
            "leave --output away to put a chat back into its editor",
        )
    return _write_files(run, place, output, overwrite=overwrite)


def _write_files(run: Run, place: str, output: Path, *, overwrite: bool) -> int:
    """Write the files of a snapshot; nothing that exists is replaced unless asked."""
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
