"""Read back what was just written to an editor's folder, and compare."""

from __future__ import annotations

from pathlib import Path

from chatcask.advice import Advice, AdviceCode
from chatcask.assistants.vscode.chat_list.read import read_index
from chatcask.assistants.vscode.places.path_roles import read_path
from chatcask.assistants.vscode.reading.parse import parse_chat
from chatcask.assistants.vscode.state.database import INDEX_KEY, read_rows
from chatcask.assistants.vscode.state.write import check_database
from chatcask.assistants.vscode.writing.file_steps import EditorFolderError, failed
from chatcask.chats.chat_path import Role
from chatcask.errors import EditorRunningError
from chatcask.ops.editing.change import (
    ChangeCause,
    EditContext,
    EditorChange,
    FileChange,
    PlaceChange,
    read_whole,
)


def verify_change(context: EditContext, change: EditorChange) -> None:
    """Prove that every file and row is as planned, and that the editor will open and list what is there.

    What an undo brings back may be as broken as it was; of that only the bytes are compared.

    Raises:
        EditorRunningError: the editor was started meanwhile, so nothing may be looked at any more.
        EditorFolderError: a file or row is not what was written.
        StateDatabaseError: a database is damaged.
    """
    found = context.guard.running(change.source)
    if found is not None:
        raise EditorRunningError(
            f"{found.description}; it was started just when the change was done",
            product=found.product.name,
            user_data_dir=found.user_data_dir,
            reason=found.reason,
            pid=found.pid,
            advice=Advice(AdviceCode.LET_DOCTOR_LOOK),
        )
    _Verifying(context, change).run()


class _Verifying:
    """One reading back."""

    def __init__(self, context: EditContext, change: EditorChange) -> None:
        self._context = context
        self._change = change
        self._must_work = change.cause is not ChangeCause.UNDO

    def run(self) -> None:
        for place in self._change.places:
            for file in place.files:
                self._file(file)
            if place.rows:
                self._rows(place)

    def _watch(self) -> None:
        self._context.guard.watch(self._change.source)

    def _file(self, file: FileChange) -> None:
        self._watch()
        if file.after is None:
            if file.path.exists():
                raise _not_kept(file.path)
            return
        try:
            data = read_whole(file.path, self._watch)
        except OSError as error:
            raise failed("read", file.path, error) from error
        must_open = (
            self._must_work and read_path(f"{self._change.source.id}/{file.logical}").role is Role.BODY
        )
        if data != file.after or (must_open and not parse_chat(data, file.path.name).report.opens):
            raise _not_kept(file.path)

    def _rows(self, place: PlaceChange) -> None:
        self._watch()
        check_database(place.place.database)
        found = dict(read_rows(place.place.database, [row.key for row in place.rows]))
        for row in place.rows:
            after = None if row.after is None else row.after.data
            if found.get(row.key) != after:
                raise _not_kept(place.place.database)
            is_list = row.key == INDEX_KEY and after is not None
            if is_list and self._must_work and read_index((after or b"").decode("utf-8", "replace")).problem:
                raise _not_kept(place.place.database)


def _not_kept(path: Path) -> EditorFolderError:
    return EditorFolderError(
        f"{path} does not hold what was just written to it",
        advice=Advice(AdviceCode.UNDO_WRITE),
    )
