"""What people call things in a snapshot: the folder of a workspace, the titles of its chats."""

from __future__ import annotations

from chatcask.assistants.base import WORKSPACE_FILE_LIMIT, folder_name
from chatcask.assistants.known import owner
from chatcask.errors import DamagedError
from chatcask.format.tree import Content, Entry
from chatcask.repository.chunk_reader import ChunkReader


def read_workspace_name(reader: ChunkReader, source: str, entry: Entry) -> str:
    """Return the name of the folder that a workspace file is for; "" if it cannot be known."""
    assistant = owner(source)
    if assistant is None or entry.size > WORKSPACE_FILE_LIMIT:
        return ""
    try:
        return folder_name(assistant.folder_uri(reader.read_all(entry.content, entry.size)))
    except DamagedError:
        return ""


def read_titles(reader: ChunkReader, source: str, chat_list: Content) -> dict[str, str]:
    """Return the titles of chats by id, as an assistant's own list has them; empty if there is none."""
    assistant = owner(source)
    if assistant is None:
        return {}
    try:
        text = reader.read_all(chat_list).decode("utf-8", "replace")
    except DamagedError:
        return {}
    return {entry.key: entry.title for entry in assistant.read_list(text).entries}
