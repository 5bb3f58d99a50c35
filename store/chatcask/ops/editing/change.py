"""What is to change in an editor's folder: values that a plan is made of, and that can be shown before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from chatcask.assistants.base import Source
from chatcask.assistants.editing import Place
from chatcask.assistants.vscode.chat_list.edit import ARCHIVE_KEY
from chatcask.assistants.vscode.chat_list.read import read_index
from chatcask.assistants.vscode.places.path_roles import read_path
from chatcask.assistants.vscode.state.items import INDEX_KEY
from chatcask.assistants.vscode.state.write import RowChange
from chatcask.chats import jsontext
from chatcask.chats.chat_list import ChatIndex
from chatcask.chats.jsontext import Json
from chatcask.ids import ObjectName


class ChangeCause(StrEnum):
    """Why a folder is changed."""

    RESTORE = "restore"
    FIX = "fix"
    UNDO = "undo"


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file to write or remove.

    Attributes:
        path: The file.
        logical: Its path in snapshots, below the source.
        before: Hash of the bytes it has; None if there is no such file.
        size_before: How many bytes those are.
        after: The bytes it shall have; None to remove it.
        mtime_ns: The time of last change it shall have; None for now.
    """

    path: Path
    logical: str
    before: ObjectName | None
    size_before: int
    after: bytes | None = field(repr=False)
    mtime_ns: int | None = None


@dataclass(frozen=True, slots=True)
class PlaceChange:
    """What changes in one place: files, and rows of its database."""

    place: Place
    files: tuple[FileChange, ...]
    rows: tuple[RowChange, ...]

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing changes."""
        return not self.files and not self.rows


@dataclass(frozen=True, slots=True)
class EditorChange:
    """Everything that one restore, fix or undo changes.

    Attributes:
        source: The editor's folder.
        cause: Why.
        about: What was asked for, in words, a line each.
        places: What changes, by place.
        undoes: Key of the undo record that an undo takes back, or "".
        folders: Folders that an undo removes if they are empty then.
        swept: Folders in which a crash of an earlier change may have left something of ours.
    """

    source: Source
    cause: ChangeCause
    about: tuple[str, ...]
    places: tuple[PlaceChange, ...]
    undoes: str = ""
    folders: tuple[Path, ...] = ()
    swept: tuple[Path, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Tell whether there is nothing to do."""
        return all(place.is_empty for place in self.places)


class Plan(Protocol):
    """What every plan has: the change that carries it out."""

    @property
    def change(self) -> EditorChange:
        """What happens when the plan is carried out; nothing if everything is as wanted."""


@dataclass(frozen=True, slots=True)
class FileStep:
    """One file of a plan, as a person reads it: `write`, `replace` or `remove`."""

    action: str
    path: Path
    size_before: int | None
    size_after: int | None


@dataclass(frozen=True, slots=True)
class FieldStep:
    """One field of the editor's list of chats that changes. None stands for no such field."""

    place: str
    session: str
    field: str
    before: Json
    after: Json


def file_steps(change: EditorChange) -> Iterator[FileStep]:
    """Yield what happens to each file."""
    for place in change.places:
        for file in place.files:
            before = None if file.before is None else file.size_before
            after = None if file.after is None else len(file.after)
            action = "remove" if after is None else "write" if before is None else "replace"
            yield FileStep(action, file.path, before, after)


def notes_on_links(change: EditorChange) -> Iterator[str]:
    """Yield, in words, each folder outside the editor's own that a link leads to and files are written in."""
    folders = {file.path.parent: place for place in change.places for file in place.files}
    for folder, place in folders.items():
        if not folder.is_relative_to(change.source.user_data_dir):
            yield f"the files of {place.place.name} lie behind a link: this writes to {folder}"


def field_steps(change: EditorChange) -> Iterator[FieldStep]:
    """Yield each field of the list of chats that gets another value."""
    for place in change.places:
        for row in place.rows:
            before = None if row.before is None else row.before.decode("utf-8", "replace")
            after = None if row.after is None else row.after.data.decode("utf-8", "replace")
            if row.key == INDEX_KEY:
                yield from _entry_steps(place.place.name, read_index(before), read_index(after))
            elif row.key == ARCHIVE_KEY:
                yield from _archive_steps(place.place.name, before, after)


def changed_sessions(change: EditorChange) -> frozenset[str]:
    """Return the ids of the chats whose files or entries in the list of chats change."""
    files = (read_path(f"/{file.logical}").session for place in change.places for file in place.files)
    return frozenset([*files, *(step.session for step in field_steps(change))])


def _entry_steps(place: str, before: ChatIndex, after: ChatIndex) -> Iterator[FieldStep]:
    if before.problem or after.problem:
        yield FieldStep(place, "", "problem", before.problem, after.problem)
    old, new = _raw_entries(before), _raw_entries(after)
    for key in [*new, *(key for key in old if key not in new)]:
        one, other = old.get(key), new.get(key)
        if one == other:
            continue
        fields = [*(other or {}), *(name for name in one or {} if name not in (other or {}))]
        for name in fields:
            was, becomes = (one or {}).get(name), (other or {}).get(name)
            if was != becomes:
                yield FieldStep(place, key, name, was, becomes)


def _raw_entries(index: ChatIndex) -> dict[str, dict[str, Json]]:
    stored = index.raw.get("entries")
    if not isinstance(stored, dict):
        return {}
    return {key: value for key, value in stored.items() if isinstance(value, dict)}


def _archive_steps(place: str, before: str | None, after: str | None) -> Iterator[FieldStep]:
    old, new = _marks(before), _marks(after)
    for uri in dict.fromkeys([*old, *new]):
        if old.get(uri) != new.get(uri):
            yield FieldStep(place, uri, "archived", old.get(uri), new.get(uri))


def _marks(text: str | None) -> dict[str, Json]:
    try:
        items = jsontext.loads(text or "[]")
    except jsontext.JsonTextError:
        return {}
    marked = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    return {str(item.get("resource")): item.get("archived") for item in marked}
