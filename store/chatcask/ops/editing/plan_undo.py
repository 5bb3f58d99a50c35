"""Take the last restore back: exactly, where nothing else has changed since; entry by entry where it has.

An editor that ran since has written its list of chats again. Then the rest of the list stays as the editor
left it, and only the entries that the restore touched go back.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from chatcask.advice import Advice, AdviceCode
from chatcask.assistants.base import Source
from chatcask.assistants.editing import Editing, Place
from chatcask.assistants.known import editing_of
from chatcask.assistants.vscode.chat_list.read import read_index
from chatcask.assistants.vscode.places.path_roles import read_path
from chatcask.assistants.vscode.state.database import read_rows
from chatcask.assistants.vscode.state.items import INDEX_KEY
from chatcask.assistants.vscode.state.write import RowChange, StateValue, row_bytes, row_text
from chatcask.chats.chat_list import ChatIndex
from chatcask.errors import DamagedError, InvalidInputError, NotFoundError, RestoreRefusedError
from chatcask.format.undo import FileBefore, RowValue, UndoFile, UndoRow
from chatcask.monitor import Monitor
from chatcask.ops.editing.change import (
    ChangeCause,
    EditorChange,
    FileChange,
    PlaceChange,
    notes_on_links,
)
from chatcask.ops.editing.context import EditContext
from chatcask.ops.editing.place_state import read_if_there
from chatcask.ops.editing.remember import hash_of
from chatcask.ops.editing.undo_log import KeptUndo, kept_undos

_SHORTEST_PREFIX = 4


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A newer restore that cannot be taken back, since the store has lost what was there before."""

    kept: KeptUndo
    error: DamagedError


@dataclass(frozen=True, slots=True)
class UndoPlan:
    """How the last restore is taken back.

    Attributes:
        kept: The restore.
        change: What brings back the state before it.
        notes: What should be known before: where links lead, and what was changed by others since.
        passed_over: Newer ones, newest first, that can never be taken back; they stay as they are.
    """

    kept: KeptUndo
    change: EditorChange
    notes: tuple[str, ...]
    passed_over: tuple[PassedOver, ...] = ()


def plan_undo(
    context: EditContext, sources: Sequence[Source], skip: Sequence[str], monitor: Monitor
) -> UndoPlan:
    """Find the last restore and say what brings back the state before it; nothing is written.

    One whose old bytes the store has lost is named in the plan, and the one before it is planned.

    Args:
        context: The store and the guard.
        sources: The editors' folders to look for the restored one in.
        skip: Ids of restores, or their beginnings, that shall not be taken back.
        monitor: Told of records that cannot be read.

    Raises:
        NotFoundError: there is nothing to undo, or the folder is not there.
        NotEditableError: the folder is one that is never changed.
        EditorRunningError: the editor runs; nothing was touched.
        DamagedError: the store no longer has what was there before, of any restore.
    """
    passed_over: list[PassedOver] = []
    origins = {context.identity.origin, *context.origins}
    for kept in kept_undos(context.repository, origins, monitor):
        if any(len(text) >= _SHORTEST_PREFIX and kept.id.startswith(text) for text in skip):
            continue
        source = _source_of(kept, sources)
        editing_of(source.id)
        context.guard.require_closed(source)
        try:
            plan = _plan(_Undoing(context, source, kept), monitor)
        except DamagedError as error:
            passed_over.append(PassedOver(kept, error))
        else:
            return replace(plan, passed_over=tuple(passed_over))
    if passed_over:
        raise passed_over[0].error
    raise NotFoundError("there is no restore to undo", what="restore", advice=Advice(AdviceCode.LIST_STORE))


def _source_of(kept: KeptUndo, sources: Sequence[Source]) -> Source:
    wanted = kept.record.source
    for source in sources:
        if source.id == wanted:
            return source
    raise NotFoundError(
        f"the last restore was into {wanted}, and no such folder was found",
        what="source",
        name=wanted,
        advice=Advice(AdviceCode.NAME_FOLDER_OR_SKIP, id=kept.id[:12]),
    )


@dataclass(frozen=True, slots=True)
class _Undoing:
    """The restore that is to be taken back, and where."""

    context: EditContext
    source: Source
    kept: KeptUndo

    @property
    def editing(self) -> Editing:
        return editing_of(self.source.id)

    def watch(self) -> None:
        self.context.guard.watch(self.source)


