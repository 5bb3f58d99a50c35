"""What is wrong with a place as a whole: its database, its list, its folder."""

from __future__ import annotations

import os
from collections.abc import Iterator

from chatcask.assistants.base import Family
from chatcask.assistants.editing import Place
from chatcask.assistants.vscode.places.workspace_ids import path_of_uri
from chatcask.ops.editing.cause import FindingKind
from chatcask.ops.editing.finding import ChatFinding
from chatcask.ops.editing.look import Look
from chatcask.ops.editing.place_content import PlaceContent


def findings_of_place(look: Look, content: PlaceContent) -> Iterator[ChatFinding]:
    """Yield what is wrong with a place, whatever its chats."""
    look.watch()
    yield from _database(content)
    index = content.index
    if index is not None and index.problem:
        cause = f"{index.problem}; the editor throws the whole list away when it starts"
        yield ChatFinding(FindingKind.MALFORMED_INDEX, content.place, "", "", cause, can_fix=True)
    if content.sessions and not content.successors.places:
        yield from _folder(look.doctor.family, content)


def _database(content: PlaceContent) -> Iterator[ChatFinding]:
    if not content.database_problem:
        return
    backup = content.backup
    # Where there is no database at all the editor begins an empty one and leaves its backup alone.
    is_damaged = os.path.isfile(content.place.database) and os.path.getsize(content.place.database)  # noqa: PTH113, PTH202
    if is_damaged and backup is not None and backup.is_valid and backup.entries:
        listed = sum(entry.is_listed for entry in backup.entries)
        cause = f"{content.database_problem}; the editor's own backup beside it is sound and lists "
        yield ChatFinding(
            FindingKind.DAMAGED_DATABASE, content.place, "", "", cause + _chats(listed), chats=listed
        )
    elif content.sessions and not content.successors.places:
        cause = content.database_problem
        yield ChatFinding(FindingKind.NO_DATABASE, content.place, "", "", cause, chats=len(content.sessions))


def _folder(family: Family, content: PlaceContent) -> Iterator[ChatFinding]:
    place, count = content.place, len(content.sessions)
    now = content.successors.folder_now
    if now is not None:
        cause = f"{_chats(count)} of {place.name}; {content.successors.evidence}; open it first"
        yield ChatFinding(FindingKind.RENAMED, place, "", "", cause, folder_now=now, chats=count)
    elif _is_orphan(place, family):
        words = f"{_chats(count)} of {place.name}, which is not there now"
        cause = f"{words}; the editor shows what is in it only when that folder is opened"
        yield ChatFinding(FindingKind.ORPHANED, place, "", "", cause, chats=count)


def _is_orphan(place: Place, family: Family) -> bool:
    path = path_of_uri(place.folder, family)
    return path is not None and not os.path.exists(path)  # noqa: PTH110 - never raises


def place_is_gone(place: Place, chats: int) -> ChatFinding:
    """Return the finding about a workspace whose folder is gone."""
    cause = f"the editor's folder of this workspace is gone; the store has {_chats(chats)} of it"
    return ChatFinding(FindingKind.WORKSPACE_GONE, place, "", "", cause, chats=chats)


def _chats(count: int) -> str:
    return f"{count} chat{'' if count == 1 else 's'}"
