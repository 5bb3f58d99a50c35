"""`chatcask snapshot`: save all chats of closed editors into the store."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

import chatcask
from chatcask import SnapshotOptions, documents
from chatcask.errors import EditorRunningError, StoreNotFoundError
from chatcask.workbench import (
    Machine,
    SourceChoice,
    Workbench,
    choose_requests,
    elsewhere,
    keep_out_of_editors,
    require_a_closed_one,
)
from chatcask_cli.shell.exit_codes import ExitCode
from chatcask_cli.shell.options import Run
from chatcask_cli.shell.options import command as as_command

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractContextManager

    from chatcask import Monitor, Request, SnapshotReference, SnapshotResult
    from chatcask.workbench import Elsewhere

_FLAG, _DAY = "--when-closed", "86400"


class Parser(TyperCommand):
    """Takes `--when-closed` without a value for a day."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Give the bare option its value."""
        return super().parse_args(ctx, [f"{_FLAG}={_DAY}" if text == _FLAG else text for text in args])


@as_command
def command(
    run: Run,
    user_data_dir: Annotated[
        list[Path] | None,
        typer.Option(
            "--user-data-dir", metavar="DIR", help="Capture this folder of an editor; may be repeated."
        ),
    ] = None,
    product: Annotated[
        list[str] | None,
        typer.Option(
            "--product", metavar="NAME", help="Capture only this editor ('chatcask sources' names them)."
        ),
    ] = None,
    manifest: Annotated[
        Path | None,
        typer.Option(
            "--manifest", metavar="FILE", help="Capture the workspaces that a paths-only manifest lists."
        ),
    ] = None,
    tag: Annotated[
        list[str] | None,
        typer.Option("--tag", metavar="NAME", help="Give the snapshot a name; may be repeated."),
    ] = None,
    when_closed: Annotated[
        float | None,
        typer.Option(
            _FLAG,
            metavar="[=SECONDS]",
            min=0,
            help="Wait until the editors have closed, at most so long (without a value: a day), then save.",
        ),
    ] = None,
    *,
    if_closed: Annotated[
        bool, typer.Option("--if-closed", help="Say nothing and exit with 0 when every editor runs.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Read no chat and write nothing; say what would be read.")
    ] = False,
    skip_unchanged: Annotated[
        bool, typer.Option("--skip-unchanged", help="Write nothing at all when nothing changed.")
    ] = False,
    alarm_exit: Annotated[
        bool, typer.Option("--alarm-exit", help="Exit with 4 when a chat vanished or was emptied.")
    ] = False,
    automatic: Annotated[
        bool, typer.Option("--automatic", hidden=True, help="Record this run as one that nobody started.")
    ] = False,
) -> int:
    """Save every chat of every closed editor.

    An editor that runs is left alone: its chats are not touched, and those of other editors are saved.
    Text that the store has is not stored again.
    """
    machine = run.machine()
    tags = tuple(chatcask.check_tag(name) for name in tag or ())
    taking = _Taking(
        run,
        machine,
        SourceChoice(user_data_dir or (), product or (), manifest),
        SnapshotOptions(tags, skip_unchanged=skip_unchanged, dry_run=dry_run),
        when_closed,
        if_closed=if_closed,
        alarm_exit=alarm_exit,
    )
    if not automatic:
        return taking.attempt(lambda _: nullcontext()).code
    from chatcask_cli.shell.automatic import keep_up, one_at_a_time, run_recorded  # noqa: PLC0415
    from chatcask_cli.shell.automatic_command import handed_on  # noqa: PLC0415 - few runs start by themselves
    from chatcask_cli.shell.upkeep import upkeep_if_due  # noqa: PLC0415

    code = run_recorded(run, machine, "snapshot", partial(taking.attempt, partial(one_at_a_time, machine)))
    if not user_data_dir:
        keep_up(machine, handed_on(run.store, run.profile))
    upkeep_if_due(run, machine)
    return code


