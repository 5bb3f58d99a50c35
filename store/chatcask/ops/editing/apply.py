"""Change an editor's folder as planned, so that a crash at any step leaves the old state or the new one.

The order: a safety snapshot; the transactions of the databases, made and not committed; the undo record, in
the store; the new files, beside their places; the guard once more; then per place the files take their
places, the transaction is committed, and what is not wanted any more is removed. A chat without an entry in
the editor's list is invisible (microsoft/vscode chatSessionStore.ts), so for a lost chat the commit is the
one step that counts. A removed file was shadowed already: a `.jsonl` goes before a `.json`.
"""

from __future__ import annotations

from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

from chatcask.advice import Advice, AdviceCode
from chatcask.assistants.vscode.state.database import StateDatabaseError
from chatcask.assistants.vscode.state.write import StateTransaction, StateValue, change_rows
from chatcask.assistants.vscode.writing.file_steps import (
    EditorFolderError,
    Prepared,
    discard,
    failed,
    prepare,
    publish,
    remove_leftovers,
)
from chatcask.errors import EditorRunningError, NotFoundError, RestoreRefusedError
from chatcask.format.tree import Content, Entry, EntryKind
from chatcask.format.undo import FileBefore, RowValue, UndoFile, UndoRecord, UndoRow
from chatcask.ids import ObjectName, object_name
from chatcask.ops.editing.change import (
    ChangeCause,
    EditContext,
    EditorChange,
    FileChange,
    PlaceChange,
)
from chatcask.ops.editing.undo_log import keep_undo
from chatcask.ops.editing.verify import verify_change
from chatcask.repository.keys import SnapshotReference

_SAFETY_TAG = "safety-%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, slots=True)
class Applied:
    """What was done: the safety snapshot, and how many files and rows were changed."""

    safety: SnapshotReference
    files: int
    rows: int


def apply_change(context: EditContext, change: EditorChange) -> Applied:
    """Carry out a plan.

    Raises:
        EditorRunningError: the editor runs; if it was started meanwhile, the message says what was done.
        RestoreRefusedError: the folder is no longer what the plan was made for; nothing was changed.
        StateDatabaseError: a database cannot be changed; the old state is there.
        EditorFolderError: a file cannot be written; the old state is there.
    """
    context.guard.require_closed(change.source)
    safety = context.save(change.source, context.clock().strftime(_SAFETY_TAG))
    return _Apply(context, change, safety).run()


