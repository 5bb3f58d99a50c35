"""Which older chats a new one comes from: copies and forks, with what speaks for each; nothing is merged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from chatcask.catalog.catalog import Catalog
from chatcask.catalog.chat_file import ChatFile
from chatcask.chats.identity import Match, find_matches
from chatcask.chats.summary import ChatSummary
from chatcask.monitor import Monitor
from chatcask.ops.browse.in_snapshot import chats_in, readable
from chatcask.repository.snapshots import StoredSnapshot


@dataclass(frozen=True, slots=True)
class RelatedChat:
    """A chat that another one belongs to, and the finding about the two."""

    file: ChatFile
    title: str
    match: Match


def find_related(
    catalog: Catalog, file: ChatFile, snapshots: Iterable[StoredSnapshot], monitor: Monitor
) -> list[RelatedChat]:
    """Return the chats of some snapshots that a chat is a copy or fork of, the surest first.

    The editor forks a chat within its workspace, so chats of the same workspace are read if they have to be;
    of others only those that the catalogue knows already are looked at. What cannot be read is reported.

    Raises:
        DamagedError: the chat itself cannot be read from the store.
    """
    summary = catalog.summary(file)
    if summary.is_empty:
        return []
    others: dict[str, tuple[ChatFile, ChatSummary]] = {}
    for stored in snapshots:
        for other, found in _candidates(catalog, file, stored, monitor):
            others.setdefault(other.session, (other, found))
    matches = find_matches(summary, (found for _, found in others.values()))
    by_id = {found.session_id: (other, found.title) for other, found in others.values()}
    return [RelatedChat(*by_id[match.session_ids[1]], match) for match in matches]


def _candidates(
    catalog: Catalog, file: ChatFile, stored: StoredSnapshot, monitor: Monitor
) -> Iterator[tuple[ChatFile, ChatSummary]]:
    for other in chats_in(catalog, stored, monitor):
        if other.session == file.session:
            continue
        summary = catalog.known_summary(other)
        if summary is None and (other.source, other.workspace) == (file.source, file.workspace):
            summary = readable(catalog.summary, other, stored.reference, monitor)
        if summary is not None:
            yield other, summary
