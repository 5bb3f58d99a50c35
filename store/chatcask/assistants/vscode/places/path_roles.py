"""What a path that `snapshot_paths` built is to a chat.

An editor asks for a chat by its id alone, as `<id>.jsonl`, else as `<id>.json` (microsoft/vscode
chatSessionStore.ts). So the id is everything before that ending: `a.old.jsonl` is the chat `a.old`, and
`a.jsonl.bak` is none.
"""

from __future__ import annotations

from chatcask.assistants.base import NO_WORKSPACE
from chatcask.assistants.vscode.places.snapshot_paths import (
    CHAT_LIST,
    CHATS,
    EDITS,
    LAYOUT,
    OLD_EMPTY_WINDOW,
    STATE,
    TRANSCRIPTS,
    TRANSFERRED,
    WORKSPACE_FILE,
    WORKSPACES,
)
from chatcask.chats.chat_path import ChatPath, Role


def session_of_name(name: str) -> str | None:
    """Return the id of the chat that a file is the body of; None if no chat can have that name."""
    return LAYOUT.session_of(name)


def suffix_of_name(name: str) -> str:
    """Return the ending of a body's name, which says its form; "" if it is no body's."""
    return next((suffix for suffix in LAYOUT.suffixes if name.endswith(suffix)), "")


def body_names(session: str) -> tuple[str, str]:
    """Return the names that the body of a chat can have, the one that the editor prefers first."""
    log, flat = LAYOUT.suffixes
    return f"{session}{log}", f"{session}{flat}"


def listing_group(group: str) -> str:
    """Return the group whose list names the chats of a group."""
    return NO_WORKSPACE if group == OLD_EMPTY_WINDOW else group


def read_path(path: str) -> ChatPath:
    """Return what a path of a root tree is to a chat."""
    source, *parts = path.split("/")
    if parts[:1] == [WORKSPACES] and len(parts) > 1:
        return ChatPath(source, parts[1], *_read_below(parts[2:]), path)
    if parts[:1] == [NO_WORKSPACE]:
        return ChatPath(source, NO_WORKSPACE, *_read_below(parts[1:]), path)
    if parts[:1] == [TRANSFERRED] and len(parts) == 2 and _stem(parts[1]):
        return ChatPath(source, "", _stem(parts[1]), Role.TRANSFER, path)
    return ChatPath(source, "", "", Role.OTHER, path)


def _read_below(below: list[str]) -> tuple[str, Role]:
    """Return the chat and the role of a path below a group."""
    if below == [WORKSPACE_FILE]:
        return "", Role.WORKSPACE
    if below == [STATE, CHAT_LIST]:
        return "", Role.LIST
    if len(below) > 1 and below[0] == EDITS:
        return below[1], Role.EDITS
    if len(below) != 2 or below[0] not in (CHATS, TRANSCRIPTS):
        return "", Role.OTHER
    session = session_of_name(below[1])
    if below[0] == TRANSCRIPTS:
        return session or _stem(below[1]), Role.TRANSCRIPT
    return (_stem(below[1]), Role.ODD) if session is None else (session, Role.BODY)


def _stem(name: str) -> str:
    """Return the id that a name of whatever form begins with, or ""."""
    known = next((suffix for suffix in LAYOUT.suffixes if suffix in name), ".")
    return name.partition(known)[0]
