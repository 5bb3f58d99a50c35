"""A run that nobody started by hand: one at a time for each editor's folder, recorded as it ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from chatcask.documents import ErrorDocument
from chatcask.errors import ChatcaskError, NotFoundError
from chatcask.jobs import LOCKS_FOLDER, AutomaticRun, SourceOutcome, add_missing, add_run, alone
from chatcask_cli.shell.after_run import tell_of_failure, tell_of_losses
from chatcask_cli.shell.exit_codes import ExitCode, exit_code_of
from chatcask_cli.shell.programs import run_to_its_end

if TYPE_CHECKING:
    from datetime import datetime

    from chatcask import Request
    from chatcask.workbench import Machine
    from chatcask_cli.commands.snapshot import Attempt
    from chatcask_cli.shell.options import Run

_WAIT_SECONDS = 600.0


def run_recorded(run: Run, machine: Machine, command: str, attempt: Callable[[], Attempt]) -> int:
    """Carry out a run by itself, record it, and tell of losses and failures; return its exit code.

    That there is no editor is nothing that a timer has to complain of.

    Raises:
        ChatcaskError: the run failed, which is recorded too.
    """
    started, was_kept = machine.clock(), _is_kept(machine)
    try:
        done = attempt()
    except ChatcaskError as error:
        is_nothing = isinstance(error, NotFoundError) and error.what in {"source", "folder"}
        code = ExitCode.DONE if is_nothing else exit_code_of(error.kind)
        failed = AutomaticRun(started, machine.clock(), command, int(code), message=error.message)
        _add(machine, failed, was_kept=was_kept)
        if is_nothing:
            return code
        if code is not ExitCode.EDITOR_RUNNING:
            hint = run.output.wording.hint(error)
            tell_of_failure(run, machine, ErrorDocument(code, error.kind, error.message, hint))
        raise
    except (OSError, MemoryError) as error:
        message = str(error) or "there is not enough memory"
        tell_of_failure(run, machine, ErrorDocument(ExitCode.FAILED, "machine", message, None))
        raise
    _add(machine, _recorded(machine, command, started, done), was_kept=was_kept)
    if done.result is not None and done.result.losses:
        tell_of_losses(run, machine, done.result)
    return done.code


@contextmanager
def one_at_a_time(machine: Machine, requests: Sequence[Request]) -> Iterator[None]:
    """Let no other run by itself work at one of these sources.

    Raises:
        StoreLockedError: another one does, and did for ten minutes.
    """
    if machine.memory_folder is None:
        yield
        return
    with alone(machine.memory_folder / LOCKS_FOLDER, (each.source.id for each in requests), _WAIT_SECONDS):
        yield


def keep_up(machine: Machine, given: Sequence[str]) -> None:
    """Let the jobs that are installed also know of editors that were installed since."""
    from chatcask_cli.shell.machine_jobs import machine_jobs  # noqa: PLC0415 - not when one folder is saved

    jobs = machine_jobs(machine, given)
    if jobs.kind in {"systemd", "launchd"}:
        add_missing(jobs, run_to_its_end)


def _is_kept(machine: Machine) -> bool:
    return machine.memory_folder is not None and (machine.memory_folder / LOCKS_FOLDER).is_dir()


def _add(machine: Machine, run: AutomaticRun, *, was_kept: bool) -> None:
    """Record a run, unless the record was taken away while it ran: then nothing is to stay behind."""
    if _is_kept(machine) or not was_kept:
        add_run(machine.memory_folder, run)


def _recorded(machine: Machine, command: str, started: datetime, done: Attempt) -> AutomaticRun:
    result = done.result
    return AutomaticRun(
        started=started,
        ended=machine.clock(),
        command=command,
        exit_code=int(done.code),
        snapshot=result.reference.id if result and result.reference else None,
        losses=len(result.losses) if result else 0,
        sources=tuple(_outcomes(done)),
    )


def _outcomes(done: Attempt) -> Iterator[SourceOutcome]:
    result = done.result
    running = {each.source.id for each in result.skipped} if result else None
    for request in done.requests:
        source = request.source
        runs = running is None or source.id in running
        saved_at = None if runs or result is None else result.snapshot.taken_at
        name, folder = source.product.display_name, str(source.user_data_dir)
        yield SourceOutcome(source.id, name, folder, saved_at, "running" if runs else "")
