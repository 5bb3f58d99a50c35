"""Files of an editor in a copy of its folder, wherever they lie: which folder each belongs to, and where.

A copy is a whole user-data folder or any part of one: `User`, a `workspaceStorage`, one workspace, a
`chatSessions`, or files of single chats, also those that "Chat: Export Chat" writes. A backup may hold many.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from hashlib import md5
from typing import NamedTuple

_STORAGE = "workspaceStorage"
_SETTINGS = "globalStorage"
_CHATS = "chatSessions"
_WINDOWS = "emptyWindowChatSessions"
_OF_WORKSPACE = {_CHATS, "chatEditingSessions"}
_FILES = {"workspace.json", "state.vscdb", "state.vscdb.backup", "state.vscdb-journal", "state.vscdb-wal"}
_OF_SETTINGS = {_WINDOWS, "transferredChatSessions"}
_CHAT_SUFFIXES = (".json", ".jsonl")
_WORKSPACE_ID = re.compile(r"[0-9a-f]{32}")


class CopiedPath(NamedTuple):
    """Where a file belongs: the folder of the copy it is of, and its path in an editor's user-data folder.

    Without a path it may be the file of a single chat.
    """

    folder: tuple[str, ...]
    path: str = ""


def copied_path(parts: Sequence[str]) -> CopiedPath | None:
    """Return where a file of a copy belongs, given the parts of its whole path; None if it is no chat's."""
    if any(part in ("", ".", "..") or "\0" in part or "\\" in part for part in parts[1:]):
        return None
    for name, accepts in ((_STORAGE, _is_of_workspace), (_SETTINGS, _is_of_settings)):
        if name in parts[:-1]:
            at = len(parts) - 1 - list(reversed(parts)).index(name)
            return CopiedPath(_folder(parts[:at]), _path(parts[at:])) if accepts(parts[at + 1 :]) else None
    if _CHATS in parts[1:-1]:
        at = list(parts).index(_CHATS, 1)
        return CopiedPath(_folder(parts[: at - 1]), _path([_STORAGE, _workspace(parts[:at]), *parts[at:]]))
    if _WINDOWS in parts[:-1]:
        at = list(parts).index(_WINDOWS)
        return CopiedPath(_folder(parts[:at]), _path([_SETTINGS, *parts[at:]]))
    return CopiedPath(()) if parts[-1].endswith(_CHAT_SUFFIXES) else None


def path_of_single(name: str) -> str:
    """Return where the file of a chat of no workspace belongs in an editor's user-data folder."""
    return _path([_SETTINGS, _WINDOWS, name])


def _is_of_workspace(rest: Sequence[str]) -> bool:
    if len(rest) == 2:
        return rest[1] in _FILES
    is_transcript = list(rest[1:3]) == ["GitHub.copilot-chat", "transcripts"]
    return len(rest) > 2 and (rest[1] in _OF_WORKSPACE or is_transcript)


def _is_of_settings(rest: Sequence[str]) -> bool:
    return rest[0] in _FILES if len(rest) == 1 else rest[0] in _OF_SETTINGS


def _folder(parts: Sequence[str]) -> tuple[str, ...]:
    return tuple(parts[:-1] if parts and parts[-1] == "User" else parts)


def _path(parts: Sequence[str]) -> str:
    return "/".join(["User", *parts])


def _workspace(parts: Sequence[str]) -> str:
    """Return the id of a workspace whose folder is known: its name, or one that follows from its path."""
    name = parts[-1]
    if _WORKSPACE_ID.fullmatch(name):
        return name
    return md5("/".join(parts).encode("utf-8", "surrogateescape"), usedforsecurity=False).hexdigest()
