"""What an assistant is to the rest of the house: where its files are, if they may be touched, its chats."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias

from chatcask.format.tree import Content, Entry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatcask.assistants.base import FoundFolder, Guard, Platform, Report, Source
    from chatcask.chats.chat_path import ChatPath
    from chatcask.chats.parsed import ParsedChat

TreeReader: TypeAlias = Callable[[Content, str], Iterable[Entry]]
"""Reads a tree, given the path of its folder too for what is to be said of it."""


@dataclass(frozen=True, slots=True)
class GroupTree:
    """What a group's tree holds of its chats; `EMPTY` for what is not there.

    Attributes:
        chats: The folder of the chats.
        bodies: The chats' files.
        odd: Paths below the group of what lies among the chats and is none.
        older_chats: One file that holds several chats, or None.
        workspace_file: What says which folder the group is for.
        chat_list: The assistant's own list of the chats.
    """

    chats: Content
    bodies: tuple[Entry, ...]
    odd: tuple[str, ...]
    older_chats: Entry | None
    workspace_file: Content
    chat_list: Content


class Assistant(Protocol):
    """One assistant, or a family of them that keep their chats alike."""

    @property
    def name(self) -> str:
        """Its name, stable."""

    def owns(self, source: str) -> bool:
        """Tell whether a source's id is one of its own."""

    def locate(self, platform: Platform) -> list[Source]:
        """Return its folders on this machine; nothing below them is looked at."""

    def guard(self, platform: Platform) -> Guard:
        """Return what tells whether a source may be touched."""

    def items(
        self, source: Source, report: Report, *, only_workspaces: frozenset[str] | None = None
    ) -> FoundFolder:
        """Return what to capture of a source, listed lazily."""

    def chat_path(self, path: str) -> ChatPath:
        """Return what a path of a root tree is to a chat."""

    def group_trees(self, source: Content, tree: TreeReader) -> Iterator[tuple[str, str, Content]]:
        """Yield each group of a source that can hold chats: its name, its path below the source, its tree."""

    def read_group(self, group: Content, tree: TreeReader) -> GroupTree:
        """Return what a group's tree holds; paths given to `tree` are those below the group."""

    def transcripts(self, group: Content, tree: TreeReader) -> Iterator[tuple[str, Entry]]:
        """Yield what else tells of a group's chats, by their ids; `tree` is given paths below the group."""

    def read_transcript(self, data: bytes, session: str) -> ParsedChat:
        """Read a chat from what else tells of it. Never raises for any bytes."""

    def sessions_in(self, data: bytes) -> tuple[str, ...]:
        """Return the ids of the chats that a file of several holds; `parse` reads each by its name."""

    def parse(self, data: bytes | Iterable[bytes], file_name: str) -> ParsedChat:
        """Read a chat from its bytes, given whole or in pieces. Never raises for any bytes."""
