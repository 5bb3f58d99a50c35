"""`chatcask demo`: the whole story on made-up chats, in a folder of its own."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, timedelta
from pathlib import Path
from typing import Annotated

import typer

from chatcask import NullMonitor, SnapshotOptions, SnapshotResult, documents
from chatcask.errors import InvalidInputError, TransportError
from chatcask.workbench import RestoreWishes, SourceChoice, Workbench, choose_requests
from chatcask_cli.commands.diff import change_line
from chatcask_cli.demo import folder as fictional
from chatcask_cli.demo.machine import FIRST_DAY, StoryClock, fictional_machine
from chatcask_cli.reports.snapshot_report import report_lines
from chatcask_cli.shell.exit_codes import ExitCode
from chatcask_cli.shell.options import Run, command_without_settings
from chatcask_cli.shell.output import Output, size_text

_LOST_TITLE = "Retry for the beacon client"
_QUIET = NullMonitor()


@command_without_settings
def command(
    run: Run,
    keep: Annotated[
        Path | None,
        typer.Option("--keep", metavar="DIR", help="Work in DIR, a new folder, and keep it to look around."),
    ] = None,
) -> int:
    """Show what chatcask does on a made-up editor folder: snapshot, a day of chats, a loss, restore.

    Touches nothing but a temporary folder of its own.
    """
    with ExitStack() as stack:
        if keep is None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="chatcask-demo-")))
        else:
            folder = _new_folder(keep.expanduser().absolute())
        base = folder / ".config" if keep is None else folder
        machine = fictional_machine(folder, base, clock := StoryClock())
        fictional.build_folder(editor := base / "Code", FIRST_DAY)
        with Workbench.create(folder / "store", machine) as bench:
            output = Output(as_json=run.output.as_json, verbosity=run.output.verbosity, zone=UTC)
            story = _Story(bench, clock, editor, output)
            told = story.tell()
        if keep is not None:
            story.say(f"Look around: chatcask log --store {folder / 'store'}")
            output.report(f"Go on: chatcask snapshot --store {folder / 'store'} --user-data-dir {editor}")
    kept = None if keep is None else folder
    run.output.document(
        lambda: documents.demo_document(kept, told.snapshots, told.restored, identical=told.identical)
    )
    return ExitCode.DONE if told.identical else ExitCode.FAILED


def _new_folder(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True)
    except FileExistsError:
        if not folder.is_dir() or any(folder.iterdir()):
            raise InvalidInputError(f"{folder} is not a new or empty folder", what="folder") from None
    except OSError as error:
        raise TransportError(f"cannot make {folder}: {error.strerror or error}", where=str(folder)) from error
    return folder


@dataclass(frozen=True, slots=True)
class _Told:
    """What came of the story: the snapshots before and after the loss, and the file that came back."""

    snapshots: tuple[SnapshotResult, ...]
    restored: str
    identical: bool


@dataclass(frozen=True, slots=True)
class _Story:
    """Tells the story; each step prints what a person would type and what came of it."""

    bench: Workbench
    clock: StoryClock
    editor: Path
    output: Output

    def tell(self) -> _Told:
        self.say("A made-up VS Code folder with seven chats.")
        self._snapshot(hour=18)
        self.say("A day passes: two chats grow, one is new.")
        fictional.add_a_day(self.editor, FIRST_DAY.replace(hour=0) + timedelta(days=1))
        before = self._snapshot(day=1, hour=18)
        self.say("The editor loses a chat.")
        lost = fictional.lose_chat(self.editor, fictional.session_id("retry"))
        after = self._snapshot(day=2, hour=9)
        self._diff()
        self.say("Back it goes.")
        return _Told((before, after), lost.name, self._restore(lost))

    def say(self, text: str) -> None:
        """Print what happens next."""
        self.output.report()
        self.output.report(self.output.paint(text, "bold"))

    def _snapshot(self, *, day: int = 0, hour: int) -> SnapshotResult:
        self.clock.moment = FIRST_DAY.replace(hour=hour) + timedelta(days=day)
        fictional.date_databases(self.editor, self.clock.moment - timedelta(hours=1))
        self._typed("snapshot")
        requests = choose_requests(self.bench.machine, SourceChoice(), _QUIET)
        result = self.bench.snapshots.take(requests, SnapshotOptions(), _QUIET)
        self._lines(report_lines(result, self.output, dry_run=False))
        return result

    def _diff(self) -> None:
        self._typed("diff latest~1 latest")
        changes = self.bench.snapshots.compare("latest~1", "latest", _QUIET).files()
        self._lines(change_line(change, self.output) for change in changes)

    def _restore(self, lost: Path) -> bool:
        """Put the chat back; tell whether it is as it was and in the editor's list."""
        self._typed(f'restore "{_LOST_TITLE}"')
        wanted = b"".join(self.bench.chats.read_bytes(self.bench.chats.find(_LOST_TITLE, _QUIET)))
        plan = self.bench.editing.plan_restore(_LOST_TITLE, RestoreWishes(), _QUIET)
        self.bench.editing.apply(plan, _QUIET)
        identical = lost.is_file() and lost.read_bytes() == wanted
        state = "byte for byte as it was" if identical else "NOT as it was"
        self._lines([f"{lost.name}: {size_text(len(wanted))}, {state}"])
        self._snapshot(day=2, hour=10)
        listed = lost.stem in fictional.listed_sessions(self.editor)
        self._lines([f"in the editor's list again: {'yes' if listed else 'NO'}"])
        return identical and listed

    def _typed(self, text: str) -> None:
        self.output.report(self.output.paint(f"$ chatcask {text}", "dim"))

    def _lines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.output.report(f"  {line}")
