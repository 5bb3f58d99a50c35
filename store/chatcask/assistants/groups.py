"""Find the chats of a source in the trees of a snapshot, reading no tree that holds none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from chatcask.assistants.base import NO_WORKSPACE, Layout
from chatcask.format.tree import EMPTY, Content, Entry, EntryKind

TreeReader: TypeAlias = Callable[[Content, str], Iterable[Entry]]
"""Reads a tree, given the path of its folder too for what is to be said of it."""


@dataclass(frozen=True, slots=True)
class GroupTree:
    """What a group's tree holds of its chats; `EMPTY` for what is not there.

    Attributes:
        chats: The folder of the chats.
        bodies: The chats' files, each with the id of its chat.
        odd: Paths below the group of what lies among the chats and is none.
        older_chats: One file that holds several chats, or None.
        workspace_file: What says which folder the group is for.
        chat_list: The assistant's own list of the chats.
    """

    chats: Content
    bodies: tuple[tuple[str, Entry], ...]
    odd: tuple[str, ...]
    older_chats: Entry | None
    workspace_file: Content
    chat_list: Content


def group_trees(layout: Layout, source: Content, tree: TreeReader) -> Iterator[tuple[str, str, Content]]:
    """Yield each group of a source that can hold chats: its name, its path below the source, its tree."""
    for entry in _folders(tree(source, "")):
        if entry.name == NO_WORKSPACE:
            yield NO_WORKSPACE, layout.group_path(NO_WORKSPACE), entry.content
        elif entry.name == layout.workspaces:
            for workspace in _folders(tree(entry.content, layout.workspaces)):
                yield workspace.name, layout.group_path(workspace.name), workspace.content


def read_group(layout: Layout, group: Content, tree: TreeReader) -> GroupTree:
    """Return what a group's tree holds; paths given to `tree` are those below the group."""
    below = _Below(group, tree)
    bodies, odd = [], []
    for entry in below.folder(layout.chats).values():
        session = layout.session_of(entry.name) if entry.kind is EntryKind.FILE else None
        if session is not None:
            bodies.append((session, entry))
        else:
            odd.append(f"{layout.chats}/{entry.name}")
    return GroupTree(
        chats=_content(below.entry(layout.chats), EntryKind.FOLDER),
        bodies=tuple(bodies),
        odd=tuple(odd),
        workspace_file=_content(below.entry(layout.workspace_file), EntryKind.FILE),
        older_chats=below.entry(layout.older_chats),
        chat_list=_content(below.entry(layout.chat_list), EntryKind.FILE),
    )


def transcripts(layout: Layout, group: Content, tree: TreeReader) -> Iterator[tuple[str, Entry]]:
    """Yield what somebody else records of a group's chats, by the ids of those."""
    for entry in _Below(group, tree).folder(layout.transcripts).values() if layout.transcripts else ():
        session = layout.session_of(entry.name)
        if session is not None and entry.kind is EntryKind.FILE:
            yield session, entry


def marks_in_snapshot(layout: Layout, source: Content, tree: TreeReader) -> frozenset[str]:
    """Return what tells a source from every other: the ids of its chats, and when workspaces were made.

    Raises:
        DamagedError: a tree cannot be read.
    """
    found: set[str] = set()
    for name, folder, group in group_trees(layout, source, tree):
        found.update(session for session, _ in read_group(layout, group, tree).bodies)
        made = (entry for entry in tree(group, folder) if entry.name == layout.workspace_file)
        found.update(workspace_mark(name, entry.mtime_ns) for entry in made)
    return frozenset(found)


def workspace_mark(workspace: str, made_ns: int) -> str:
    """Return the mark of a workspace that was made at a time."""
    return f"{workspace}/{made_ns}"


class _Below:
    """The folders of a group, each read once and only when it is asked for."""

    def __init__(self, group: Content, tree: TreeReader) -> None:
        self._tree = tree
        self._known = {"": {entry.name: entry for entry in tree(group, "")}}

    def folder(self, path: str) -> dict[str, Entry]:
        """Return what a folder holds, by name; nothing if it is not there."""
        if path not in self._known:
            content = _content(self.entry(path), EntryKind.FOLDER)
            self._known[path] = {entry.name: entry for entry in self._tree(content, path)}
        return self._known[path]

    def entry(self, path: str) -> Entry | None:
        """Return what is at a path, if anything is."""
        folder, _, name = path.rpartition("/")
        return self.folder(folder).get(name)


def _folders(entries: Iterable[Entry]) -> Iterator[Entry]:
    return (entry for entry in entries if entry.kind is EntryKind.FOLDER)


def _content(entry: Entry | None, kind: EntryKind) -> Content:
    return entry.content if entry is not None and entry.kind is kind else EMPTY
