"""The assistants there are, and which of them knows a source.

A snapshot's source is read by the one that knows its id; a source that none knows is kept, listed and never
parsed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatcask.assistants.vscode.assistant import VSCODE

if TYPE_CHECKING:
    from chatcask.assistants.assistant import Assistant
    from chatcask.chats.chat_path import ChatPath

ASSISTANTS: tuple[Assistant, ...] = (VSCODE,)


def owner(source: str) -> Assistant | None:
    """Return the assistant that knows a source's id."""
    return next((assistant for assistant in ASSISTANTS if assistant.owns(source)), None)


def chat_path(path: str) -> ChatPath | None:
    """Return what a path of a root tree is to a chat; None if no assistant knows its source."""
    assistant = owner(path.partition("/")[0])
    return assistant.chat_path(path) if assistant else None
