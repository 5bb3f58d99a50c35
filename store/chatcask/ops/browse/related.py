"""Which older chats a new one comes from: copies and forks, with what speaks for each; nothing is merged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from chatcask.catalog.catalog import Catalog
from chatcask.catalog.chat_file import ChatFile
from chatcask.chats.identity import Match, find_matches
from chatcask.chats.summary import ChatSummary
from chatcask.errors import DamagedError
from chatcask.format.tree import Content


@dataclass(frozen=True, slots=True)
class RelatedChat:
    """A chat that another one belongs to, and the finding about the two."""

    file: ChatFile
    title: str
    match: Match


def find_related(catalog: Catalog, file: ChatFile, *roots: Content) -> list[RelatedChat]:
    """Return the chats of some root trees that a chat is a copy or fork of, the surest first.

    The editor forks a chat within its workspace, so chats of the same workspace are read if they have to be;
    of others only those that the catalogue knows already are looked at.

    Raises:
        DamagedError: the chat or a tree cannot be read from the store.
    """
    summary = catalog.summary(file)
    if summary.is_empty:
        return []
    others: dict[str, tuple[ChatFile, ChatSummary]] = {}
    for root in roots:
        for other, found in _candidates(catalog, file, root):
            others.setdefault(other.session, (other, found))
    matches = find_matches(summary, (found for _, found in others.values()))
    by_id = {found.session_id: (other, found.title) for other, found in others.values()}
    return [RelatedChat(*by_id[match.session_ids[1]], match) for match in matches]


def _candidates(catalog: Catalog, file: ChatFile, root: Content) -> Iterator[tuple[ChatFile, ChatSummary]]:
    for other in catalog.sessions(root):
        if other.session == file.session:
            continue
        summary = catalog.known_summary(other)
        if summary is None and (other.source, other.workspace) == (file.source, file.workspace):
            try:
                summary = catalog.summary(other)
            except DamagedError:
                continue  # `check` tells of it
        if summary is not None:
            yield other, summary
