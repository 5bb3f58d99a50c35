"""`chatcask auto`: let the system save chats by itself, take that back, and see how it goes."""

from __future__ import annotations

import shlex
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from chatcask import documents
from chatcask.errors import StoreNotFoundError
from chatcask.jobs import install, installed, is_silent, read_record, remove_record, saved_sources, uninstall
from chatcask.workbench import editors
from chatcask_cli.reports.automatic_report import status_lines
from chatcask_cli.shell.automatic_command import handed_on, saving_command, waiting_by_itself
from chatcask_cli.shell.exit_codes import ExitCode
from chatcask_cli.shell.machine_jobs import machine_jobs
from chatcask_cli.shell.options import Run
from chatcask_cli.shell.options import command as as_command
from chatcask_cli.shell.programs import run_to_its_end, start_apart
from chatcask_cli.shell.waiting_process import end_waiting_program

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from chatcask.jobs import Jobs
    from chatcask.workbench import Machine


class Action(StrEnum):
    """What to do."""

    ON = "on"
    OFF = "off"
    STATUS = "status"


@as_command
def command(
    run: Run,
    action: Annotated[
        Action, typer.Argument(metavar="[on|off|status]", help="What to do; else status.")
    ] = Action.STATUS,
    *,
    only_print: Annotated[
        bool, typer.Option("--print", help="With on: show what would be written and run; do nothing.")
    ] = False,
) -> int:
    """Save chats by itself from now on: whenever an editor closes, and every hour.

    'on' installs what the system offers, for this user only, shows it, and saves what is closed now. 'off'
    takes exactly that away; the store stays. 'status' says when chats were last saved, and what is alarming.
    """
    machine = run.machine()
    given = handed_on(run.store, run.profile)
    jobs = machine_jobs(machine, given)
    match action:
        case Action.ON:
            return _turn_on(run, machine, jobs, given, only_print=only_print)
        case Action.OFF:
            return _turn_off(run, machine, jobs)
        case Action.STATUS:
            return _show(run, machine, jobs)


def _turn_on(run: Run, machine: Machine, jobs: Jobs, given: Sequence[str], *, only_print: bool) -> int:
    commands = jobs.on if only_print else (*jobs.on, tuple(saving_command(given)))
    if not only_print:
        install(jobs, run_to_its_end)
    for file in jobs.files:
        run.output.report(f"{'would write' if only_print else 'wrote'} {file.path}")
        if only_print or run.output.verbosity > 0:
            for line in file.text.splitlines():
                run.output.report(f"  {line}")
    for each in commands:
        run.output.report(f"{'would run' if only_print else 'ran'} {shlex.join(each)}")
    run.output.document(lambda: documents.jobs_document(jobs, commands, dry_run=only_print))
    return ExitCode.DONE if only_print else _save_now(run, machine, jobs, given)


def _save_now(run: Run, machine: Machine, jobs: Jobs, given: Sequence[str]) -> int:
    """Save what is closed, in a process that ends, and start what waits if the system would at a login."""
    done = run_to_its_end(tuple(saving_command(given)))
    if jobs.kind == "autostart":
        end_waiting_program(machine)
        start_apart(waiting_by_itself(given))
    for line in done.said.splitlines():
        run.output.message(line)
    last = next(iter(read_record(machine.memory_folder).runs), None)
    running = [each.name for each in last.sources if each.reason] if last else []
    for name in running:
        run.output.report(f"{name} runs; its chats are saved when it closes")
    if last and any(not each.reason for each in last.sources):
        run.output.report("saved the chats of every closed editor")
    return done.code


def _turn_off(run: Run, machine: Machine, jobs: Jobs) -> int:
    removed = uninstall(jobs, run_to_its_end)
    if jobs.kind == "autostart":
        end_waiting_program(machine)
    remove_record(machine.memory_folder)
    for path in removed:
        run.output.report(f"removed {path}")
    if not removed:
        run.output.report("it was not on")
    run.output.document(lambda: documents.jobs_removed_document(jobs, removed))
    return ExitCode.DONE


def _show(run: Run, machine: Machine, jobs: Jobs) -> int:
    files, now = installed(jobs), machine.clock()
    record = read_record(machine.memory_folder)
    last = next(iter(record.runs), None)
    rows = saved_sources(editors(machine), record, dict(_seen_in_store(run)), now)
    silent = bool(files) and is_silent(last, now)
    for text in status_lines(jobs, files, last, rows, run.output, silent=silent):
        run.output.line(text)
    alarming = silent or any(row.alarming for row in rows) or not files
    run.output.document(lambda: documents.automatic_document(jobs, files, last, rows, alarming=alarming))
    return ExitCode.DONE


def _seen_in_store(run: Run) -> Iterator[tuple[str, datetime]]:
    """Yield when this machine's newest snapshot saw each source; nothing where there is no store."""
    try:
        with run.open() as bench, run.monitor() as monitor:
            for stored in bench.snapshots.newest_of_each(monitor):
                if stored.reference.origin in bench.snapshots.own_origins():
                    for state in stored.snapshot.sources:
                        yield state.id, state.seen_at
    except StoreNotFoundError:
        return
