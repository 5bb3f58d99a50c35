"""Take the last restore back: exactly, where nothing else has changed since; entry by entry where it has.

An editor that ran since has written its list of chats again. Then the rest of the list stays as the editor
left it, and only the entries that the restore touched go back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from chatcask.advice import Advice, AdviceCode
from chatcask.assistants.vscode.chat_list.edit import drop_entry, put_entry
from chatcask.assistants.vscode.chat_list.read import ChatIndex, read_index
from chatcask.assistants.vscode.places.chat_places import Place, chat_places
from chatcask.assistants.vscode.places.locate import Source
from chatcask.assistants.vscode.places.path_roles import read_path
from chatcask.assistants.vscode.state.database import INDEX_KEY, read_rows
from chatcask.assistants.vscode.state.write import RowChange, StateValue
from chatcask.errors import DamagedError, InvalidInputError, NotFoundError, RestoreRefusedError
from chatcask.format.undo import RowValue, UndoFile, UndoRow
from chatcask.ops.editing.apply import Applied, apply_change, hash_of, tidy
from chatcask.ops.editing.change import (
    ChangeCause,
    EditContext,
    EditorChange,
    FileChange,
    PlaceChange,
    read_whole,
)
from chatcask.ops.editing.undo_log import KeptUndo, forget_undo, kept_undos


@dataclass(frozen=True, slots=True)
class UndoPlan:
    """How the last restore is taken back. `notes` say what was changed by others since."""

    kept: KeptUndo
    change: EditorChange
    notes: tuple[str, ...]


def plan_undo(context: EditContext, sources: Iterable[Source]) -> UndoPlan:
    """Find the last restore and say what brings back the state before it; nothing is written.

    Args:
        context: The store and the guard.
        sources: The editors' folders to look for the restored one in.

    Raises:
        NotFoundError: there is nothing to undo, or the folder is not there.
        EditorRunningError: the editor runs; nothing was touched.
        DamagedError: the store no longer has what was there before.
    """
    kept = next(iter(kept_undos(context.repository, context.origin)), None)
    if kept is None:
        raise NotFoundError(
            "there is no restore to undo", what="restore", advice=Advice(AdviceCode.LIST_STORE)
        )
    wanted = kept.record.source
    source = next((source for source in sources if source.id == wanted), None)
    if source is None:
        raise NotFoundError(
            f"the last restore was into {wanted}, and no such folder was found",
            what="source",
            name=wanted,
            advice=Advice(AdviceCode.NAME_USER_DATA_DIR),
        )
    context.guard.require_closed(source)
    return _Plan(context, source, kept).make()


def undo(context: EditContext, plan: UndoPlan) -> Applied | None:
    """Carry out a plan; None if everything was as before already.

    A crash at any step can be followed by another undo, which goes on.

    Raises:
        EditorRunningError: the editor runs.
        RestoreRefusedError: the folder changed since the plan was made.
        StateDatabaseError: a database cannot be changed.
        EditorFolderError: a file cannot be written.
    """
    applied = None
    if plan.change.is_empty:
        tidy(context, plan.change)
    else:
        applied = apply_change(context, plan.change)
    forget_undo(context.repository, plan.kept)
    return applied


class _Plan:
    """The making of one plan."""

    def __init__(self, context: EditContext, source: Source, kept: KeptUndo) -> None:
        self._context = context
        self._source = source
        self._kept = kept
        self._notes: list[str] = []
        places = chat_places(source, self._watch)
        self._places = {place.workspace: place for place in places}

    def make(self) -> UndoPlan:
        record = self._kept.record
        workspaces = {row.workspace for row in record.rows} | {_workspace_of(file) for file in record.files}
        changes = tuple(self._place(workspace) for workspace in sorted(workspaces))
        change = EditorChange(
            source=self._source,
            cause=ChangeCause.UNDO,
            about=tuple(f"undo: {line}" for line in record.about),
            places=changes,
            folders=tuple(self._source.user / folder for folder in reversed(record.folders)),
            swept=tuple(self._source.user / folder for folder in record.folders),
        )
        return UndoPlan(self._kept, change, tuple(self._notes))

    def _watch(self) -> None:
        self._context.guard.watch(self._source)

    def _place(self, workspace: str) -> PlaceChange:
        place = self._places.get(workspace)
        if place is None:
            raise NotFoundError(
                f"the workspace {workspace} that was restored into is gone from {self._source.user_data_dir}",
                what="workspace",
                name=workspace,
                advice=Advice(AdviceCode.RESTORE_ELSEWHERE),
            )
        record = self._kept.record
        files = [self._file(place, file) for file in record.files if _workspace_of(file) == workspace]
        rows = [self._row(place, row) for row in record.rows if row.workspace == workspace]
        return PlaceChange(place, tuple(f for f in files if f), tuple(row for row in rows if row))

    def _file(self, place: Place, file: UndoFile) -> FileChange | None:
        path = place.logical_path(file.path)
        try:
            now: bytes | None = read_whole(path, self._watch)
        except FileNotFoundError:
            now = None
        except OSError as error:
            raise RestoreRefusedError(f"{path} cannot be read: {error}") from error
        before = None
        if file.before is not None:
            try:
                before = self._context.repository.reader.read_all(file.before.content)
            except DamagedError as error:
                raise DamagedError(
                    f"the store no longer has {file.path} as it was before the restore: {error.message}",
                    advice=Advice(AdviceCode.CHECK_SAFETY_SNAPSHOT),
                ) from error
        if now == before:
            return None
        if hash_of(now) != file.after:
            self._notes.append(
                f"{path.name} was changed after the restore; what it holds now is kept in a safety snapshot"
            )
        mtime_ns = file.before.mtime_ns if file.before else None
        return FileChange(path, file.path, hash_of(now), len(now or b""), before, mtime_ns)

    def _row(self, place: Place, row: UndoRow) -> RowChange | None:
        self._watch()
        now = dict(read_rows(place.database, [row.key])).get(row.key)
        before = None if row.before is None else row.before.data
        after = None if row.after is None else row.after.data
        if now == before:
            return None
        if now == after:
            return RowChange(row.key, now, _state_value(row.before))
        if row.key != INDEX_KEY or now is None or read_index(_text(before or b"")).problem:
            self._notes.append(f"{row.key} was changed by the editor after the restore and stays as it is")
            return None
        self._notes.append("the editor changed its list of chats after the restore; its other entries stay")
        merged = _without_changes(_text(now), _text(before or b""), _text(after or b""))
        data = merged.encode("utf-8", "surrogateescape")
        return None if data == now else RowChange(row.key, now, StateValue(data))


def _without_changes(now: str, before: str, after: str) -> str:
    """Return the list of today with those entries as before that the restore changed.

    Raises:
        RestoreRefusedError: the list is not one that the editor would use.
    """
    old, new = read_index(before), read_index(after)
    try:
        for key in _changed_keys(old, new):
            entry = old.entry(key)
            now = drop_entry(now, key) if entry is None else put_entry(now, entry.raw)
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


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _workspace_of(file: UndoFile) -> str:
    return read_path(f"/{file.path}").group
