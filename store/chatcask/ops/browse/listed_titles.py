"""The name that the editor itself shows for a chat: a rename may reach its list and never the chat's file."""

from __future__ import annotations

from dataclasses import replace

from chatcask.catalog.catalog import Catalog
from chatcask.catalog.chat_file import ChatFile
from chatcask.chats.model import NEW_CHAT
from chatcask.chats.summary import ChatSummary
from chatcask.errors import DamagedError
from chatcask.format.tree import Content


def listed_title(catalog: Catalog, root: Content, file: ChatFile) -> str:
    """Return the title that the editor's list in a snapshot has for a chat; "" without one of its own."""
    try:
        title = catalog.listed_title(root, file)
    except DamagedError:
        return ""  # whoever compares lists names it; here the file's own title serves
    return "" if title == NEW_CHAT else title


def titled(catalog: Catalog, root: Content, file: ChatFile, summary: ChatSummary) -> ChatSummary:
    """Return a chat in short under the name that the editor shows."""
    title = listed_title(catalog, root, file)
    return replace(summary, title=title) if title else summary
