"""A version of a chat that a snapshot holds, with what is known of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from chatcask.catalog.chat_file import StoredChat
from chatcask.chats.measure import Measure, measure
from chatcask.chats.summary import ChatSummary
from chatcask.format.tree import Content


@dataclass(frozen=True, slots=True)
class StoredVersion(StoredChat):
    """A version of a chat: its file, the newest snapshot that holds it, and what is known of it.

    `is_transcript` tells whether only the Copilot extension's transcript of the chat is left.
    """

    summary: ChatSummary
    is_transcript: bool = False

    @property
    def root(self) -> Content:
        """The snapshot's root tree."""
        return self.stored.snapshot.root

    @property
    def host(self) -> str:
        """The name that the machine had when the snapshot was taken."""
        return self.stored.snapshot.host

    @property
    def measure(self) -> Measure:
        """What it holds."""
        return measure(self.summary)

    @property
    def words(self) -> str:
        """The version in words."""
        return f"in snapshot {self.snapshot.id[:12]}: {describe(self.summary)}"


def describe(summary: ChatSummary) -> str:
    """Return a version of a chat in words: turns, last message, size, and whether the editor opens it."""
    turns = f"{summary.turn_count} turn{'' if summary.turn_count == 1 else 's'}"
    last = _date(summary.last_message_ms)
    opens = "" if summary.opens else ", which the editor cannot open"
    return f"{turns}, last message {last}, {summary.size:,} bytes{opens}"


def _date(milliseconds: int | None) -> str:
    if milliseconds is None:
        return "unknown"
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")
    except (OverflowError, ValueError, OSError):
        return "unknown"
