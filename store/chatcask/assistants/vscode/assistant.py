"""VS Code and the editors made from it, as the rest of the house sees them.

A run without changes looks at no chat, so what reads chats is imported by those methods that need it.
"""
# ruff: noqa: PLC0415 - see above

from __future__ import annotations

from typing import TYPE_CHECKING

from chatcask.assistants.vscode.places.products import PRODUCTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatcask.assistants.vscode.places.snapshot_trees import TreeReader
    from chatcask.chats.chat_path import ChatPath
    from chatcask.format.tree import Content, Entry

_NAMES = frozenset(product.name for product in PRODUCTS)


class VSCode:
    """The assistant whose chats lie in editors' user-data folders."""

    name = "vscode"

    def owns(self, source: str) -> bool:
        """Tell whether a source's id is one of a product's."""
        return source.partition("~")[0] in _NAMES

    def chat_path(self, path: str) -> ChatPath:
        """Return what a path of a root tree is to a chat."""
        from chatcask.assistants.vscode.places.path_roles import read_path

        return read_path(path)

    def group_trees(self, source: Content, tree: TreeReader) -> Iterator[tuple[str, str, Content]]:
        """Yield each group of a source that can hold chats: its name, its path below the source, its tree."""
        from chatcask.assistants.vscode.places.snapshot_trees import group_trees

        return group_trees(source, tree)

    def bodies(self, folder: str, group: Content, tree: TreeReader) -> Iterator[tuple[ChatPath, Entry]]:
        """Yield the chats' files of a group that lies at `folder` in a root tree."""
        from chatcask.assistants.vscode.places.snapshot_trees import body_paths

        return body_paths(folder, group, tree)


VSCODE = VSCode()
