"""One place of an editor's folder being changed: made ready, carried out, or taken back."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from chatcask.assistants.base import Source
from chatcask.assistants.vscode.state.write import StateTransaction
from chatcask.assistants.vscode.writing.file_steps import (
    EditorFolderError,
    Prepared,
    discard,
    failed,
    prepare,
    publish,
    remove_leftovers,
)
from chatcask.errors import EditorRunningError
from chatcask.ops.editing.change import FileChange, PlaceChange
from chatcask.ops.editing.context import EditContext
from chatcask.ops.editing.remember import Befores


class PlaceWriter:
    """The steps on one place, in the order of the methods; `folders` are those that have to be made."""

    def __init__(
        self,
        context: EditContext,
        source: Source,
        change: PlaceChange,
        befores: Befores,
        transaction: StateTransaction | None,
    ) -> None:
        self.change = change
        self.befores = befores
        self.transaction = transaction
        self._context = context
        self._source = source
        self._prepared: dict[Path, Prepared] = {}
        self._published: list[FileChange] = []
        self.folders = self._missing_folders()

    def prepare(self) -> None:
        """Write the new files beside their places.

        Raises:
            EditorFolderError: one cannot be written.
        """
        operations = self._context.operations
        for folder in folders_of(self.change):
            self._watch()
            remove_leftovers(operations, folder)
        for folder in self.folders:
            self._watch()
            try:
                operations.make_folder(folder)
            except OSError as error:
                raise failed("write", folder, error) from error
        for file in self.change.files:
            if file.after is not None:
                self._watch()
                self._prepared[file.path] = prepare(operations, file.path, file.after, file.mtime_ns)

    def carry_out(self) -> None:
        """Let the new state take effect; until the commit nothing here waits, asks or computes.

        Raises:
            EditorFolderError: a file cannot take its place or be removed.
            StateDatabaseError: the rows cannot be committed.
        """
        operations = self._context.operations
        for file in self.change.files:
            if file.after is not None:
                self._published.append(file)
                publish(operations, self._prepared[file.path])
        if self.transaction is not None:
            self.transaction.commit(operations)
        self._prepared.clear()
        self._published.clear()
        self.folders = []
        for file in self.change.files:
            if file.after is None:
                self._watch()
                try:
                    operations.remove(file.path)
                except OSError as error:
                    raise failed("remove", file.path, error) from error

    def take_back(self) -> None:
        """Put old files back that were replaced, and throw away what is not in its place yet.

        What took effect as a whole stays.
        """
        operations = self._context.operations
        with suppress(EditorFolderError, EditorRunningError, OSError):
            self._watch()
            for prepared in self._prepared.values():
                discard(operations, prepared)
            for file in reversed(self._published):
                entry = self.befores.get(file.path)
                if entry is None:
                    operations.remove(file.path)
                    continue
                data = self._context.repository.reader.read_all(entry.content, entry.size)
                publish(operations, prepare(operations, file.path, data, entry.mtime_ns))
            for folder in reversed(self.folders):
                operations.remove_folder(folder)

    def _watch(self) -> None:
        self._context.guard.watch(self._source)

    def _missing_folders(self) -> list[Path]:
        """Return the folders to make, the outer before the inner."""
        missing: list[Path] = []
        for file in self.change.files:
            folder = file.path.parent
            chain = []
            while file.after is not None and folder != self.change.place.storage and folder not in missing:
                self._watch()
                if os.path.isdir(folder):  # noqa: PTH112 - never raises
                    break
                chain.append(folder)
                folder = folder.parent
            missing += reversed(chain)
        return missing


def folders_of(change: PlaceChange) -> list[Path]:
    """Return the folders that a change of a place writes to, each once."""
    return list(dict.fromkeys([change.place.sessions, *(file.path.parent for file in change.files)]))
