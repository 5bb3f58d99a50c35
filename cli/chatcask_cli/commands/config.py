"""`chatcask config`: what is settled for all commands, who said so, and whether it is right."""

from __future__ import annotations

import shutil
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chatcask import documents
from chatcask.errors import InvalidInputError, SettingsError
from chatcask.settings import (
    ON_ALARM,
    ON_FAILURE,
    PAGER,
    SOURCES_ADD,
    STORE,
    Given,
    effective_settings,
    settings_lines,
    settings_problems,
    template_lines,
)
from chatcask_cli.shell import environment
from chatcask_cli.shell.advice import hinted
from chatcask_cli.shell.configuration import flags_of, read_config, settings_in_force, unknown_variables
from chatcask_cli.shell.exit_codes import ExitCode
from chatcask_cli.shell.options import Run, command_without_settings
from chatcask_cli.shell.output import count_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatcask.settings import Settings


class Action(StrEnum):
    """What to do with the settings."""

    SHOW = "show"
    KEYS = "keys"
    CHECK = "check"
    EDIT = "edit"


@command_without_settings
def command(
    run: Run,
    action: Annotated[
        Action, typer.Argument(metavar="[show|keys|check|edit]", help="What to do; else show.")
    ] = Action.SHOW,
) -> int:
    """Show what is in force for every key and who said so: the defaults, the file, a variable or an option.

    'keys' lists all keys with their meanings, 'check' says all that is wrong, and 'edit' opens the file in
    $VISUAL or $EDITOR and checks it afterwards.
    """
    path = environment.config_file()
    match action:
        case Action.SHOW:
            return _show(run, path)
        case Action.KEYS:
            return _keys(run, path)
        case Action.EDIT:
            _edit(path)
            return _check(run, path)
        case Action.CHECK:
            return _check(run, path)


def _show(run: Run, path: Path) -> int:
    settings = _in_force(run)
    exists = path.exists()
    run.output.report(f"# {path}" if exists else f"# {path} is not there: 'chatcask config edit' makes it")
    for text, origin in settings_lines(settings):
        run.output.line(f"{text}  {run.output.paint(f'# {origin}', 'dim')}")
    run.output.document(lambda: documents.settings_document(path, settings, exists=exists))
    return ExitCode.DONE


def _in_force(run: Run) -> Settings:
    defaults = {STORE: str(environment.data_folder() / "store")}
    return settings_in_force(run.profile, flags_of(run.store, run.color), defaults)


def _keys(run: Run, path: Path) -> int:
    for text in template_lines():
        run.output.line(text)
    run.output.document(
        lambda: documents.settings_document(path, effective_settings(Given()), exists=path.exists())
    )
    return ExitCode.DONE


def _check(run: Run, path: Path) -> int:
    exists = path.exists()
    problems: list[SettingsError] = []
    remarks: list[str] = []
    try:
        problems += settings_problems(read_config(path) or b"", str(path))
        if not problems:
            remarks += _remarks(_in_force(run))
    except SettingsError as error:
        problems.append(error)
    remarks += unknown_variables()
    for problem in problems:
        run.output.line(run.output.paint(problem.message, "yellow"))
    for remark in remarks:
        run.output.line(f"note: {remark}")
    if not problems:
        run.output.report(f"{path}: {'all keys and values are right' if exists else 'there is no such file'}")
    else:
        run.output.report(f"{count_text(len(problems), 'mistake')}; 'chatcask config keys' lists all keys")
    run.output.document(lambda: documents.settings_check_document(path, problems, remarks, exists=exists))
    return ExitCode.USAGE if problems else ExitCode.DONE


def _remarks(settings: Settings) -> Iterator[str]:
    """Yield what is a right value and will do nothing on this machine as it is now."""
    for key in (PAGER, ON_ALARM, ON_FAILURE):
        command = settings[key]
        if command and shutil.which(command[0]) is None:
            yield f"{key.name}: there is no program {command[0]}"
    for text in settings[SOURCES_ADD]:
        if not Path(text).expanduser().is_dir():
            yield f"{SOURCES_ADD.name}: there is no folder {text}"


def _edit(path: Path) -> None:
    """Open the file in the person's editor and wait; where there is none, one with all keys is made first.

    Raises:
        InvalidInputError: no editor can be started, or the file cannot be made.
    """
    from chatcask_cli.shell.editor import edit_file  # noqa: PLC0415 - only this action starts one

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in template_lines())
    except FileExistsError:
        pass
    except OSError as error:
        raise InvalidInputError(f"{path} cannot be made: {error.strerror or error}", what="config") from error
    try:
        edit_file(path, environment.variables())
    except OSError as error:
        raise hinted(
            InvalidInputError(f"no editor could be started: {error.strerror or error}", what="editor"),
            "set VISUAL or EDITOR to the command of one",
        ) from error
