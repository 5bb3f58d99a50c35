"""What undo needs, gathered and made durable before the first byte of an editor's folder changes."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from chatcask.advice import Advice, AdviceCode
from chatcask.assistants.base import Source
from chatcask.assistants.vscode.state.write import StateTransaction, StateValue
from chatcask.errors import NotFoundError, RestoreRefusedError
from chatcask.format.tree import Content, Entry, EntryKind
from chatcask.format.undo import FileBefore, RowValue, UndoFile, UndoRow
from chatcask.ids import ObjectName, object_name
from chatcask.ops.editing.change import FileChange, PlaceChange
from chatcask.ops.editing.context import EditContext

Befores = Mapping[Path, Entry]
"""The files of a change that exist, as the safety snapshot holds them."""


def find_befores(context: EditContext, source: Source, place: PlaceChange, root: Content) -> Befores:
    """Find in the safety snapshot every byte that is about to go, and prove it.

    Raises:
        RestoreRefusedError: a file is no longer what the plan was made for.
        DamagedError: the store cannot give the bytes of a file again.
    """
    befores = {}
    for file in place.files:
        if file.before is None:
            context.guard.watch(source)
            if os.path.lexists(file.path):
                raise _overtaken(file.path)
            continue
        entry = _saved(context, root, f"{source.id}/{file.logical}")
        if (
            entry is None
            or object_name(*context.repository.reader.read(entry.content, entry.size)) != file.before
        ):
            raise _overtaken(file.path)
        befores[file.path] = entry
    return befores


def _saved(context: EditContext, root: Content, path: str) -> Entry | None:
    try:
        entry = context.repository.entry(root, path)
    except NotFoundError:
        return None
    return entry if entry.kind is EntryKind.FILE and not entry.carried else None


def undo_files(files: Iterable[FileChange], befores: Befores) -> Iterable[UndoFile]:
    """Yield what a record says of each file."""
    for file in files:
        entry = befores.get(file.path)
        before = None if entry is None else FileBefore(entry.content, entry.size, entry.mtime_ns)
        yield UndoFile(file.logical, before, hash_of(file.after))


def undo_rows(place: PlaceChange, transaction: StateTransaction | None) -> Iterable[UndoRow]:
    """Yield what a record says of each row, as the transaction found it."""
    if transaction is not None:
        for row, found in zip(place.rows, transaction.found, strict=True):
            yield UndoRow(place.place.workspace, row.key, _row_value(found), _row_value(row.after))


def hash_of(data: bytes | None) -> ObjectName | None:
    """Return what a change expects of a file with these bytes; None where there is no file."""
    return None if data is None else object_name(data)


def _row_value(value: StateValue | None) -> RowValue | None:
    return None if value is None else RowValue(value.data, value.is_text)


def _overtaken(path: Path) -> RestoreRefusedError:
    return RestoreRefusedError(
        f"{path} is not what it was a moment ago, or is not a plain file, so it was left alone",
        advice=Advice(AdviceCode.RUN_AGAIN_UNCHANGED),
    )
