"""What an assistant is to the rest of the house: where its files are, if they may be touched, its chats.

What not every assistant has, has a default here: one without it says nothing of it. A run without changes
looks at no chat, so nothing that knows chats is imported at the top, here or by an assistant.
"""
# ruff: noqa: PLC0415 - see above

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from chatcask.assistants.base import (
        Elsewhere,
        FoundFolder,
        Guard,
        Layout,
        Platform,
        Product,
        Report,
        Source,
    )
    from chatcask.assistants.editing import Editing
    from chatcask.chats.chat_list import ChatIndex
    from chatcask.chats.chat_path import ChatPath
    from chatcask.chats.jsontext import Json
    from chatcask.chats.model import Attachment, Turn
    from chatcask.chats.outline import Outline
    from chatcask.chats.parsed import ParsedChat
    from chatcask.chats.transcript import Transcript


class Outlines(Protocol):
    """How a changed chat is judged from its new bytes alone."""

    def outline_of(self, session: Json) -> Outline | None:
        """Return the outline of a chat's object, as it was read; None if it has none."""

    def outline_of_file(self, buffers: Iterable[bytes], file_name: str) -> Outline | None:
        """Return the outline of a chat's file; None if the assistant would not open it, or it has none."""

    def extend(self, outline: Outline, tail: bytes) -> Outline | None:
        """Return the outline after whole new lines; None if only reading all can tell."""

    def takes_nothing_away(self, tail: bytes, turns: int) -> bool:
        """Tell whether new lines of a sound file leave every turn and its texts where they were."""

    def may_hide_cuts(self, data: bytes) -> bool:
        """Tell whether an outline of a file with these bytes could hide that texts were cut."""


class Assistant(Protocol):
    """One assistant, or a family of them that keep their chats alike."""

    @property
    def name(self) -> str:
        """Its name, stable."""

    @property
    def products(self) -> tuple[Product, ...]:
        """What has folders of it; a source's id begins with the name of one of them."""

    @property
    def layout(self) -> Layout:
        """Where snapshots have its chats."""

    @property
    def editing(self) -> Editing | None:
        """How its folders are changed; None if its chats are kept and never written back."""
        return None

    # The machine

    def locate(self, platform: Platform, products: Iterable[Product] | None = None) -> list[Source]:
        """Return its folders on this machine; nothing below them is looked at."""

    def guard(self, platform: Platform) -> Guard:
        """Return what tells whether a source may be touched."""

    def items(
        self,
        source: Source,
        report: Report,
        *,
        only_workspaces: frozenset[str] | None = None,
        passed_over: Callable[[str], None] = lambda _: None,
    ) -> FoundFolder:
        """Return what to capture of a source, listed lazily and laid out as `layout` says.

        `passed_over` is told of the ids of workspaces that are excluded.
        """

    def source_for(self, folder: Path, product: str | None, platform: Platform) -> Source | None:
        """Return the source that a folder is which somebody named; None if it is none of its own.

        Raises:
            NotFoundError: the folder is not there.
        """
        return None

    def listed_in(
        self, manifest: Path | None, platform: Platform, report: Report
    ) -> Iterable[tuple[Source, frozenset[str]]]:
        """Return the workspaces that another program lists in a file, which has its usual place for None.

        Raises:
            InvalidInputError: the file is malformed.
        """
        return ()

    def elsewhere(self, source: Source, watch: Callable[[], None]) -> Iterable[Elsewhere]:
        """Return the chats that belong to a closed source and are kept where `items` does not look."""
        return ()

    def elsewhere_on(self, platform: Platform) -> Iterable[Elsewhere]:
        """Return the chats that are seen on the machine, belong to no source, and are not captured."""
        return ()

    def marks(self, source: Source, watch: Callable[[], None], report: Report) -> frozenset[str]:
        """Return what tells a closed source from every other, as `groups.marks_in_snapshot` finds it.

        A source without marks is never taken for one that another machine captured.
        """
        return frozenset()

    # Paths of snapshots

    def chat_path(self, path: str) -> ChatPath:
        """Return what a path of a root tree is to a chat."""

    def listing_group(self, group: str) -> str:
        """Return the group whose list names the chats of a group."""
        return group

    def transcript_path(self, group: str, session: str) -> str:
        """Return where, below the source, somebody else's record of a chat is; "" if nobody keeps one."""
        return ""

    def image_path(self, attachment: Attachment) -> str:
        """Return where, below the source, the image is that an attachment only refers to; "" for none."""
        return ""

    # Bytes

    def parse(self, data: bytes | Iterable[bytes], file_name: str) -> ParsedChat:
        """Read a chat from its bytes, given whole or in pieces. Never raises for any bytes."""

    def sessions_in(self, data: bytes) -> tuple[str, ...]:
        """Return the ids of the chats that a file of several holds; `parse` reads each by its name."""
        return ()

    def cut_turns(self, buffers: Iterator[bytes], file_name: str) -> tuple[Turn, ...]:
        """Return turns that a chat's file still holds and that the chat has no more."""
        return ()

    def folder_uri(self, data: bytes) -> str:
        """Return the URI of the folder that a workspace file names; "" if it names none."""
        return ""

    def read_list(self, text: str) -> ChatIndex:
        """Read its own list of chats. Never raises for any text."""
        from chatcask.chats.chat_list import NO_LIST

        return NO_LIST

    def read_transcript(self, data: bytes, session: str) -> Transcript:
        """Read somebody else's record of a chat. Never raises for any bytes."""
        from chatcask.chats.transcript import NO_TRANSCRIPT

        return NO_TRANSCRIPT

    @property
    def outlines(self) -> Outlines | None:
        """How a changed chat is judged from its new bytes; None if both versions have to be read."""
        return None
