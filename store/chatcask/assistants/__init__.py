"""What is known of each assistant: where its files are, whether they may be touched, bytes to chats and back.

`ASSISTANTS` lists them. A snapshot's source is read by the one that knows its id; a source that none knows is
kept, listed and never parsed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatcask.assistants.vscode.assistant import VSCODE

if TYPE_CHECKING:
    from chatcask.assistants.base import Assistant
    from chatcask.chats.chat_path import ChatPath

ASSISTANTS: tuple[Assistant, ...] = (VSCODE,)


def owner(source: str) -> Assistant | None:
    """Return the assistant that knows a source's id."""
    return next((assistant for assistant in ASSISTANTS if assistant.owns(source)), None)


def chat_path(path: str) -> ChatPath | None:
    """Return what a path of a root tree is to a chat; None if no assistant knows its source."""
    assistant = owner(path.partition("/")[0])
    return assistant.chat_path(path) if assistant else None
