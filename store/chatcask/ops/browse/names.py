"""What people call things in a snapshot: the folder of a workspace, the titles of its chats."""

from __future__ import annotations

from chatcask.assistants.vscode.chat_list.read import read_index
from chatcask.assistants.vscode.places.capture_set import workspace_name
from chatcask.errors import DamagedError
from chatcask.format.tree import Content, Entry
from chatcask.repository.chunk_reader import ChunkReader

WORKSPACE_FILE_LIMIT = 64 * 1024
"""No editor writes a larger `workspace.json`."""


def read_workspace_name(reader: ChunkReader, entry: Entry) -> str:
    """Return the name of the folder that a `workspace.json` is for; "" if it cannot be known."""
    if entry.size > WORKSPACE_FILE_LIMIT:
        return ""
    try:
        return workspace_name(reader.read_all(entry.content, entry.size))
    except DamagedError:
        return ""


def read_titles(reader: ChunkReader, index_row: Content) -> dict[str, str]:
    """Return the titles of chats by id, as the editor's own list has them; empty if there is none."""
    try:
        text = reader.read_all(index_row).decode("utf-8", "replace")
    except DamagedError:
        return {}
    return {entry.key: entry.title for entry in read_index(text).entries}
