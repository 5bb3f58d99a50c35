"""The record of the edits that a chat made to files: what of it a restore brings back, and its dangers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from chatcask.assistants.base import NO_WORKSPACE
from chatcask.assistants.editing import Place
from chatcask.assistants.vscode.places.snapshot_paths import edits_folder
from chatcask.assistants.vscode.writing.copied import copied_ids
from chatcask.assistants.watched_file import read_whole
from chatcask.errors import DamagedError, NotFoundError
from chatcask.format.tree import Entry, EntryKind
from chatcask.ops.editing.change import FileChange
from chatcask.ops.editing.place_state import read_if_there
from chatcask.ops.editing.restoring import Restoring

_EDIT_FILE_LIMIT = 16 << 20


@dataclass(frozen=True, slots=True)
class RestoredEdits:
    """The files to write, and what the user should know."""

    files: tuple[FileChange, ...]
    notes: tuple[str, ...]


def restored_edits(restoring: Restoring, place: Place) -> RestoredEdits:
    """Return the files of the chat's record of edits that are wanted and not there."""
    if not restoring.options.with_edits:
        return RestoredEdits((), _notes_on_present(restoring, place))
    danger = (
        "with its edits restored, the editor applies old edits again when the chat is opened,"
        " over whatever the files hold now"
    )
    try:
        files = tuple(_stored_edits(restoring, place)) if place.workspace != NO_WORKSPACE else ()
    except DamagedError as error:
        return RestoredEdits((), (f"the store cannot give the edits of this chat: {error.message}",))
    present = {file.logical: read_if_there(file.path, restoring.watch) for file in files}
    if any(present[file.logical] not in (None, file.after) for file in files):
        return RestoredEdits(
            (), (danger, "other edits of the chat are there; they stay, and none are restored")
        )
    if not files:
        return RestoredEdits((), (danger, "there are no edits of this chat to restore"))
    return RestoredEdits(tuple(file for file in files if present[file.logical] is None), (danger,))


def _notes_on_present(restoring: Restoring, place: Place) -> tuple[str, ...]:
    if not _has_open_edits(restoring, place):
        return ()
    note = (
        f"{place.edits / restoring.session} holds edits that were never accepted; when the chat is"
        " opened, the editor applies them again to the files, whatever those hold now"
    )
    return (note,)


def _stored_edits(restoring: Restoring, place: Place) -> Iterator[FileChange]:
    repository, file, session = restoring.context.repository, restoring.version.file, restoring.session
    names = _new_names(restoring) if session != file.session else {}
    entry = _first_entry(restoring, f"{file.source}/{edits_folder(file.workspace, file.session)}")
    # All of it first: folders without end are refused before a file of them is read.
    for path, found in list(repository.walk(entry.content)) if entry else ():
        if found.kind is not EntryKind.FILE:
            continue
        data = repository.reader.read_all(found.content, found.size)
        if session != file.session and path == "state.json":
            data = _with_new_ids(data, names)
        logical = f"{place.edits_path(session)}/{path}"
        yield FileChange(place.logical_path(logical), logical, None, 0, data, found.mtime_ns)


def _new_names(restoring: Restoring) -> dict[str, str]:
    """Return what a copy calls the chat, its requests and its responses, by what they are called."""
    file = restoring.version.file
    chat = restoring.context.catalog.parse(file).chat
    ids = copied_ids(chat.raw, restoring.session) if chat else {}
    return {**{f'"{old}"': f'"{new}"' for old, new in ids.items()}, file.session: restoring.session}


def _with_new_ids(data: bytes, names: dict[str, str]) -> bytes:
    for old, new in names.items():
        data = data.replace(old.encode(), new.encode())
    return data


def _first_entry(restoring: Restoring, path: str) -> Entry | None:
    """Return what stands at a path in the newest snapshot that has it beside this version."""
    for root in restoring.versions.roots_with(restoring.version):
        try:
            return restoring.context.repository.entry(root, path)
        except NotFoundError:
            continue
    return None


def _has_open_edits(restoring: Restoring, place: Place) -> bool:
    """Tell whether opening the chat would change files (microsoft/vscode chatEditingSession.ts)."""
    try:
        data = read_whole(place.edits / restoring.session / "state.json", restoring.watch)
        document = json.loads(data[:_EDIT_FILE_LIMIT])
        entries = document["recentSnapshot"]["entries"]
        return any(entry.get("state") == 0 for entry in entries)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return False
