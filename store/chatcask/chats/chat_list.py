"""An assistant's own list of its chats: what it shows, and under which titles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chatcask.chats.jsontext import JsonObject


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """One entry: its key, the fields that matter here, and the raw object."""

    key: str
    session_id: str
    title: str
    last_message_ms: int
    is_external: bool
    hidden_because: str | None
    raw: JsonObject

    @property
    def is_listed(self) -> bool:
        """Tell whether the editor shows the entry, if the user's own list filters let it."""
        return self.hidden_because is None


@dataclass(frozen=True, slots=True)
class ChatIndex:
    """An index value. When `problem` is set, the editor discards all of it and starts an empty one."""

    entries: tuple[IndexEntry, ...]
    problem: str | None
    raw: JsonObject

    @property
    def is_valid(self) -> bool:
        """Tell whether the editor uses this value."""
        return self.problem is None

    @property
    def shown(self) -> frozenset[str]:
        """The ids of the chats that the assistant shows; none when it discards the value."""
        listed = () if self.problem else self.entries
        return frozenset(entry.key for entry in listed if entry.is_listed)

    def entry(self, session_id: str) -> IndexEntry | None:
        """Return the entry of a local chat."""
        return next((entry for entry in self.entries if entry.key == session_id), None)


NO_LIST = ChatIndex((), None, {})
"""Of an assistant that keeps none."""
