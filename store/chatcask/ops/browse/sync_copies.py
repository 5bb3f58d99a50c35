"""Copies that a sync tool leaves beside a chat: `<id>-HOST.jsonl`, `<id> (conflicted copy).jsonl`.

The editor gives each chat a UUID and asks for its file by that name alone, so such a file is never one that
it opens. It may hold what the chat's own file lost: it is a version of the chat, and no chat of its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from chatcask.catalog.catalog import Catalog
from chatcask.catalog.chat_file import ChatFile
from chatcask.chats.sync_names import id_before_mark
from chatcask.errors import DamagedError


def copied_chat(catalog: Catalog, file: ChatFile) -> str | None:
    """Return the id of the chat that a file is a sync tool's copy of, by its name and what it holds."""
    found = id_before_mark(file.session)
    if found is None:
        return None
    try:
        session = catalog.summary(file).session_id
    except DamagedError:
        return None
    return session if session.lower() == found.lower() else None


def without_copies(catalog: Catalog, files: Iterable[ChatFile]) -> tuple[ChatFile, ...]:
    """Return chats without the copies of others."""
    return tuple(file for file in files if copied_chat(catalog, file) is None)


def named_after_chats(catalog: Catalog, files: Iterable[ChatFile]) -> tuple[ChatFile, ...]:
    """Return chats; a copy whose chat is not among them stands for it, under the chat's own id."""
    found = [(file, copied_chat(catalog, file)) for file in files]
    own = {file.session for file, chat in found if chat is None}
    lone = {chat: replace(file, session=chat) for file, chat in found if chat is not None and chat not in own}
    return (*(file for file, chat in found if chat is None), *lone.values())