@dataclass(frozen=True, slots=True)
class Attempt:
    """What was to be saved and what came of it: a result, or None since the editor of every source runs."""

    requests: Sequence[Request]
    result: SnapshotResult | None
    code: ExitCode


@dataclass(frozen=True, slots=True)
class _Taking:
    """One command line of `snapshot`, as it was understood."""

    run: Run
    machine: Machine
    choice: SourceChoice
    options: SnapshotOptions
    when_closed: float | None
    if_closed: bool
    alarm_exit: bool

    def attempt(self, turn: Callable[[Sequence[Request]], AbstractContextManager[None]]) -> Attempt:
        """Wait, save and report; `turn` gives the run its turn among others."""
        with self.run.monitor() as monitor:
            requests = choose_requests(self.machine, self.choice, monitor)
            try:
                self._wait(requests)
                with turn(requests):
                    result = self._save(requests, monitor)
            except EditorRunningError:
                if not self.if_closed:
                    raise
                return Attempt(requests, None, ExitCode.DONE)
            seen = [request.source for request in requests]
            named = bool(self.choice.folders)
            others = () if result.unchanged else elsewhere(self.machine, seen, of_machine=not named)
        folders = {request.source.id: request.source.user_data_dir for request in requests if named}
        _report(self.run, result, others, folders, dry_run=self.options.dry_run)
        return Attempt(requests, result, self._code(result))

    def _wait(self, requests: Sequence[Request]) -> None:
        if self.when_closed is None:
            return
        from chatcask.sources import wait_until_closed  # noqa: PLC0415 - few runs wait

        told: set[str] = set()

        def tell(error: EditorRunningError) -> None:
            if error.message not in told:
                told.add(error.message)
                self.run.output.message(f"waiting for it to close: {error.message}")

        sources = [request.source for request in requests]
        wait_until_closed(self.machine.guard, sources, self.when_closed, tell)

    def _save(self, requests: Sequence[Request], monitor: Monitor) -> SnapshotResult:
        with _open(self.run, self.machine, requests, dry_run=self.options.dry_run) as bench:
            result = bench.snapshots.take(requests, self.options, monitor)
            if result.reference is not None:
                _move_tags(self.run, bench, result.reference, self.options.tags)
        return result

    def _code(self, result: SnapshotResult) -> ExitCode:
        if result.losses and self.alarm_exit:
            return ExitCode.ALARM
        is_whole = result.snapshot.complete or (self.if_closed and not result.snapshot.problem_count)
        return ExitCode.DONE if is_whole else ExitCode.GAPS


def _move_tags(run: Run, bench: Workbench, reference: SnapshotReference, tags: Sequence[str]) -> None:
    for tag in tags:
        for other in bench.labels.tag(reference.id, tag).moved_from:
            run.output.report(f"the tag {tag} was taken from {other.id[:12]}")


def _report(
    run: Run,
    result: SnapshotResult,
    others: Sequence[Elsewhere],
    named: Mapping[str, Path],
    *,
    dry_run: bool,
) -> None:
    if run.output.as_json:
        run.output.document(lambda: documents.snapshot_document(result, dry_run=dry_run, elsewhere=others))
        return
    from chatcask_cli.reports.snapshot_report import report_lines  # noqa: PLC0415 - programs read no report

    for text in report_lines(result, run.output, named, dry_run=dry_run):
        run.output.report(text)
    if others:
        from chatcask_cli.reports.elsewhere_report import elsewhere_lines  # noqa: PLC0415 - few have such

        for text in elsewhere_lines(others, run.output):
            run.output.report(text)


def _open(run: Run, machine: Machine, requests: Sequence[Request], *, dry_run: bool) -> Workbench:
    """Open the store; make it when something will be saved, or one in memory for a dry run."""
    if requests:
        keep_out_of_editors(machine, run.store_path(), "the store", [request.source for request in requests])
    try:
        return run.open()
    except StoreNotFoundError:
        if dry_run or not requests:
            return Workbench.in_memory(machine)
    require_a_closed_one(machine, requests)  # else nothing will be saved, so no store is made either
    return run.open_or_make()
