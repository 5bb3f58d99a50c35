"""Which chat a person means: by the beginning of its id, or by its title."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from chatcask.advice import Advice, AdviceCode
from chatcask.catalog.catalog import Catalog
from chatcask.catalog.chat_file import ChatFile
from chatcask.errors import AmbiguousError, NotFoundError
from chatcask.monitor import Monitor, NullMonitor, OnceMonitor
from chatcask.ops.browse.in_snapshot import chats_in, chats_named, each_root_once, readable
from chatcask.repository.snapshots import StoredSnapshot

_SHORTEST_PREFIX = 4
_CANDIDATES_SHOWN = 10


class FoundChat(NamedTuple):
    """A chat that somebody named: the newest snapshot that holds it, and its file there."""

    stored: StoredSnapshot
    file: ChatFile


def find_chat(
    catalog: Catalog, text: str, newest_first: Iterable[StoredSnapshot], monitor: Monitor
) -> FoundChat:
    """Return the newest snapshot that holds the chat a person named, and the chat's file there.

    The chat is named by the beginning of its id (at least four characters) or by its title, whole or in part.
    The snapshots are searched for the id first, since that reads no chat. What cannot be read has no title
    and is reported.

    Raises:
        NotFoundError: no snapshot holds such a chat.
        AmbiguousError: several chats answer to that name; the message lists them.
    """
    once = OnceMonitor(monitor)
    looked_at = []
    for stored in each_root_once(newest_first):
        looked_at.append(stored)
        if len(text) >= _SHORTEST_PREFIX and (found := chats_named(catalog, stored, text.lower(), once)):
            return FoundChat(stored, _only(catalog, text, stored, found))
    for stored in looked_at:
        if matches := _by_title(catalog, text, stored, once):
            return FoundChat(stored, _only(catalog, text, stored, matches))
    raise NotFoundError(
        f"no snapshot holds a chat {text!r}",
        what="chat",
        name=text,
        advice=Advice(AdviceCode.LIST_CHATS),
    )


def _by_title(catalog: Catalog, text: str, stored: StoredSnapshot, monitor: Monitor) -> list[ChatFile]:
    wanted = text.casefold()
    titled = [
        (file, _title(catalog, file, stored, monitor).casefold())
        for file in chats_in(catalog, stored, monitor)
    ]
    exact = [file for file, title in titled if title == wanted]
    return exact or [file for file, title in titled if wanted in title]


def _title(catalog: Catalog, file: ChatFile, stored: StoredSnapshot, monitor: Monitor) -> str:
    summary = readable(catalog.summary, file, stored.reference, monitor)
    return summary.title if summary else ""


def _only(catalog: Catalog, text: str, stored: StoredSnapshot, matches: Sequence[ChatFile]) -> ChatFile:
    """Return the one chat among the matches; copies of it in several workspaces are one."""
    chats = {file.session: file for file in sorted(matches, key=lambda file: file.mtime_ns)}
    if len(chats) == 1:
        return next(iter(chats.values()))
    lines = [
        f"{session}  {_title(catalog, file, stored, NullMonitor())}".rstrip()
        for session, file in sorted(chats.items())[:_CANDIDATES_SHOWN]
    ]
    raise AmbiguousError(
        f"{text!r} is the name of {len(chats)} chats:\n  " + "\n  ".join(lines),
        what="chat",
        name=text,
        candidates=tuple(sorted(chats)),
        advice=Advice(AdviceCode.NAME_CHAT_BY_ID),
    )
