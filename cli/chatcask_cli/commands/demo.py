"""`chatcask demo`: the whole story on made-up chats, in a folder of its own."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from chatcask import (
    Catalog,
    Entry,
    EntryKind,
    LocalTransport,
    MachineGuard,
    NullMonitor,
    Platform,
    Repository,
    Request,
    SnapshotFolder,
    SnapshotOptions,
    SnapshotResult,
    diff_trees,
    source_for,
    take_snapshot,
)
from chatcask_cli.chat_restore import ChatWishes, restore_chat
from chatcask_cli.commands.diff import change_line
from chatcask_cli.demo import folder as fictional
from chatcask_cli.reports.snapshot_report import loss_document, report_lines
from chatcask_cli.shell import environment
from chatcask_cli.shell.exit_codes import ExitCode
from chatcask_cli.shell.options import Run
from chatcask_cli.shell.options import command as as_command
from chatcask_cli.shell.output import Output, size_text
from chatcask_cli.stores import create_store

_LOST = "retry"
_LOST_TITLE = "Retry for the beacon client"
_PAST = timedelta(days=2)


@as_command
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
            folder = keep.absolute()
            folder.mkdir(parents=True)
        return _Demo(run, folder, kept=keep is not None).play()


@dataclass(slots=True)
class _Demo:
    """The steps of the story; each prints what the user would type and what came of it."""

    run: Run
    folder: Path
    kept: bool

    @property
    def _editor(self) -> Path:
        return self.folder / "Code"

    @property
    def _store(self) -> Path:
        return self.folder / "store"

    def play(self) -> int:
        """Tell the story; return the exit code."""
        platform = environment.platform()
        first_day = (environment.utc_now() - _PAST).replace(hour=9, minute=0, second=0, microsecond=0)
        fictional.build_folder(self._editor, first_day)
        self._say("A made-up VS Code folder with seven chats.")
        create_store(LocalTransport(self._store))
        with Repository.open(LocalTransport(self._store)) as repository:
            self._snapshot(repository, platform, "snapshot")
            fictional.add_a_day(self._editor, _midnight_after(first_day))
            self._say("A day passes: two chats grow, one is new.")
            before = self._snapshot(repository, platform, "snapshot")
            lost = fictional.lose_session(self._editor, fictional.session_id(_LOST))
            self._say("The editor loses a chat.")
            after = self._snapshot(repository, platform, "snapshot")
            self._diff(repository, before, after)
            identical = self._restore(repository, platform, before, lost)
        if self.kept:
            self._say(f"Look around: chatcask log --store {self._store}")
        self.run.output.document(
            success=identical,
            folder=str(self.folder) if self.kept else None,
            snapshots=[r.reference.id for r in (before, after) if r.reference],
            losses=[loss_document(loss.as_row()) for loss in after.losses],
            restored=lost.name,
            identical=identical,
        )
        return ExitCode.DONE if identical else ExitCode.FAILED

    def _snapshot(self, repository: Repository, platform: Platform, words: str) -> SnapshotResult:
        self._command(words)
        result = take_snapshot(
            repository,
            [Request(source_for(self._editor, None, platform))],
            SnapshotOptions(),
            identity=environment.identity(),
            guard=MachineGuard(platform),
            clock=environment.utc_now,
            monitor=NullMonitor(),
        )
        self._lines(report_lines(result, self.run.output, dry_run=False))
        return result

    def _diff(self, repository: Repository, before: SnapshotResult, after: SnapshotResult) -> None:
        self._command("diff latest~1 latest")
        old, new = (SnapshotFolder(None, "", result.snapshot.root) for result in (before, after))
        changes = diff_trees(repository, old, new, NullMonitor())
        self._lines(change_line(change, self.run.output) for change in changes)

    def _restore(
        self, repository: Repository, platform: Platform, before: SnapshotResult, lost: Path
    ) -> bool:
        """Put the chat back; tell whether it is as it was and in the editor's list."""
        self._say("Back it goes.")
        self._command(f'restore "{_LOST_TITLE}"')
        quiet = Run(Output(verbosity=-1), self._store, show_progress=False)
        wishes = ChatWishes(
            None, self._editor, None, as_copy=False, replace=False, with_edits=False, dry_run=False
        )
        code = restore_chat(quiet, lost.stem, wishes)
        path, entry = _find(repository, before, lost.name)
        wanted = b"".join(repository.reader.read(entry.content))
        identical = code == ExitCode.DONE and lost.is_file() and lost.read_bytes() == wanted
        state = "byte for byte as it was" if identical else "NOT as it was"
        self._lines([f"{lost.name}: {size_text(len(wanted))}, {state}"])
        after = self._snapshot(repository, platform, "snapshot")
        source, _, workspace, *_ = path.split("/")
        with Catalog(repository) as catalog:
            index = catalog.index(after.snapshot.root, source, workspace)
        listed = index is not None and any(e.session_id == lost.stem and e.is_listed for e in index.entries)
        self._lines([f"in the editor's list again: {'yes' if listed else 'NO'}"])
        return identical and listed

    def _say(self, text: str) -> None:
        self.run.output.report()
        self.run.output.report(self.run.output.paint(text, "bold"))

    def _command(self, text: str) -> None:
        self.run.output.report(self.run.output.paint(f"$ chatcask {text}", "dim"))

    def _lines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.run.output.report(f"  {line}")


def _midnight_after(moment: datetime) -> datetime:
    return moment.replace(hour=0) + timedelta(days=1)


def _find(repository: Repository, result: SnapshotResult, name: str) -> tuple[str, Entry]:
    """Return path and entry of a file of a snapshot that is known to be there."""
    return next(
        (path, entry)
        for path, entry in repository.walk(result.snapshot.root)
        if entry.kind is EntryKind.FILE and entry.name == name
    )
