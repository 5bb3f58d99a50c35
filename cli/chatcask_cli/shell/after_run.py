"""What a run by itself tells its person: notifications and hooks for lost chats and for failures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatcask import documents
from chatcask.jobs import may_tell_failure
from chatcask.settings import (
    DESKTOP,
    HOOK_TIME,
    NOTIFY_FAILURES,
    NOTIFY_LOSSES,
    ON_ALARM,
    ON_FAILURE,
    QUIET_TITLES,
)
from chatcask_cli.shell.notify import notify, short
from chatcask_cli.shell.output import count_text
from chatcask_cli.shell.programs import run_bounded

if TYPE_CHECKING:
    from chatcask import SnapshotResult
    from chatcask.documents import Document, ErrorDocument
    from chatcask.snapshots import Loss
    from chatcask.workbench import Machine
    from chatcask_cli.shell.options import Run

_NAMED = 3
_LONGEST_NAME = 60


def tell_of_losses(run: Run, machine: Machine, result: SnapshotResult) -> None:
    """Tell of the chats that a run found lost; that it cannot be told is said and fails nothing."""
    settings = run.settings
    if settings[DESKTOP] and settings[NOTIFY_LOSSES]:
        count = len(result.losses)
        title = f"{count_text(count, 'chat')} {'was' if count == 1 else 'were'} lost"
        lines = [] if settings[QUIET_TITLES] else [_loss_line(loss) for loss in result.losses[:_NAMED]]
        _notify(run, machine, title, [*lines, run.output.wording.text("How to get back: 'chatcask losses'")])
    _hook(run, ON_ALARM.name, settings[ON_ALARM], documents.snapshot_document(result, dry_run=False))


def tell_of_failure(run: Run, machine: Machine, failure: ErrorDocument) -> None:
    """Tell that a run failed: each kind of failure to the desktop at most once a day, to the hook always."""
    settings = run.settings
    is_wanted = settings[DESKTOP] and settings[NOTIFY_FAILURES]
    if is_wanted and may_tell_failure(machine.memory_folder, failure.kind, machine.clock()):
        title = "chats could not be saved"
        hidden = settings[QUIET_TITLES]
        _notify(run, machine, title, [failure.kind if hidden else failure.message])
    _hook(run, ON_FAILURE.name, settings[ON_FAILURE], failure)


def _loss_line(loss: Loss) -> str:
    name = short(loss.title or loss.session[:8], _LONGEST_NAME)
    return f'"{name}": {loss.message}' if name else loss.message


def _notify(run: Run, machine: Machine, title: str, lines: list[str]) -> None:
    if wrong := notify(machine.platform.family, f"chatcask: {title}", lines):
        run.output.message(f"the desktop was not notified: {wrong}")


def _hook(run: Run, name: str, command: tuple[str, ...], document: Document) -> None:
    if not command:
        return
    data = f"{documents.to_json(document, run.output.wording.words)}\n".encode()
    if wrong := run_bounded(command, data, run.settings[HOOK_TIME].total_seconds()):
        run.output.message(f"{name}: {wrong}")
