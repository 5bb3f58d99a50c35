"""VS Code and the editors made from it, as the rest of the house sees them.

A run without changes looks at no chat, so what reads chats is imported by those methods that need it.
"""
# ruff: noqa: PLC0415 - see above

from __future__ import annotations

from typing import TYPE_CHECKING

from chatcask.assistants.vscode.places.products import PRODUCTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chatcask.assistants.assistant import GroupTree, TreeReader
    from chatcask.assistants.base import FoundFolder, Guard, Platform, Report, Source
    from chatcask.chats.chat_path import ChatPath
    from chatcask.chats.parsed import ParsedChat
    from chatcask.format.tree import Content, Entry

_NAMES = frozenset(product.name for product in PRODUCTS)


class VSCode:
    """The assistant whose chats lie in editors' user-data folders."""

    name = "vscode"

    def owns(self, source: str) -> bool:
        """Tell whether a source's id is one of a product's."""
        return source.partition("~")[0] in _NAMES

    def locate(self, platform: Platform) -> list[Source]:
        """Return the user-data folders that exist; nothing below them is looked at."""
        from chatcask.assistants.vscode.places.locate import locate

        return locate(platform)

    def guard(self, platform: Platform) -> Guard:
        """Return what tells whether the editor that owns a folder runs."""
        from chatcask.assistants.vscode.guard.machine_guard import MachineGuard

        return MachineGuard(platform)

    def items(
        self, source: Source, report: Report, *, only_workspaces: frozenset[str] | None = None
    ) -> FoundFolder:
        """Return what to capture of a source, listed lazily; its editor must be closed."""
        from chatcask.assistants.vscode.places.capture_set import capture_set

        return capture_set(source, report, only_workspaces=only_workspaces)

    def parse(self, data: bytes | Iterable[bytes], file_name: str) -> ParsedChat:
        """Read a chat from its bytes, given whole or in pieces. Never raises for any bytes."""
        from chatcask.assistants.vscode.reading.parse import parse_chat

        return parse_chat(data, file_name)

    def transcripts(self, group: Content, tree: TreeReader) -> Iterator[tuple[str, Entry]]:
        """Yield the Copilot extension's transcripts of a group's chats, by the ids of those."""
        from chatcask.assistants.vscode.places.snapshot_trees import transcripts

        return transcripts(group, tree)

    def read_transcript(self, data: bytes, session: str) -> ParsedChat:
        """Read a chat as its transcript tells it. Never raises for any bytes."""
        from chatcask.assistants.vscode.reading.transcript import parse_transcript

        return parse_transcript(data, session)

    def sessions_in(self, data: bytes) -> tuple[str, ...]:
        """Return the ids of the chats that a row of before 1.99 holds; `parse` reads each by its name."""
        from chatcask.assistants.vscode.reading.older_list import sessions_in

        return sessions_in(data)

    def chat_path(self, path: str) -> ChatPath:
        """Return what a path of a root tree is to a chat."""
        from chatcask.assistants.vscode.places.path_roles import read_path

        return read_path(path)

    def group_trees(self, source: Content, tree: TreeReader) -> Iterator[tuple[str, str, Content]]:
        """Yield each group of a source that can hold chats: its name, its path below the source, its tree."""
        from chatcask.assistants.vscode.places.snapshot_trees import group_trees

        return group_trees(source, tree)

    def read_group(self, group: Content, tree: TreeReader) -> GroupTree:
        """Return what a group's tree holds; paths given to `tree` are those below the group."""
        from chatcask.assistants.vscode.places.snapshot_trees import read_group

        return read_group(group, tree)


VSCODE = VSCode()
