"""Change an editor's folder as planned, so that a crash at any step leaves the old state or the new one.

The order: a safety snapshot; the transactions of the databases, made and not committed; the undo record, in
the store; the new files, beside their places; the guard once more; then per place the files take their
places, the transaction is committed, and what is not wanted any more is removed. A chat without an entry in
the editor's list is invisible (microsoft/vscode chatSessionStore.ts), so for a lost chat the commit is the
one step that counts. A removed file was shadowed already: a `.jsonl` goes before a `.json`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from chatcask.assistants.editing import Place
from chatcask.assistants.vscode.state.write import change_rows
from chatcask.assistants.vscode.writing.file_steps import remove_leftovers
from chatcask.errors import ChatcaskError, EditorRunningError
from chatcask.format.snapshot import SAFETY_TAG, UNDO_TAG
from chatcask.format.undo import UndoRecord
from chatcask.monitor import Monitor
from chatcask.ops.editing.change import ChangeCause, EditorChange, Plan, changed_sessions
from chatcask.ops.editing.context import EditContext, take_safety_snapshot
from chatcask.ops.editing.place_writer import PlaceWriter, folders_of
from chatcask.ops.editing.remember import find_befores, undo_files, undo_rows
from chatcask.ops.editing.undo_log import forget_undo, keep_undo
from chatcask.ops.editing.verify import require_still_closed, verify_place
from chatcask.ops.snapshot.compare_chats import Loss
from chatcask.repository.keys import SnapshotReference


@dataclass(frozen=True, slots=True)
class FailedPlace:
    """A place that a fix had to leave as it was, and why."""

    place: Place
    error: ChatcaskError


@dataclass(frozen=True, slots=True)
class Applied:
    """What was done.

    Attributes:
        safety: The safety snapshot.
        files: How many files were changed.
        rows: How many rows of databases.
        failed: What was left alone.
        losses: Chats that this change did not touch and that are less than in the snapshot before.
    """

    safety: SnapshotReference
    files: int
    rows: int
    failed: tuple[FailedPlace, ...] = ()
    losses: tuple[Loss, ...] = ()


def apply(context: EditContext, plan: Plan, monitor: Monitor) -> Applied | None:
    """Carry out a plan; None if there was nothing to do.

    A place that cannot be changed does not keep a fix from the others, unless none is left. A crash of an
    undo at any step can be followed by another undo, which goes on.

    Raises:
        EditorRunningError: the editor runs; if it was started meanwhile, the message says what was done.
        RestoreRefusedError: the folder is no longer what the plan was made for; nothing was changed.
        StateDatabaseError: a database cannot be changed; the old state is there.
        EditorFolderError: a file cannot be written; the old state is there.
        DamagedError: the store cannot keep what is there now; nothing was changed.
    """
    change = plan.change
    applied = None
    if not change.is_empty:
        context.guard.require_closed(change.source)
        tag = UNDO_TAG if change.cause is ChangeCause.UNDO else SAFETY_TAG
        safety = take_safety_snapshot(context, change.source, tag, monitor)
        told = changed_sessions(change)
        others = tuple(loss for loss in safety.losses if loss.session not in told)
        applied = replace(_carry_out(context, change, safety.reference), losses=others)
    elif change.undoes:
        context.guard.require_closed(change.source)
        _tidy(context, change)
    if change.undoes:
        forget_undo(context.repository, change.undoes)
    return applied


@dataclass(slots=True)
class _Work:
    """The places still being changed, and those that were given up, which only a fix may do."""

    may_give_up: bool
    writers: list[PlaceWriter]
    failed: list[FailedPlace]

    def each(self, step: Callable[[PlaceWriter], None]) -> None:
        """Take one step with every place.

        Raises:
            ChatcaskError: it failed, and no place is left or none may be given up; the old state is there.
        """
        for writer in list(self.writers):
            try:
                step(writer)
            except EditorRunningError:
                raise
            except ChatcaskError as error:
                writer.take_back()
                self.writers.remove(writer)
                self.give_up(writer.change.place, error)

    def give_up(self, place: Place, error: ChatcaskError) -> None:
        """Leave a place as it is and go on, or end with the error."""
        self.failed.append(FailedPlace(place, error))
        if not self.may_give_up:
            self.end(error)

    def end(self, error: ChatcaskError) -> None:
        """Take back what is not done and raise."""
        for writer in self.writers:
            writer.take_back()
        raise error

    def require_any(self) -> None:
        """Raise the first error if no place is left."""
        if not self.writers:
            raise self.failed[0].error


def _carry_out(context: EditContext, change: EditorChange, safety: SnapshotReference) -> Applied:
    # A fix, or a restore of several chats, does what it can; an undo is whole or has to be run again.
    is_many = change.cause is ChangeCause.FIX or (
        change.cause is ChangeCause.RESTORE and len(change.places) > 1
    )
    work = _Work(is_many, [], [])
    with ExitStack() as stack:
        _begin(context, change, safety, work, stack)
        work.require_any()
        if not change.undoes:
            keep_undo(context.repository, _record(context, change, safety, work.writers))
        _sweep(context, change, change.swept)
        work.each(PlaceWriter.prepare)
        context.guard.require_closed(change.source)
        work.each(PlaceWriter.carry_out)
    _remove_folders(context, change)
    work.require_any()
    require_still_closed(context, change.source)
    for writer in work.writers:
        verify_place(context, change, writer.change)
    done = [writer.change for writer in work.writers]
    files, rows = sum(len(place.files) for place in done), sum(len(place.rows) for place in done)
    return Applied(safety, files, rows, tuple(work.failed))


def _begin(
    context: EditContext, change: EditorChange, safety: SnapshotReference, work: _Work, stack: ExitStack
) -> None:
    """Prove that each place is what the plan was made for, and open the transaction of its database."""
    root = context.repository.load(safety).root
    for place in change.places:
        try:
            befores = find_befores(context, change.source, place, root)
            context.guard.watch(change.source)
            rows = stack.enter_context(change_rows(place.place.database, place.rows)) if place.rows else None
        except EditorRunningError:
            raise
        except ChatcaskError as error:
            work.give_up(place.place, error)
        else:
            work.writers.append(PlaceWriter(context, change.source, place, befores, rows))


def _record(
    context: EditContext, change: EditorChange, safety: SnapshotReference, writers: Sequence[PlaceWriter]
) -> UndoRecord:
    """Return what undo needs."""
    user = change.source.user
    return UndoRecord(
        made_at=context.clock(),
        origin=context.identity.origin,
        what=change.cause.value,
        about=change.about,
        source=change.source.id,
        safety=safety.id,
        files=tuple(file for w in writers for file in undo_files(w.change.files, w.befores)),
        rows=tuple(row for w in writers for row in undo_rows(w.change, w.transaction)),
        folders=tuple(folder.relative_to(user).as_posix() for w in writers for folder in w.folders),
    )


def _tidy(context: EditContext, change: EditorChange) -> None:
    """Remove what a crash of an earlier change left, where there is nothing else to do."""
    written = [folder for place in change.places for folder in folders_of(place)]
    _sweep(context, change, dict.fromkeys([*written, *change.swept]))
    _remove_folders(context, change)


def _sweep(context: EditContext, change: EditorChange, folders: Iterable[Path]) -> None:
    for folder in folders:
        context.guard.watch(change.source)
        remove_leftovers(context.operations, folder)


def _remove_folders(context: EditContext, change: EditorChange) -> None:
    for folder in change.folders:
        context.guard.watch(change.source)
        context.operations.remove_folder(folder)
