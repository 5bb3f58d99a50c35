"""Which chats an editor's folder has files of now, wherever in it; nothing is read of them."""

from __future__ import annotations

from chatcask.assistants.base import Guard, Source
from chatcask.assistants.known import editing_of
from chatcask.monitor import Monitor


def present_chats(guard: Guard, source: Source, monitor: Monitor) -> frozenset[str]:
    """Return the ids of the chats that a closed editor's folder has files of.

    Raises:
        NotEditableError: the folder is never changed, so what it holds is not looked for.
        EditorRunningError: the editor runs; nothing was touched, or nothing more.
    """

    def watch() -> None:
        guard.watch(source)

    editing = editing_of(source.id)
    guard.require_closed(source)
    places = editing.places(source, watch, monitor.problem)
    return frozenset(name for place in places for name in editing.chat_ids(place, watch, monitor.problem))
