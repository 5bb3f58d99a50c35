"""The session files of many snapshots, each tree read once however many snapshots share it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from chatcask.assistants.vscode.reading.parse import session_id_of
from chatcask.format.tree import Content, Entry, EntryKind
from chatcask.repository.repository import Repository

_SESSION_FOLDER = "chatSessions"
_SUFFIXES = (".json", ".jsonl")
_WITHOUT_SESSIONS = frozenset({"chatEditingSessions", "images", "state", "state-backup", "transcripts"})


@dataclass(frozen=True, slots=True)
class ChatEntry:
    """One session file: its path in the snapshot, the id of its session, and its entry."""

    path: str
    session: str
    entry: Entry


class ChatFiles:
    """Yields session files of one root tree after the other, leaving out trees that were read before."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._seen: set[tuple[Content, bool]] = set()

    def unseen(self, root: Content) -> Iterator[ChatEntry]:
        """Yield the session files in those trees of a snapshot that no root before had.

        Raises:
            DamagedError: a tree cannot be read.
        """
        if (root, False) not in self._seen:
            yield from self._walk(root, "", in_session_folder=False)

    def _walk(self, content: Content, path: str, *, in_session_folder: bool) -> Iterator[ChatEntry]:
        for entry in self._repository.tree(content):
            where = f"{path}/{entry.name}" if path else entry.name
            if entry.kind is EntryKind.FOLDER:
                is_session_folder = entry.name == _SESSION_FOLDER
                is_seen = (entry.content, is_session_folder) in self._seen
                if not is_seen and entry.name not in _WITHOUT_SESSIONS:
                    yield from self._walk(entry.content, where, in_session_folder=is_session_folder)
            elif in_session_folder and entry.kind is EntryKind.FILE and entry.name.endswith(_SUFFIXES):
                yield ChatEntry(where, session_id_of(entry.name), entry)
        self._seen.add((content, in_session_folder))
