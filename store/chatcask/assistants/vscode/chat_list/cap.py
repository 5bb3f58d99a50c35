"""How many chats editors keep in their list, and which ones would take a chat off it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chatcask.chats.chat_list import ChatIndex

_CAPS = ((400, "newer than 1.130"), (50, "from 1.109 to 1.130"), (25, "until 1.108"))


def is_full(index: ChatIndex) -> bool:
    """Tell whether a list has exactly as many chats as some editor keeps."""
    count = sum(not entry.is_external for entry in index.entries)
    return any(count == cap for cap, _ in _CAPS)


def cap_warning(index: ChatIndex, session: str) -> str | None:
    """Say which editors would drop a chat from their list again at their next save; None if none would.

    They keep the newest chats only: 25 until version 1.108, 50 from 1.109, 400 after 1.130
    (microsoft/vscode chatSessionStore.ts). The files of the others stay.
    """
    local = [entry for entry in index.entries if not entry.is_external]
    order = sorted(local, key=lambda entry: -entry.last_message_ms)
    place = next((number for number, entry in enumerate(order) if entry.key == session), 0)
    exceeded = [(cap, versions) for cap, versions in _CAPS if place >= cap]
    if not exceeded:
        return None
    caps = ", ".join(f"{versions} (which keeps {cap})" for cap, versions in exceeded)
    return (
        f"the chat is number {place + 1} of {len(local)} by date of its last message: an editor {caps}"
        " takes it off its list again when it next saves a chat; send a message in it to make it the newest"
    )
