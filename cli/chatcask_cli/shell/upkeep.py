"""Upkeep as it is settled: by hand, and once a day behind a run by itself."""

from __future__ import annotations

import json
import os
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from chatcask import documents
from chatcask.errors import StoreNotFoundError
from chatcask.jobs import keep_upkeep, read_record
from chatcask.retention import settled_policy
from chatcask.settings import UPKEEP, UPKEEP_PRUNE, UPKEEP_READ_DATA, UPKEEP_TIME
from chatcask.workbench import UpkeepWishes
from chatcask_cli.shell.after_run import tell_of_failure
from chatcask_cli.shell.exit_codes import ExitCode
from chatcask_cli.shell.output import time_text

if TYPE_CHECKING:
    from chatcask import Monitor
    from chatcask.workbench import Machine, UpkeepResult, Workbench
    from chatcask_cli.shell.options import Run

_BETWEEN = timedelta(hours=23)
"""Less than a day, so that an hourly run does it every day at about the same hour."""


def settled_upkeep(run: Run) -> UpkeepWishes:
    """Return what upkeep is to do."""
    settings = run.settings
    return UpkeepWishes(
        policy=settled_policy(settings),
        prune=settings[UPKEEP_PRUNE],
        share=settings[UPKEEP_READ_DATA],
        time_limit=settings[UPKEEP_TIME],
    )


def upkeep_recorded(run: Run, bench: Workbench, monitor: Monitor) -> tuple[UpkeepResult, datetime]:
    """Do the upkeep and record what came of it; return that, and when it ended."""
    machine = bench.machine
    since = time_text(machine.clock())
    holder = f"chatcask upkeep (process {os.getpid()} on {machine.host}, since {since})"
    result = bench.upkeep.daily(settled_upkeep(run), holder, monitor)
    ended = machine.clock()
    document = documents.upkeep_document(result, ended)
    keep_upkeep(machine.memory_folder, json.loads(documents.to_json(document, run.output.wording.words)))
    return result, ended


def upkeep_if_due(run: Run, machine: Machine) -> None:
    """Do the upkeep if a day has passed and the record is still kept; damage is told like a failure."""
    if not run.settings[UPKEEP] or not read_record(machine.memory_folder).runs or not _is_due(machine):
        return
    try:
        with run.open() as bench, run.monitor() as monitor:
            result, _ = upkeep_recorded(run, bench, monitor)
    except StoreNotFoundError:
        return
    if result.check is not None and result.check.damage:
        hint = run.output.wording.text("'chatcask check' says what is affected")
        message = f"damage was found in the store {run.store_path()}"
        failure = documents.ErrorDocument(ExitCode.DAMAGED, "damaged", message, hint)
        tell_of_failure(run, machine, failure)


def _is_due(machine: Machine) -> bool:
    ended = read_record(machine.memory_folder).upkeep.get("ended")
    try:
        last = datetime.fromisoformat(ended) if isinstance(ended, str) else None
        return last is None or not last <= machine.clock() < last + _BETWEEN
    except (ValueError, TypeError):
        return True
