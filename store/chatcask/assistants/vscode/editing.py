"""How VS Code's folders are changed: this module as a whole is its `Editing`."""

from __future__ import annotations

from chatcask.assistants.vscode.chat_list.edit import drop_entry, listed_entry, put_entry
from chatcask.assistants.vscode.places.chat_places import chat_ids, place_that_was, places
from chatcask.assistants.vscode.writing.body import exact_body, is_safe, plain_name, rewritten_body

__all__ = [
    "chat_ids",
    "drop_entry",
    "exact_body",
    "is_safe",
    "listed_entry",
    "place_that_was",
    "places",
    "plain_name",
    "put_entry",
    "rewritten_body",
]
