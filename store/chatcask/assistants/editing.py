"""How an assistant's folder is changed so that it shows a chat: place, file, and entry in its list."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from chatcask.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from chatcask.assistants.base import Report, Source
    from chatcask.chats.jsontext import JsonObject
    from chatcask.chats.model import Chat
    from chatcask.chats.parsed import ParsedChat
    from chatcask.chats.summary import ChatSummary


class Place(Protocol):
    """Where the chats of one group and the database that lists them are."""

    @property
    def source(self) -> str:
        """The source's id."""

    @property
    def workspace(self) -> str:
        """The workspace's id, or `NO_WORKSPACE`."""

    @property
    def name(self) -> str:
        """What a person calls the place."""

    @property
    def folder(self) -> str:
        """URI of the folder or workspace that was open, or ""."""

    @property
    def storage(self) -> Path:
        """The folder of the database."""

    @property
    def sessions(self) -> Path:
        """The folder of the chats; it need not exist."""

    @property
    def edits(self) -> Path:
        """The folder of the edits that chats made to files; it need not exist."""

    @property
    def database(self) -> Path:
        """The database that lists the chats."""

    @property
    def backup(self) -> Path:
        """The copy of the database that the assistant made when it was closed last."""

    @property
    def made_ns(self) -> int:
        """When the assistant made the place; 0 if that is not known."""

    @property
    def used_ns(self) -> int:
        """When its database was last written; 0 if it has none."""

    @property
    def logical(self) -> str:
        """The place's path in snapshots, below the source."""

    def session_path(self, name: str) -> str:
        """Return the path in snapshots of a chat file."""

    def session_file(self, name: str) -> Path:
        """Return where a chat file lies, or would lie.

        Raises:
            RestoreRefusedError: it is a link that is not followed.
        """

    def edits_path(self, session: str) -> str:
        """Return the path in snapshots of the edits that a chat made to files."""

    def logical_path(self, path: str) -> Path:
        """Return where a file of this place lies, given its path in snapshots below the source.

        Raises:
            InvalidInputError: it is not a path of this place, or could lead out of it.
            RestoreRefusedError: a link is on the way that is not followed.
        """

    def transcript(self, session: str) -> Path:
        """Return where somebody else's record of a chat is."""


@dataclass(frozen=True, slots=True)
class Body:
    """A chat file to write.

    Attributes:
        name: The file's name.
        data: Its bytes.
        parsed: What is read from those bytes.
        changes: What was put right, in words.
    """

    name: str
    data: bytes = field(repr=False)
    parsed: ParsedChat = field(repr=False)
    changes: tuple[str, ...]

    @property
    def chat(self) -> Chat:
        """The chat in it."""
        if self.parsed.chat is None:
            raise InvalidInputError(f"{self.name} holds no chat")
        return self.parsed.chat


class Editing(Protocol):
    """What of a change is the assistant's own; safety snapshot, undo and durable writes are everybody's."""

    def places(self, source: Source, watch: Callable[[], None], report: Report) -> tuple[Place, ...]:
        """Return the places of a closed source that exist.

        Args:
            source: The folder.
            watch: Asks the guard before each look at the disk.
            report: Takes what cannot be looked at; the rest is looked at.
        """

    def place_that_was(self, source: Source, workspace: str, folder: str) -> Place:
        """Return a place that is gone, as it would be."""

    def chat_ids(self, place: Place, watch: Callable[[], None], report: Report) -> frozenset[str]:
        """Return the ids of the chats that something in a place is named after."""

    def plain_name(self, session_id: str) -> str:
        """Return an id if it can be the name of a file.

        Raises:
            InvalidInputError: it could lead out of the folder, or no file can be named so.
        """

    def is_safe(self, data: bytes, suffix: str, session_id: str) -> bool:
        """Tell whether the assistant can go on with exactly these bytes as the file of that chat."""

    def exact_body(self, data: bytes, suffix: str, session_id: str) -> Body:
        """Return a body of exactly these bytes."""

    def rewritten_body(self, session: Chat, session_id: str, *, created_ms: int) -> Body:
        """Return a chat in the assistant's newest form under an id; another one than its own makes a copy.

        Args:
            session: What could be read.
            session_id: The id to write it under.
            created_ms: When it was created, if the chat does not say.
        """

    def listed_entry(
        self, captured: JsonObject | None, summary: ChatSummary, session_id: str, title: str
    ) -> JsonObject:
        """Return the entry that makes the assistant list a chat.

        Args:
            captured: The entry as it once was, if that is known.
            summary: The chat as it will be on disk.
            session_id: The id to list it under.
            title: The title to show when no entry is known.
        """

    def put_entry(self, text: str | None, entry: JsonObject) -> str:
        """Return a list with an entry added, or put in the place of the one with the same id.

        Raises:
            InvalidInputError: the list is one that would be discarded, or the entry would make it so.
        """

    def drop_entry(self, text: str, session_id: str) -> str:
        """Return a list without the entry of a chat, if it has one.

        Raises:
            InvalidInputError: the list is one that would be discarded.
        """
