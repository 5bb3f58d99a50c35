"""One chat file of a snapshot, and which of several the editor reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from chatcask.assistants.known import assistant_of
from chatcask.catalog.tables import Row
from chatcask.chats.fields import base_name
from chatcask.format.tree import EMPTY, Content
from chatcask.ids import ChunkId
from chatcask.repository.keys import SnapshotReference
from chatcask.repository.snapshots import StoredSnapshot


@dataclass(frozen=True, slots=True)
class ChatFile:
    """One chat file of a snapshot.

    Attributes:
        source: The source's id.
        workspace: The workspace's id, or `NO_WORKSPACE`.
        session: The session's id, as the file is named.
        name: The file's name.
        content: Its bytes in the store.
        size: Its length in bytes.
        mtime_ns: Its time of last change.
        folder: URI of the workspace's folder, or "".
    """

    source: str
    workspace: str
    session: str
    name: str
    content: Content
    size: int
    mtime_ns: int
    folder: str

    @property
    def path(self) -> str:
        """The file's path in the snapshot."""
        folder = assistant_of(self.source).layout.chats_path(self.workspace)
        return f"{self.source}/{folder}/{self.name}"

    @property
    def workspace_name(self) -> str:
        """The last part of the workspace's folder, else the workspace's id."""
        return unquote(base_name(self.folder)) or self.workspace

    @property
    def place(self) -> tuple[str, str, str]:
        """What names the chat in one snapshot: source, workspace, id."""
        return self.source, self.workspace, self.session


@dataclass(frozen=True, slots=True)
class WorkspaceChange:
    """A workspace, its path in root trees, and its trees in two of them; the empty one where it was not."""

    source: str
    workspace: str
    path: str
    before: Content
    after: Content


@dataclass(frozen=True, slots=True)
class StoredChat:
    """A chat's file and a snapshot that holds it."""

    stored: StoredSnapshot
    file: ChatFile

    @property
    def snapshot(self) -> SnapshotReference:
        """The snapshot's name."""
        return self.stored.reference


def file_of_rows(row: Row) -> ChatFile:
    """Return joined rows of the tables `place`, `workspace` and `file` as a value."""
    _, source, workspace, _, _, _, _, folder, _, _, _, session, name, content, size, mtime_ns = row
    return ChatFile(source, workspace, session, name, decode_content(content), size, mtime_ns, folder)


def read_by_editor(files: Iterable[ChatFile]) -> Iterator[ChatFile]:
    """Yield one file for each chat, the one that the editor reads."""
    groups: dict[tuple[str, str, str], dict[str, ChatFile]] = {}
    for file in files:
        groups.setdefault(file.place, {})[file.name] = file
    for (source, _, _), group in groups.items():
        name = assistant_of(source).layout.preferred_file(group.keys())
        if name is not None:
            yield group[name]


def encode_content(content: Content) -> str:
    """Return content as the catalogue writes it."""
    return f"{content.depth}:{content.id.hex()}" if content.id else ""


def decode_content(text: str) -> Content:
    """Return the content that `encode_content` wrote."""
    depth, _, name = text.partition(":")
    return Content(int(depth), ChunkId(bytes.fromhex(name))) if name else EMPTY
