"""Which chats lie in which trees: each tree is read once however many snapshots share it.

A tree that cannot be read hides the chats in it and no others: `gaps` names it, until it is read whole.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from chatcask.assistants.base import is_text
from chatcask.assistants.groups import group_trees, read_group
from chatcask.assistants.known import assistant_of, owner
from chatcask.catalog.chat_file import encode_content
from chatcask.catalog.tables import Tables
from chatcask.errors import DamagedError
from chatcask.format.tree import EMPTY, Content, Entry, EntryKind
from chatcask.monitor import Problem
from chatcask.repository.repository import Repository

if TYPE_CHECKING:
    from chatcask.assistants.assistant import Assistant

_Body: TypeAlias = tuple[str, Entry]
"""The id of a chat, and its file."""

Report: TypeAlias = Callable[[Problem], object]
"""Takes a part of a tree that cannot be read."""


class Trees:
    """Reads trees into the catalogue's tables."""

    def __init__(self, repository: Repository, tables: Tables) -> None:
        self._repository = repository
        self._tables = tables
        self._proved: set[str] = set()
        self._gaps: dict[str, tuple[Problem, ...]] = {}
        """What could not be read, by the key of the root tree or workspace tree; looked at once."""
        self._odd: dict[str, tuple[str, ...]] = {}

    def clear(self) -> None:
        """Forget what was read."""
        self._proved.clear()
        self._gaps.clear()
        self._odd.clear()

    def gaps(self, key: str) -> tuple[Problem, ...]:
        """Return what could not be read of a root or workspace, by its key."""
        return self._gaps.get(key, ())

    def read_root(self, root: Content) -> str:
        """Read what is new in a root tree; return its key. What cannot be read is tried again later."""
        key = encode_content(root)
        if key in self._gaps or self._knows_root(key):
            return key
        gaps: list[Problem] = []
        places = []
        for source, workspace, path, tree in self.workspaces(root, gaps.append):
            tree_key = self.read_workspace(source, tree)
            places.append((key, source, workspace, tree_key))
            gaps += [replace(gap, path=_joined(path, gap.path)) for gap in self.gaps(tree_key)]
        self._tables.write("place", places)
        if gaps:
            self._gaps[key] = tuple(gaps)
        else:
            self._tables.write("root", [(key, len(places))])
            self._proved.add(key)
        return key

    def _knows_root(self, key: str) -> bool:
        """Tell whether a root tree was read whole, and prove once that all its rows are there."""
        if key in self._proved:
            return True
        row = next(self._tables.rows("root", "root WHERE content = ?", key), None)
        if row is None:
            return False
        joined = "place JOIN workspace ON workspace.tree = place.tree WHERE place.root = ?"
        found = list(self._tables.rows("place workspace", joined, key))
        if len(found) != row[1] or not all(self._knows_workspace(place[3]) for place in found):
            raise sqlite3.DatabaseError("rows of a root tree are gone")
        self._proved.add(key)
        return True

    def _knows_workspace(self, key: str) -> bool:
        if key in self._proved:
            return True
        row = next(self._tables.rows("workspace", "workspace WHERE tree = ? AND is_whole", key), None)
        if row is None:
            return False
        if sum(1 for _ in self._tables.rows("file", "file WHERE chats = ?", row[1])) != row[2]:
            raise sqlite3.DatabaseError("rows of a workspace are gone")
        self._proved.add(key)
        return True

    def workspaces(self, root: Content, report: Report) -> Iterator[tuple[str, str, str, Content]]:
        """Yield (source, workspace, path, tree) of everything that can hold chats."""
        for source in self._tree(root, "", report):
            assistant = owner(source.name) if source.kind is EntryKind.FOLDER else None
            if assistant is not None:
                below = partial(self._tree_below, source.name, report)
                for group, path, tree in group_trees(assistant.layout, source.content, below):
                    yield source.name, group, f"{source.name}/{path}", tree

    def odd_files(self, root: Content) -> Iterator[str]:
        """Yield the paths of what lies among chats and is none; what cannot be read is passed over."""
        unread: list[Problem] = []
        for source, _, path, tree in self.workspaces(root, unread.append):
            key = encode_content(tree)
            if key not in self._odd:
                reader = partial(self._tree, report=unread.append)
                self._odd[key] = read_group(assistant_of(source).layout, tree, reader).odd
            yield from (_joined(path, odd) for odd in self._odd[key])

    def read_workspace(self, source: str, tree: Content) -> str:
        """Read a workspace's tree unless it is known; return its key. What cannot be read is noted."""
        key = encode_content(tree)
        if key in self._gaps or self._knows_workspace(key):
            return key
        gaps: list[Problem] = []
        assistant = assistant_of(source)
        group = read_group(assistant.layout, tree, partial(self._tree, report=gaps.append))
        folder = self._folder_uri(assistant, group.workspace_file, gaps.append)
        chats = encode_content(group.chats)
        bodies = [*group.bodies]
        if group.older_chats is not None:
            bodies += self._older_bodies(assistant, group.older_chats, group.bodies, gaps.append)
            chats = f"{chats}+{encode_content(group.older_chats.content)}"
        rows = [(chats, s, e.name, encode_content(e.content), e.size, e.mtime_ns) for s, e in bodies]
        self._tables.write("file", rows)
        row = (key, chats, len(rows), folder, encode_content(group.chat_list), int(not gaps))
        self._tables.write("workspace", [row])
        if gaps:
            self._gaps[key] = tuple(gaps)
        else:
            self._proved.add(key)
        return key

    def _older_bodies(
        self, assistant: Assistant, file: Entry, bodies: Iterable[_Body], report: Report
    ) -> Iterator[_Body]:
        """Yield an entry for each chat that stands only in a file of several; its content is that file's."""
        try:
            data = self._repository.reader.read_all(file.content, file.size)
        except DamagedError as error:
            report(Problem(file.name, "damaged", error.message))
            return
        taken = {session for session, _ in bodies}
        for session in assistant.sessions_in(data):
            if is_text(session) and session not in taken:
                yield session, replace(file, name=f"{session}{assistant.layout.suffixes[-1]}")

    def _tree_below(self, source: str, report: Report, content: Content, path: str) -> Iterator[Entry]:
        return self._tree(content, _joined(source, path), report)

    def _tree(self, content: Content, path: str, report: Report) -> Iterator[Entry]:
        """Yield what a tree holds; one that cannot be read, or a name that is no text, is reported."""
        try:
            entries = self._repository.tree(content)
        except DamagedError as error:
            report(Problem(path, "damaged", error.message))
            return
        for entry in entries:
            if is_text(entry.name):
                yield entry
            else:
                words = "its name is not text, so it is no chat of an editor"
                report(Problem(_joined(path, entry.name), "name", words))

    def _folder_uri(self, assistant: Assistant, content: Content, report: Report) -> str:
        if content == EMPTY:
            return ""
        key = encode_content(content)
        row = next(self._tables.rows("folder_uri", "folder_uri WHERE content = ?", key), None)
        if row is None:
            try:
                uri = assistant.folder_uri(self._repository.reader.read_all(content))
            except DamagedError as error:
                report(Problem(assistant.layout.workspace_file, "damaged", error.message))
                return ""
            row = (key, uri if is_text(uri) else "")
            self._tables.write("folder_uri", [row])
        known: str = row[1]
        return known


def _joined(folder: str, path: str) -> str:
    return "/".join(part for part in (folder, path) if part)
