"""`chatcask restore`: put a chat back into its editor, or write what a snapshot holds as plain files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from chatcask import documents
from chatcask.errors import InvalidInputError, NotFoundError
from chatcask.workbench import keep_out_of_editors
from chatcask_cli.shell.advice import hinted
from chatcask_cli.shell.exit_codes import ExitCode
from chatcask_cli.shell.options import Run
from chatcask_cli.shell.options import command as as_command
from chatcask_cli.shell.output import count_text, size_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from chatcask.browse import RestoredFiles
    from chatcask.editing import Applied
    from chatcask.workbench import ManyChats, RestoreWishes, Workbench


@as_command
def command(
    run: Run,
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="SESSION[@SNAP]...",
            help="Chats: the beginning of an id, or a title. With --output: SNAP[:PATH].",
        ),
    ] = None,
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
            help="Put the chat into the workspace of this folder, or into 'empty-window'."
            " With --deleted or --all: only chats of this workspace.",
        ),
    ] = None,
    from_workspace: Annotated[
        str | None,
        typer.Option(
            "--from-workspace",
            metavar="ID|TEXT",
            help="All chats of the workspace with this id or folder, into the one that --workspace names.",
        ),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option("--since", metavar="TIME", help="Of many chats only those with a message since then."),
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
    deleted: Annotated[
        bool, typer.Option("--deleted", help="Every chat that is gone, as 'sessions --deleted' lists them.")
    ] = False,
    every: Annotated[bool, typer.Option("--all", help="Every chat of the newest snapshot.")] = False,
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
    """Put chats back, so that the editor lists and opens them when it is started next.

    The newest version that can be opened is taken, or that of a snapshot: SESSION@SNAP. The editor must be
    closed. A safety snapshot is taken first, and 'chatcask undo' takes the restore back.

    Several chats come back together, with one safety snapshot and one undo for each editor's folder. One that
    cannot be restored is named, the others are, and the command ends with 3.

    With --output the files of a snapshot are written into a folder of your choice, byte for byte.
    """
    names, many = names or [], _Many(deleted, every, from_workspace, since)
    _check_names(names, many, to_files=output is not None)
    if output is None:
        if overwrite:
            raise hinted(InvalidInputError("--overwrite goes with --output"), "use --replace for a chat")
        how = _Into(as_copy, replace, with_edits)
        into = None if many.takes_workspace else workspace
        wishes = _wishes(into, user_data_dir, product, how)
        if len(names) == 1:
            return _restore_chat(run, names[0], wishes, dry_run=dry_run)
        chosen = None if names else _chats_wanted(run, many, workspace, user_data_dir)
        return _restore_chats(run, chosen or names, wishes, dry_run=dry_run)
    into_editor = (workspace, user_data_dir, product)
    if any(option is not None for option in into_editor) or as_copy or replace or with_edits or dry_run:
        raise hinted(
            InvalidInputError("--output writes plain files, and takes no option of a restore into an editor"),
            "leave --output away to put a chat back into its editor",
        )
    return _write_files(run, names[0], output, overwrite=overwrite)


class _Many(NamedTuple):
    """Which chats are meant where none is named."""

    deleted: bool
    every: bool
    from_workspace: str | None
    since: str | None

    @property
    def is_asked(self) -> bool:
        """Tell whether many chats are meant."""
        return self.deleted or self.every or self.from_workspace is not None

    @property
    def takes_workspace(self) -> bool:
        """Tell whether `--workspace` says which chats are meant, and not where they go."""
        return self.is_asked and self.from_workspace is None


def _check_names(names: list[str], many: _Many, *, to_files: bool) -> None:
    """Raise unless chats are named, or many are asked for in one way.

    Raises:
        InvalidInputError: the names and options contradict each other, or say nothing.
    """
    if to_files and (many.is_asked or len(names) != 1):
        raise hinted(InvalidInputError("--output writes one folder or file"), "name one SNAP[:PATH]")
    if not names and not many.is_asked:
        raise hinted(InvalidInputError("no chat is named"), "name chats, or add --deleted or --all")
    if names and (many.is_asked or many.since):
        raise hinted(
            InvalidInputError("named chats go without --deleted, --all, --from-workspace and --since"),
            "name chats, or say which ones are meant",
        )
    if many.deleted and many.every:
        raise hinted(InvalidInputError("--deleted and --all exclude each other"), "choose one of them")


def _chats_wanted(run: Run, many: _Many, workspace: str | None, folder: Path | None) -> ManyChats:
    from chatcask import ChatFilter  # noqa: PLC0415 - a chat that is named needs none
    from chatcask.snapshots import parse_moment  # noqa: PLC0415
    from chatcask.workbench import ManyChats  # noqa: PLC0415

    since = parse_moment(many.since, run.machine().local_now()) if many.since else None
    of = many.from_workspace if many.from_workspace is not None else workspace
    return ManyChats(many.deleted, ChatFilter(of or "", since), folder)


class _Into(NamedTuple):
    """How a chat is put back into an editor."""

    as_copy: bool
    replace: bool
    with_edits: bool


def _wishes(workspace: str | None, folder: Path | None, product: str | None, how: _Into) -> RestoreWishes:
    """Return where a chat is to be put back, and how.

    Raises:
        InvalidInputError: both ways to deal with a chat that is there are asked for.
    """
    from chatcask.editing import RestoreMode  # noqa: PLC0415 - plain files need nothing of it
    from chatcask.workbench import RestoreWishes  # noqa: PLC0415

    if how.as_copy and how.replace:
        raise hinted(InvalidInputError("--as-copy and --replace exclude each other"), "choose one of them")
    mode = RestoreMode.COPY if how.as_copy else RestoreMode.REPLACE if how.replace else RestoreMode.PLAIN
    return RestoreWishes(workspace, folder, product, mode, how.with_edits)


def _restore_chat(run: Run, name: str, wishes: RestoreWishes, *, dry_run: bool) -> int:
    """Restore a chat, or show what that would do."""
    from chatcask_cli.reports.restore_report import report_restore  # noqa: PLC0415 - not for plain files

    with run.open() as bench, run.monitor() as monitor:
        try:
            plan = bench.editing.plan_restore(name, wishes, monitor)
        except NotFoundError as error:
            anywhere = "to write the files of a snapshot anywhere, add --output DIR"
            raise hinted(error, f"{run.output.wording.hint(error)}; {anywhere}") from None
        for warning in plan.warnings:  # before anything is written
            run.output.message(run.output.paint(f"note: {run.output.wording.remark(warning)}", "yellow"))
        applied = None if dry_run else bench.editing.apply(plan, monitor)
        taken = _times(bench)
    report_restore(run.output, plan, applied, dry_run=dry_run)
    _tell_losses(run, [applied], taken)
    return ExitCode.DONE


def _restore_chats(run: Run, chosen: ManyChats | list[str], wishes: RestoreWishes, *, dry_run: bool) -> int:
    """Restore several chats, or show what that would do."""
    from chatcask.editing import RestoredFolder  # noqa: PLC0415 - one chat needs none of it
    from chatcask_cli.reports.restores_report import report_restores  # noqa: PLC0415

    with run.open() as bench, run.monitor() as monitor:
        names = chosen if isinstance(chosen, list) else bench.editing.choose_chats(chosen, monitor)
        plan = bench.editing.plan_restores(names, wishes, monitor)
        done = (
            [RestoredFolder(folder.plans, None) for folder in plan.folders]
            if dry_run
            else bench.editing.apply_restores(plan, monitor)
        )
        taken = _times(bench)
    refused = [*plan.refused, *(one for folder in done for one in folder.refused)]
    report_restores(run.output, plan, done, refused, dry_run=dry_run)
    _tell_losses(run, [folder.applied for folder in done], taken)
    return ExitCode.GAPS if refused else ExitCode.DONE


def _times(bench: Workbench) -> dict[str, datetime]:
    """Return when each snapshot was taken, by id."""
    return {reference.id: reference.taken_at for reference in bench.repository.snapshots()}


def _tell_losses(run: Run, applied: list[Applied | None], taken: Mapping[str, datetime]) -> None:
    """Name the chats beside the restored ones that the safety snapshots found to be less than before."""
    if not any(each.losses for each in applied if each is not None):
        return
    from chatcask_cli.reports.loss_report import tell_losses  # noqa: PLC0415 - seldom needed

    tell_losses(applied, taken, run.output)


def _write_files(run: Run, place: str, output: Path, *, overwrite: bool) -> int:
    """Write the files of a snapshot; nothing that exists is replaced unless asked."""
    keep_out_of_editors(run.machine(), output, "the output")
    with run.open() as bench, run.monitor() as monitor:
        found = bench.snapshots.path(place)
        done = bench.snapshots.write_files(found, output.expanduser(), monitor, overwrite=overwrite)
    success = not _is_incomplete(done)
    run.output.report(_sentence(done, output))
    run.output.document(lambda: documents.restored_files_document(found, output, done, success=success))
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
