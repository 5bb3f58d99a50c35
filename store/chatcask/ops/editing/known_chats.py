"""Chats that the newest snapshot has just as they are on disk: what is known of them is not read again."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from chatcask.assistants.vscode.places.path_roles import body_names
from chatcask.assistants.vscode.writing.body import LOG_SUFFIX
from chatcask.catalog.chat_file import ChatFile
from chatcask.errors import ChatcaskError
from chatcask.ops.editing.look import Look
from chatcask.ops.editing.place_content import PlaceContent

_ENDS = 4096


def by_place(files: Sequence[ChatFile]) -> dict[tuple[str, str], ChatFile]:
    """Return the files of a snapshot by workspace and chat; a chat with two files is left out."""
    found: dict[tuple[str, str], ChatFile] = {}
    twice = set()
    for file in files:
        key = (file.workspace, file.session)
        twice.update({key} & found.keys())
        found[key] = file
    return {key: file for key, file in found.items() if key not in twice}


def is_known_sound(look: Look, content: PlaceContent, session: str) -> bool:
    """Tell whether a chat is as the newest snapshot has it, opens, has turns, and is listed.

    Its file has the size and time that the snapshot has, no zeros at either end, and ends as a log must; so
    only its ends are read. Whatever differs is for a closer look.
    """
    file = look.known.get((content.place.workspace, session))
    entry = content.index.entry(session) if content.index is not None and content.index.is_valid else None
    if file is None or entry is None or not (entry.is_listed or entry.is_external):
        return False
    look.watch()
    try:
        names = [name for name in body_names(session) if os.path.lexists(content.place.sessions / name)]
        is_same = names == [file.name] and _is_same(content.place.session_file(file.name), file)
        return is_same and look.doctor.versions.is_sound(file)
    except (OSError, ChatcaskError):
        return False


def _is_same(path: Path, file: ChatFile) -> bool:
    found = os.stat(path)  # noqa: PTH116
    if (found.st_size, found.st_mtime_ns) != (file.size, file.mtime_ns):
        return False
    with path.open("rb") as opened:
        head = opened.read(_ENDS)
        opened.seek(max(0, found.st_size - _ENDS))
        tail = opened.read(_ENDS)
    is_ended = tail.endswith(b"\n") or not file.name.endswith(LOG_SUFFIX)
    return is_ended and b"\0" not in head and b"\0" not in tail
