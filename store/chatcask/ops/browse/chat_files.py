"""The chats' files of many snapshots, each group of chats read once however many snapshots share it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from chatcask.assistants import owner
from chatcask.format.tree import Content, Entry, EntryKind
from chatcask.repository.repository import Repository


@dataclass(frozen=True, slots=True)
class ChatEntry:
    """One chat's file: its path in the snapshot, the id of its chat, and its entry."""

    path: str
    session: str
    entry: Entry


class ChatFiles:
    """Yields chats' files of one root tree after the other, leaving out trees that were read before."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._seen: set[tuple[str, Content]] = set()

    def unseen(self, root: Content) -> Iterator[ChatEntry]:
        """Yield the chats' files in those trees of a snapshot that no root before had.

        Raises:
            DamagedError: a tree cannot be read.
        """
        for source in self._repository.tree(root):
            assistant = owner(source.name) if source.kind is EntryKind.FOLDER else None
            if assistant is None or (source.name, source.content) in self._seen:
                continue
            for _, path, tree in assistant.group_trees(source.content, self._tree):
                if (source.name, tree) not in self._seen:
                    for chat, entry in assistant.bodies(f"{source.name}/{path}", tree, self._tree):
                        yield ChatEntry(chat.path, chat.session, entry)
                    self._seen.add((source.name, tree))
            self._seen.add((source.name, source.content))

    def _tree(self, content: Content, _path: str) -> tuple[Entry, ...]:
        return self._repository.tree(content)
