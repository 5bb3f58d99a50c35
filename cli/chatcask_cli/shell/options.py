"""The options every command has, and what a command is given to work with."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Concatenate, ParamSpec, get_type_hints

import typer

from chatcask_cli.shell import environment
from chatcask_cli.shell.exit_codes import ExitCode, exit_code_of
from chatcask_cli.shell.output import Given, Output, PlainMonitor

if TYPE_CHECKING:
    from chatcask.workbench import Workbench

P = ParamSpec("P")


class Color(StrEnum):
    """When to use colours."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Run:
    """One run of one command: where its store is and how it talks."""

    output: Output
    store: Path | None
    show_progress: bool

    def store_path(self) -> Path:
        """Return the store's folder."""
        return environment.store_path(self.store)

    def open(self) -> Workbench:
        """Open the store on a workbench.

        Raises:
            StoreNotFoundError: there is none.
        """
        from chatcask.workbench import Workbench  # noqa: PLC0415 - help needs no store

        return Workbench.open(self.store_path(), environment.machine())

    def open_or_make(self) -> Workbench:
        """Open the store; make it when its folder is new or empty, and say so.

        Raises:
            InvalidInputError: there is something else.
        """
        from chatcask.errors import StoreNotFoundError  # noqa: PLC0415
        from chatcask.workbench import Workbench  # noqa: PLC0415

        try:
            return self.open()
        except StoreNotFoundError:
            bench = Workbench.create(self.store_path(), environment.machine())
        self.output.report(f"made a store at {self.store_path()}")
        return bench

    def monitor(self) -> PlainMonitor:
        """Return a monitor: a bar where a person looks, else one that prints problems."""
        if self.output.as_json:  # nobody looks
            return PlainMonitor(self.output)
        from chatcask_cli.shell.progress import monitor_for  # noqa: PLC0415

        return monitor_for(self.output, show_progress=self.show_progress)


_STORE = Annotated[
    Path | None,
    typer.Option(
        "--store",
        metavar="PATH",
        help="Folder of the store (else $CHATCASK_STORE, the config file, the default).",
    ),
]
_JSON = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")]
_QUIET = Annotated[bool, typer.Option("--quiet", "-q", help="Print errors only.")]
_VERBOSE = Annotated[bool, typer.Option("--verbose", "-v", help="Print more.")]
_COLOR = Annotated[Color, typer.Option("--color", help="Use colours.")]
_NO_PROGRESS = Annotated[bool, typer.Option("--no-progress", help="Show no progress bar.")]
_COMMON = {
    "store": (_STORE, None),
    "as_json": (_JSON, False),
    "quiet": (_QUIET, False),
    "verbose": (_VERBOSE, False),
    "color": (_COLOR, Color.AUTO),
    "no_progress": (_NO_PROGRESS, False),
}


def command(function: Callable[Concatenate[Run, P], int]) -> Callable[..., int]:
    """Give a command the common options behind its own, a `Run`, and an end for every error."""

    @functools.wraps(function)
    def wrapper(**given: Any) -> int:
        common = {name: given.pop(name) for name in _COMMON}
        output = Output(
            as_json=common["as_json"],
            verbosity=int(common["verbose"]) - int(common["quiet"]),
            color=common["color"],
            given=Given(common["store"], _only(given.get("user_data_dir")), _only(given.get("product"))),
        )
        run = Run(output, common["store"], show_progress=not common["no_progress"])
        work: Callable[..., int] = function
        return _guarded(output, lambda: work(run, **given))

    hints = get_type_hints(function, include_extras=True)
    own = list(inspect.signature(function, eval_str=True).parameters.values())[1:]
    shared = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)
        for name, (kind, default) in _COMMON.items()
    ]
    own = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in own]
    wrapper.__signature__ = inspect.Signature([*own, *shared])  # type: ignore[attr-defined]
    wrapper.__annotations__ = {p.name: hints.get(p.name, p.annotation) for p in [*own, *shared]}
    del wrapper.__wrapped__
    return wrapper


def _only(given: Any) -> Any:
    """Return what an option was given; None for one that was given several times."""
    if isinstance(given, list | tuple):
        return given[0] if len(given) == 1 else None
    return given


def _guarded(output: Output, work: Callable[[], int]) -> int:
    from chatcask import ChatcaskError  # noqa: PLC0415 - help needs no library

    try:
        return work()
    except ChatcaskError as error:
        code = exit_code_of(error.kind)
        output.failure(error.kind, code, error.message, output.wording.hint(error))
        return code
    except BrokenPipeError:  # the parser would make it a failure
        from chatcask_cli.shell.pipes import reader_left  # noqa: PLC0415 - few readers leave

        return reader_left()
    except KeyboardInterrupt:
        output.failure("interrupted", ExitCode.INTERRUPTED, "interrupted", None)
        return ExitCode.INTERRUPTED
