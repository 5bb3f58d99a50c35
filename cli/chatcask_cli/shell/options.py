"""The options every command has, and what a command is given to work with."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Concatenate, ParamSpec, TypeAlias, get_type_hints

import typer

from chatcask.settings import COLOR, PAGER, TIME_FORMAT
from chatcask_cli.shell import environment
from chatcask_cli.shell.configuration import flags_of, scope_of, settings_in_force, store_place
from chatcask_cli.shell.exit_codes import ExitCode, exit_code_of
from chatcask_cli.shell.output import Given, Output, PlainMonitor

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from chatcask.settings import Settings
    from chatcask.workbench import Machine, Workbench

P = ParamSpec("P")

CsvRaw: TypeAlias = Annotated[
    bool,
    typer.Option("--csv-raw", help="With csv: cells as they are, which a spreadsheet may take for formulas."),
]
"""The option of commands that can write CSV."""


class Color(StrEnum):
    """When to use colours."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Run:
    """One run of one command: what is settled, where its store is and how it talks.

    Attributes:
        output: Where it talks to.
        settings: What is in force.
        store: The store that the command line named.
        profile: The profile that the command line named.
        color: When the command line wants colours, if it says so.
        show_progress: Whether a bar may be shown.
    """

    output: Output
    settings: Settings
    store: Path | None
    profile: str | None
    color: str | None
    show_progress: bool

    def store_path(self) -> Path:
        """Return the store's folder."""
        return store_place(self.settings)

    def machine(self) -> Machine:
        """Return this user on this machine."""
        return environment.machine(scope_of(self.settings))

    def paged(self) -> AbstractContextManager[None]:
        """Return a context in which long output goes to the person's pager, if there is one."""
        from chatcask_cli.shell.pager import paged  # noqa: PLC0415 - few commands print much

        return paged(self.settings[PAGER], self.output)

    def open(self) -> Workbench:
        """Open the store on a workbench.

        Raises:
            StoreNotFoundError: there is none.
        """
        from chatcask.workbench import Workbench  # noqa: PLC0415 - help needs no store

        return Workbench.open(self.store_path(), self.machine())

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
            bench = Workbench.create(self.store_path(), self.machine())
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
_COLOR = Annotated[Color | None, typer.Option("--color", help="Use colours.", show_default="auto")]
_PROFILE = Annotated[
    str | None,
    typer.Option("--profile", metavar="NAME", help="Use this profile of the config file."),
]
_NO_PROGRESS = Annotated[bool, typer.Option("--no-progress", help="Show no progress bar.")]
_COMMON = {
    "store": (_STORE, None),
    "as_json": (_JSON, False),
    "quiet": (_QUIET, False),
    "verbose": (_VERBOSE, False),
    "color": (_COLOR, None),
    "profile": (_PROFILE, None),
    "no_progress": (_NO_PROGRESS, False),
}


def command(function: Callable[Concatenate[Run, P], int]) -> Callable[..., int]:
    """Give a command the common options behind its own, a `Run`, and an end for every error."""
    return _with_common_options(function, _begin, _end)


def command_without_settings(function: Callable[Concatenate[Run, P], int]) -> Callable[..., int]:
    """Do the same for a command that follows no settings, and works where they are wrong."""
    return _with_common_options(function, _begin_without_settings, lambda _: None)


def _begin(common: Mapping[str, Any]) -> Run:
    settings = settings_in_force(common["profile"], flags_of(common["store"], common["color"]))
    return _run(common, settings, settings[COLOR], settings[TIME_FORMAT])


def _end(run: Run) -> None:
    """Tell a person at a terminal what runs by themselves found, if nobody was told yet."""
    if run.output.is_watched:
        from chatcask_cli.shell.unseen import tell_unseen_losses  # noqa: PLC0415 - only people are told

        tell_unseen_losses(run.output)


def _begin_without_settings(common: Mapping[str, Any]) -> Run:
    from chatcask.settings import Given, effective_settings  # noqa: PLC0415 - one command

    return _run(common, effective_settings(Given()), common["color"] or "auto", "")


def _run(common: Mapping[str, Any], settings: Settings, color: str, time_format: str) -> Run:
    output = Output(
        as_json=common["as_json"],
        verbosity=_verbosity(common),
        color=color,
        time_format=time_format,
        given=common["given"],
    )
    return Run(
        output,
        settings,
        common["store"],
        common["profile"],
        common["color"],
        show_progress=not common["no_progress"],
    )


def _verbosity(common: Mapping[str, Any]) -> int:
    return int(common["verbose"]) - int(common["quiet"])


def _with_common_options(
    function: Callable[Concatenate[Run, P], int],
    begin: Callable[[Mapping[str, Any]], Run],
    end: Callable[[Run], None],
) -> Callable[..., int]:
    @functools.wraps(function)
    def wrapper(**given: Any) -> int:
        common = {name: given.pop(name) for name in _COMMON}
        work: Callable[..., int] = function
        common["given"] = Given(
            common["store"],
            _only(given.get("user_data_dir")),
            _only(given.get("product")),
            common["profile"],
        )
        plain = Output(as_json=common["as_json"], verbosity=_verbosity(common), given=common["given"])

        def whole() -> int:
            run = begin(common)
            code = work(run, **given)
            end(run)
            return code

        return _guarded(plain, whole)

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
        output.failure(error.kind, code, error.sentence, output.wording.hint(error), error.lines)
        return code
    except BrokenPipeError:  # the parser would make it a failure
        from chatcask_cli.shell.pipes import reader_left  # noqa: PLC0415 - few readers leave

        return reader_left()
    except KeyboardInterrupt:
        output.failure("interrupted", ExitCode.INTERRUPTED, "interrupted", None)
        return ExitCode.INTERRUPTED