def _plan(undoing: _Undoing, monitor: Monitor) -> UndoPlan:
    record, user = undoing.kept.record, undoing.source.user
    found = undoing.editing.places(undoing.source, undoing.watch, monitor.problem)
    places = {place.workspace: place for place in found}
    workspaces = {row.workspace for row in record.rows} | {_workspace_of(file) for file in record.files}
    notes: list[str] = []
    changes = []
    for workspace in sorted(workspaces):
        place = places.get(workspace)
        if place is None:
            raise _gone(undoing, workspace)
        files = [_file(undoing, place, f, notes) for f in record.files if _workspace_of(f) == workspace]
        rows = [_row(undoing, place, row, notes) for row in record.rows if row.workspace == workspace]
        changes.append(PlaceChange(place, tuple(f for f in files if f), tuple(row for row in rows if row)))
    change = EditorChange(
        source=undoing.source,
        cause=ChangeCause.UNDO,
        about=tuple(f"undo: {line}" for line in record.about),
        places=tuple(changes),
        undoes=undoing.kept.key,
        folders=tuple(user / folder for folder in reversed(record.folders)),
        swept=tuple(user / folder for folder in record.folders),
    )
    return UndoPlan(undoing.kept, change, (*notes_on_links(change), *notes))


def _gone(undoing: _Undoing, workspace: str) -> NotFoundError:
    return NotFoundError(
        f"the workspace {workspace} that was restored into is gone from {undoing.source.user_data_dir}",
        what="workspace",
        name=workspace,
        advice=Advice(AdviceCode.RESTORE_ELSEWHERE, id=undoing.kept.id[:12]),
    )


def _file(undoing: _Undoing, place: Place, file: UndoFile, notes: list[str]) -> FileChange | None:
    """Return what brings a file back; None if it is as before."""
    undoing.watch()
    path = place.logical_path(file.path)
    now = read_if_there(path, undoing.watch)
    before = None if file.before is None else _bytes_before(undoing, file.path, file.before)
    if now == before:
        return None
    if hash_of(now) != file.after:
        notes.append(
            f"{path.name} was changed after the restore; what it holds now is kept in a safety snapshot"
        )
    mtime_ns = file.before.mtime_ns if file.before else None
    return FileChange(path, file.path, hash_of(now), len(now or b""), before, mtime_ns)


def _bytes_before(undoing: _Undoing, path: str, before: FileBefore) -> bytes:
    try:
        return undoing.context.repository.reader.read_all(before.content, before.size)
    except DamagedError as error:
        raise DamagedError(
            f"the store no longer has {path} as it was before the restore: {error.message}",
            advice=Advice(AdviceCode.CHECK_SAFETY_SNAPSHOT),
        ) from error


def _row(undoing: _Undoing, place: Place, row: UndoRow, notes: list[str]) -> RowChange | None:
    """Return what brings a row back; None if it is as before, or has to stay as others left it."""
    undoing.watch()
    now = dict(read_rows(place.database, [row.key])).get(row.key)
    before = None if row.before is None else row.before.data
    after = None if row.after is None else row.after.data
    if now == before:
        return None
    if now == after:
        return RowChange(row.key, now, _state_value(row.before))
    if row.key != INDEX_KEY or now is None or read_index(row_text(before or b"")).problem:
        notes.append(f"{row.key} was changed by the editor after the restore and stays as it is")
        return None
    notes.append("the editor changed its list of chats after the restore; its other entries stay")
    texts = row_text(now), row_text(before or b""), row_text(after or b"")
    data = row_bytes(_without_changes(undoing.editing, *texts))
    return None if data == now else RowChange(row.key, now, StateValue(data))


def _without_changes(editing: Editing, now: str, before: str, after: str) -> str:
    """Return the list of today with those entries as before that the restore changed.

    Raises:
        RestoreRefusedError: the list is not one that the editor would use.
    """
    old, new = read_index(before), read_index(after)
    try:
        for key in _changed_keys(old, new):
            entry = old.entry(key)
            now = editing.drop_entry(now, key) if entry is None else editing.put_entry(now, entry.raw)
    except InvalidInputError as error:
        raise RestoreRefusedError(
            f"the editor's list of chats cannot be changed: {error.message}",
            advice=Advice(AdviceCode.FIX_LIST_THEN_UNDO),
        ) from error
    return now


def _changed_keys(old: ChatIndex, new: ChatIndex) -> Iterator[str]:
    keys = dict.fromkeys([entry.key for entry in (*old.entries, *new.entries)])
    for key in keys:
        one, other = old.entry(key), new.entry(key)
        if (one and one.raw) != (other and other.raw):
            yield key


def _state_value(value: RowValue | None) -> StateValue | None:
    return None if value is None else StateValue(value.data, value.is_text)


def _workspace_of(file: UndoFile) -> str:
    return read_path(f"/{file.path}").group
