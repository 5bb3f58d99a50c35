"""Several chats put back as one change of each editor's folder: one safety snapshot, one undo.

Each chat is planned as if it came back alone; then the plans of one folder become one. A chat that cannot be
planned, or whose place turns out not to be changeable, is named and keeps no other from coming back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chatcask.assistants.known import editing_of
from chatcask.assistants.vscode.chat_list.edit import ARCHIVE_KEY, without_archived
from chatcask.assistants.vscode.chat_list.read import read_index
from chatcask.assistants.vscode.state.items import INDEX_KEY
from chatcask.assistants.vscode.state.write import RowChange, StateValue, row_text
from chatcask.errors import ChatcaskError
from chatcask.monitor import Monitor
from chatcask.ops.editing.apply import Applied, apply
from chatcask.ops.editing.change import ChangeCause, EditorChange, FileChange, PlaceChange
from chatcask.ops.editing.context import EditContext
from chatcask.ops.editing.plan_restore import RestorePlan


@dataclass(frozen=True, slots=True)
class RefusedRestore:
    """A chat that is not put back, as it was named, and why."""

    name: str
    error: ChatcaskError


@dataclass(frozen=True, slots=True)
class FolderRestore:
    """What comes back into one editor's folder: the plans of its chats, and the one change they come to."""

    plans: tuple[RestorePlan, ...]
    change: EditorChange


@dataclass(frozen=True, slots=True)
class RestoredFolder:
    """What became of a folder: the chats that came back, or were there, and what could not be done."""

    plans: tuple[RestorePlan, ...]
    applied: Applied | None
    refused: tuple[RefusedRestore, ...] = ()


def by_folder(plans: Iterable[RestorePlan]) -> tuple[FolderRestore, ...]:
    """Return plans of single chats as one change for each folder, in the order of the plans."""
    folders: dict[str, list[RestorePlan]] = {}
    for plan in plans:
        folders.setdefault(plan.change.source.id, []).append(plan)
    return tuple(FolderRestore(tuple(found), _merged(found)) for found in folders.values())


def apply_restores(
    context: EditContext, folders: Sequence[FolderRestore], monitor: Monitor
) -> list[RestoredFolder]:
    """Carry out the restores of several folders; one that fails keeps no other from being done.

    Raises:
        ChatcaskError: the only one failed; nothing was changed.
    """
    done = []
    for folder in folders:
        try:
            applied = apply(context, folder, monitor)
        except ChatcaskError as error:
            if len(folders) == 1:
                raise
            refused = tuple(RefusedRestore(plan.session, error) for plan in folder.plans)
            done.append(RestoredFolder((), None, refused))
        else:
            done.append(_restored(folder, applied))
    return done


def _restored(folder: FolderRestore, applied: Applied | None) -> RestoredFolder:
    failed = {at.place.workspace: at.error for at in applied.failed} if applied else {}
    plans = tuple(plan for plan in folder.plans if plan.place.workspace not in failed)
    refused = tuple(
        RefusedRestore(plan.session, failed[plan.place.workspace])
        for plan in folder.plans
        if plan.place.workspace in failed
    )
    return RestoredFolder(plans, applied, refused)


def _merged(plans: Sequence[RestorePlan]) -> EditorChange:
    """Return one change that does what all the plans do."""
    places: dict[str, list[RestorePlan]] = {}
    for plan in plans:
        if not plan.change.is_empty:
            places.setdefault(plan.place.workspace, []).append(plan)
    return EditorChange(
        source=plans[0].change.source,
        cause=ChangeCause.RESTORE,
        about=tuple(line for plan in plans if not plan.change.is_empty for line in plan.change.about),
        places=tuple(_merged_place(found) for found in places.values()),
    )


def _merged_place(plans: Sequence[RestorePlan]) -> PlaceChange:
    changes = [place for plan in plans for place in plan.change.places]
    files: dict[str, FileChange] = {file.logical: file for change in changes for file in change.files}
    rows = [_merged_list(plans), _merged_archive(plans)]
    return PlaceChange(plans[0].place, tuple(files.values()), tuple(row for row in rows if row))


def _merged_list(plans: Sequence[RestorePlan]) -> RowChange | None:
    """Return the change of the editor's list that adds the entry of each chat to what is there."""
    found = [(plan, row) for plan in plans for row in _rows(plan, INDEX_KEY)]
    if not found:
        return None
    before = found[0][1].before
    editing = editing_of(plans[0].change.source.id)
    text = None if before is None else row_text(before)
    for plan, row in found:
        entry = read_index(None if row.after is None else row_text(row.after.data)).entry(plan.session)
        if entry is not None:
            text = editing.put_entry(text, entry.raw)
    return RowChange(INDEX_KEY, before, StateValue.of(text or ""))


def _merged_archive(plans: Sequence[RestorePlan]) -> RowChange | None:
    """Return the change that takes the mark of an archived chat from each."""
    found = [(plan, row) for plan in plans for row in _rows(plan, ARCHIVE_KEY)]
    if not found:
        return None
    before = found[0][1].before
    text = row_text(before or b"")
    for plan, _ in found:
        text = without_archived(text, plan.session)
    return RowChange(ARCHIVE_KEY, before, StateValue.of(text))


def _rows(plan: RestorePlan, key: str) -> list[RowChange]:
    return [row for place in plan.change.places for row in place.rows if row.key == key]
