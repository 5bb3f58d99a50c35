"""One session file of a snapshot, and which of several the editor reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from chatcask.assistants.vscode.places.path_roles import session_of_name
from chatcask.assistants.vscode.places.snapshot_paths import chats_folder
from chatcask.assistants.vscode.reading.parse import preferred_file
from chatcask.format.tree import EMPTY, Content
from chatcask.ids import ChunkId

FileRow: TypeAlias = tuple[str, str, str, str, int, int, str]
"""Source, workspace, name, content, size, mtime_ns and folder of a session file."""


@dataclass(frozen=True, slots=True)
class ChatFile:
    """One session file of a snapshot.

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
        return f"{self.source}/{chats_folder(self.workspace)}/{self.name}"

    @property
    def suffix(self) -> str:
        """The ending of the file's name behind the session's id."""
        return self.name[len(self.session) :]

    @property
    def place(self) -> tuple[str, str, str]:
        """What names the session in one snapshot: source, workspace, id."""
        return self.source, self.workspace, self.session


@dataclass(frozen=True, slots=True)
class WorkspaceChange:
    """A workspace, its path in root trees, and its trees in two of them; the empty one where it was not."""

    source: str
    workspace: str
    path: str
    before: Content
    after: Content


def file_of_row(row: FileRow) -> ChatFile:
    """Return a row of the catalogue as a value."""
    source, workspace, name, content, size, mtime_ns, folder = row
    return ChatFile(source, workspace, _session(name), name, decode_content(content), size, mtime_ns, folder)


def read_by_editor(rows: Iterable[FileRow]) -> Iterator[ChatFile]:
    """Yield one file for each session, the one that the editor reads."""
    groups: dict[tuple[str, str, str], dict[str, FileRow]] = {}
    for row in rows:
        groups.setdefault((row[0], row[1], _session(row[2])), {})[row[2]] = row
    for group in groups.values():
        name = preferred_file(group.keys())
        if name is not None:
            yield file_of_row(group[name])


def _session(name: str) -> str:
    session = session_of_name(name)
    if session is None:
        raise ValueError(f"no chat is named {name!r}")
    return session


def encode_content(content: Content) -> str:
    """Return content as the catalogue writes it."""
    return f"{content.depth}:{content.id.hex()}" if content.id else ""


def decode_content(text: str) -> Content:
    """Return the content that `encode_content` wrote."""
    depth, _, name = text.partition(":")
    return Content(int(depth), ChunkId(bytes.fromhex(name))) if name else EMPTY