class _Apply:
    """One change being carried out; `published` is what has to be put back should a step fail."""

    def __init__(self, context: EditContext, change: EditorChange, safety: SnapshotReference) -> None:
        self._context = context
        self._change = change
        self._safety = safety
        self._befores: dict[Path, Entry] = {}
        self._prepared: dict[Path, Prepared] = {}
        self._published: list[FileChange] = []
        self._folders: list[Path] = []

    def run(self) -> Applied:
        self._find_befores()
        with ExitStack() as stack:
            self._watch()
            transactions = [stack.enter_context(change_rows(p.place.database, p.rows)) if p.rows else None
                            for p in self._change.places]  # fmt: skip
            self._remember(transactions)
            self._prepare()
            self._context.guard.require_closed(self._change.source)
            for place, transaction in zip(self._change.places, transactions, strict=True):
                self._carry_out(place, transaction)
        self._clean_up()
        verify_change(self._context, self._change)
        files = sum(len(place.files) for place in self._change.places)
        return Applied(self._safety, files, sum(len(place.rows) for place in self._change.places))

    def _watch(self) -> None:
        self._context.guard.watch(self._change.source)

    def _files(self) -> list[FileChange]:
        return [file for place in self._change.places for file in place.files]

    def _find_befores(self) -> None:
        """Find in the safety snapshot every byte that is about to go, and prove it."""
        repository = self._context.repository
        root = repository.load(self._safety).root
        for file in self._files():
            if file.before is None:
                self._watch()
                if file.path.exists() or file.path.is_symlink():
                    raise _overtaken(file.path)
                continue
            entry = self._saved(root, file)
            if entry is None or object_name(*repository.reader.read(entry.content)) != file.before:
                raise _overtaken(file.path)
            self._befores[file.path] = entry

    def _saved(self, root: Content, file: FileChange) -> Entry | None:
        try:
            entry = self._context.repository.entry(root, f"{self._change.source.id}/{file.logical}")
        except NotFoundError:
            return None
        return entry if entry.kind is EntryKind.FILE and not entry.carried else None

    def _remember(self, transactions: list[StateTransaction | None]) -> None:
        """Make durable what undo needs, before the first byte changes."""
        self._folders = self._missing_folders()
        if self._change.cause is ChangeCause.UNDO:
            return
        rows = [
            UndoRow(place.place.workspace, row.key, _row_value(found), _row_value(row.after))
            for place, transaction in zip(self._change.places, transactions, strict=True)
            if transaction is not None
            for row, found in zip(place.rows, transaction.found, strict=True)
        ]
        record = UndoRecord(
            made_at=self._context.clock(),
            origin=self._context.origin,
            what=self._change.cause.value,
            about=self._change.about,
            source=self._change.source.id,
            safety=self._safety.id,
            files=tuple(self._undo_file(file) for file in self._files()),
            rows=tuple(rows),
            folders=tuple(self._below_user(folder) for folder in self._folders),
        )
        keep_undo(self._context.repository, record)

    def _undo_file(self, file: FileChange) -> UndoFile:
        entry = self._befores.get(file.path)
        before = None if entry is None else FileBefore(entry.content, entry.size, entry.mtime_ns)
        return UndoFile(file.logical, before, None if file.after is None else object_name(file.after))

    def _below_user(self, folder: Path) -> str:
        return folder.relative_to(self._change.source.user).as_posix()

    def _missing_folders(self) -> list[Path]:
        """Return the folders to make, the outer before the inner."""
        missing: list[Path] = []
        for place in self._change.places:
            for file in place.files:
                folder = file.path.parent
                chain = []
                while file.after is not None and folder != place.place.storage and folder not in missing:
                    self._watch()
                    if folder.is_dir():
                        break
                    chain.append(folder)
                    folder = folder.parent
                missing += reversed(chain)
        return missing

    def _prepare(self) -> None:
        operations = self._context.operations
        for folder in _folders_to_sweep(self._change):
            self._watch()
            remove_leftovers(operations, folder)
        try:
            for folder in self._folders:
                self._watch()
                operations.make_folder(folder)
            for file in self._files():
                if file.after is not None:
                    self._watch()
                    self._prepared[file.path] = prepare(operations, file.path, file.after, file.mtime_ns)
        except OSError as error:
            self._take_back()
            raise failed("write", self._folders[-1], error) from error
        except EditorFolderError:
            self._take_back()
            raise

    def _carry_out(self, place: PlaceChange, transaction: StateTransaction | None) -> None:
        """Let the new state of one place take effect; nothing here waits, asks or computes."""
        operations = self._context.operations
        try:
            for file in place.files:
                if file.after is not None:
                    self._published.append(file)
                    publish(operations, self._prepared[file.path])
            if transaction is not None:
                transaction.commit(operations)
        except (EditorFolderError, StateDatabaseError):
            self._take_back()
            raise
        for published in self._published:
            del self._prepared[published.path]
        self._published.clear()
        for file in place.files:
            if file.after is None:
                self._watch()
                try:
                    operations.remove(file.path)
                except OSError as error:
                    raise failed("remove", file.path, error) from error

    def _take_back(self) -> None:
        """Put the old files of the place that failed back; what was never published is thrown away."""
        operations = self._context.operations
        with suppress(EditorFolderError, EditorRunningError, OSError):
            self._watch()
            for prepared in self._prepared.values():
                discard(operations, prepared)
            for file in reversed(self._published):
                entry = self._befores.get(file.path)
                if entry is None:
                    operations.remove(file.path)
                    continue
                data = self._context.repository.reader.read_all(entry.content)
                publish(operations, prepare(operations, file.path, data, entry.mtime_ns))
            for folder in reversed(self._folders):
                operations.remove_folder(folder)

    def _clean_up(self) -> None:
        for folder in self._change.folders:
            self._watch()
            self._context.operations.remove_folder(folder)


def tidy(context: EditContext, change: EditorChange) -> None:
    """Remove what a crash of an earlier change left, where there is nothing else to do.

    Raises:
        EditorRunningError: the editor runs.
    """
    context.guard.require_closed(change.source)
    for folder in _folders_to_sweep(change):
        remove_leftovers(context.operations, folder)
    for folder in change.folders:
        context.operations.remove_folder(folder)


def _folders_to_sweep(change: EditorChange) -> list[Path]:
    """Return the folders that a change of ours writes to, each once."""
    folders = [place.place.sessions for place in change.places]
    folders += [file.path.parent for place in change.places for file in place.files]
    return list(dict.fromkeys([*folders, *change.swept]))


def _row_value(value: StateValue | None) -> RowValue | None:
    return None if value is None else RowValue(value.data, value.is_text)


def _overtaken(path: Path) -> RestoreRefusedError:
    return RestoreRefusedError(
        f"{path} is not what it was a moment ago, or is not a plain file, so it was left alone",
        advice=Advice(AdviceCode.RUN_AGAIN_UNCHANGED),
    )


def hash_of(data: bytes | None) -> ObjectName | None:
    """Return what a change expects of a file with these bytes; None where there is no file."""
    return None if data is None else object_name(data)
