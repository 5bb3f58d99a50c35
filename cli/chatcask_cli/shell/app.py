"""The command group: knows the commands by name and imports only the one that is run."""

from __future__ import annotations

import io
import os
import signal
import sys
from contextlib import suppress
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from chatcask_cli.shell.exit_codes import ExitCode
from chatcask_cli.shell.output import Output

COMMANDS = (
    "init",
    "sources",
    "snapshot",
    "wait",
    "auto",
    "log",
    "sessions",
    "show",
    "ls",
    "cat",
    "diff",
    "archive",
    "restore",
    "undo",
    "losses",
    "doctor",
    "check",
    "repair",
    "forget",
    "prune",
    "undelete",
    "upkeep",
    "tag",
    "pin",
    "export",
    "import",
    "stats",
    "config",
    "demo",
)
"""Every command, in the order in which help lists them; `commands/<name>.py` holds each."""

_MODULES = {"import": "import_"}
"""Modules of commands whose names Python keeps for itself."""


class CommandGroup(TyperGroup):
    """Imports a command's module when the command is asked for."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names of all commands."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a command, importing its module."""
        if cmd_name not in COMMANDS:
            return None
        return load_command(cmd_name)


def load_command(name: str) -> Any:
    """Import one command and return it as its parser."""
    module = import_module(f"chatcask_cli.commands.{_MODULES.get(name, name)}")
    single = typer.Typer(add_completion=False, rich_markup_mode=None)
    single.command(name, cls=getattr(module, "Parser", None))(module.command)
    return typer.main.get_command(single)


_NO_THREAD = "can't start new thread"
"""What Python says in a `RuntimeError` when there is no memory for one more."""

app = typer.Typer(
    cls=CommandGroup,
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:  # noqa: FBT001 - the shape of an option's callback
    if wanted:
        from chatcask import __version__  # noqa: PLC0415 - only this answer needs it

        typer.echo(f"chatcask {__version__}")
        raise typer.Exit


@app.callback()
def chatcask(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Keep every chat you had with your code editor: versioned, verified, restorable.

    Close the editor, then run 'chatcask snapshot'. Try it on made-up chats with 'chatcask demo'.
    """


def run() -> int:
    """Run the command line given to this process; return the exit code. Nothing is raised.

    Being told to end (by a logout, or by whoever started this as a service) is an interrupt like any other.
    """
    _interrupt_on_termination()
    _open_missing_streams()
    try:
        code = app(standalone_mode=False)
        sys.stdout.flush()
    except (KeyboardInterrupt, typer.Abort):
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        from chatcask_cli.shell.pipes import reader_left  # noqa: PLC0415 - few readers leave

        return reader_left()
    except Exception as error:  # noqa: BLE001 - the last edge: no traceback reaches a user
        return _fail(error)
    return code if isinstance(code, int) else ExitCode.DONE


def _open_missing_streams() -> None:
    """Give a process without standard streams, such as one without a console, some that lead nowhere."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115 - for good


def _fail_for_want(output: Output, error: Exception) -> int:
    """Say that the machine could not give what was needed, which is nobody's mistake."""
    if isinstance(error, OSError):
        named = f"{error.filename}: " if error.filename else ""
        message = f"the system refused: {named}{error.strerror or error}"
    else:
        message = "there is not enough memory"
    hint = "what is in the store is unharmed; put that right and run the same command again"
    from chatcask_cli.shell.pipes import discard_output  # noqa: PLC0415 - few machines are in want

    with suppress(OSError):
        output.failure("machine", ExitCode.FAILED, message, hint)
    try:
        sys.stdout.flush()
    except OSError:  # a full disk: what is left would be tried again at exit
        discard_output()
    return ExitCode.FAILED


def _interrupt_on_termination() -> None:
    # By default the process ends at once, and what it wrote half stays where it is.
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:  # else it was told to ignore the signal
        signal.signal(signal.SIGTERM, signal.default_int_handler)


def _fail(error: Exception) -> int:
    output = Output(as_json="--json" in sys.argv)
    usage = getattr(error, "format_message", None)
    if usage is not None:  # a mistake in the command line, in the parser's words
        text = usage()
        if text and not output.as_json:
            shown = io.StringIO()
            getattr(error, "show")(shown)  # noqa: B009 - the parser's exception types are private
            for line in shown.getvalue().splitlines():
                output.message(line)
            return ExitCode.USAGE
        output.failure("usage", ExitCode.USAGE, text, "see 'chatcask --help'")
        return ExitCode.USAGE
    if os.environ.get("CHATCASK_DEBUG"):
        raise error
    if isinstance(error, (OSError, MemoryError)) or _NO_THREAD in str(error):
        return _fail_for_want(output, error)
    output.failure(
        "internal",
        ExitCode.FAILED,
        f"something unexpected went wrong: {type(error).__name__}: {error}",
        "this is a mistake in chatcask; set CHATCASK_DEBUG=1 to see where, and report it",
    )
    return ExitCode.FAILED
