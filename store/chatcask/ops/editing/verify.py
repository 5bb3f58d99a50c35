"""Read back what was just written to an editor's folder, and compare."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from chatcask.advice import Advice, AdviceCode
from chatcask.assistants.base import Source
from chatcask.assistants.vscode.chat_list.read import read_index
from chatcask.assistants.vscode.reading.parse import parse_chat
from chatcask.assistants.vscode.state.database import read_rows
from chatcask.assistants.vscode.state.items import INDEX_KEY
from chatcask.assistants.vscode.state.write import RowChange, check_database
from chatcask.assistants.vscode.writing.file_steps import EditorFolderError, failed
from chatcask.assistants.watched_file import read_whole
from chatcask.errors import EditorRunningError
from chatcask.ops.editing.change import ChangeCause, EditorChange, FileChange, PlaceChange
from chatcask.ops.editing.context import EditContext


def require_still_closed(context: EditContext, source: Source) -> None:
    """Prove that what was just done may be looked at.

    Raises:
        EditorRunningError: the editor was started meanwhile.
    """
    found = context.guard.running(source)
    if found is not None:
        raise EditorRunningError(
            f"{found.description}; it was started just when the change was done",
            product=found.product.name,
            user_data_dir=found.user_data_dir,
            reason=found.reason,
            pid=found.pid,
            advice=Advice(AdviceCode.LET_DOCTOR_LOOK),
        )


def verify_place(context: EditContext, change: EditorChange, place: PlaceChange) -> None:
    """Prove that every file and row of a place is as planned, and that the editor will use what is there.

    What an undo brings back may be as broken as it was; of that only the bytes are compared.

    Raises:
        EditorRunningError: the editor was started meanwhile.
        EditorFolderError: a file or row is not what was written.
        StateDatabaseError: a database is damaged.
    """
    must_work = change.cause is not ChangeCause.UNDO

    def watch() -> None:
        context.guard.watch(change.source)

    for file in place.files:
        watch()
        if not _is_as_planned(file, watch, must_open=must_work and _is_body(file, place)):
            raise _not_kept(file.path)
    if place.rows:
        watch()
        check_database(place.place.database)
        found = dict(read_rows(place.place.database, [row.key for row in place.rows]))
        if not all(_has_row(found.get(row.key), row, must_work=must_work) for row in place.rows):
            raise _not_kept(place.place.database)


def _is_as_planned(file: FileChange, watch: Callable[[], None], *, must_open: bool) -> bool:
    if file.after is None:
        return not os.path.exists(file.path)  # noqa: PTH110 - never raises
    try:
        data = read_whole(file.path, watch)
    except OSError as error:
        raise failed("read", file.path, error) from error
    return data == file.after and (not must_open or parse_chat(data, file.logical).report.opens)


def _is_body(file: FileChange, place: PlaceChange) -> bool:
    return file.logical.startswith(place.place.session_path(""))


def _has_row(found: bytes | None, row: RowChange, *, must_work: bool) -> bool:
    after = None if row.after is None else row.after.data
    is_list = row.key == INDEX_KEY and found is not None
    if is_list and must_work and read_index((found or b"").decode("utf-8", "replace")).problem:
        return False
    return found == after


def _not_kept(path: Path) -> EditorFolderError:
    return EditorFolderError(
        f"{path} does not hold what was just written to it",
        advice=Advice(AdviceCode.UNDO_WRITE),
    )
