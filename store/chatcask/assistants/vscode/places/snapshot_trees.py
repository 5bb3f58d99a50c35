"""Find the chats of a source in the trees of a snapshot, reading no tree that holds none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from chatcask.assistants.assistant import GroupTree, TreeReader
from chatcask.assistants.vscode.places.path_roles import session_of_name
from chatcask.assistants.vscode.places.snapshot_paths import (
    CHAT_LIST,
    CHATS,
    NO_WORKSPACE,
    OLDER_CHATS,
    STATE,
    TRANSCRIPTS,
    WORKSPACE_FILE,
    WORKSPACES,
    group_folder,
)
from chatcask.format.tree import EMPTY, Content, Entry, EntryKind


def group_trees(source: Content, tree: TreeReader) -> Iterator[tuple[str, str, Content]]:
    """Yield each group of a source that can hold chats: its name, its path below the source, its tree."""
    for entry in _folders(tree(source, "")):
        if entry.name == NO_WORKSPACE:
            yield NO_WORKSPACE, NO_WORKSPACE, entry.content
        elif entry.name == WORKSPACES:
            for workspace in _folders(tree(entry.content, WORKSPACES)):
                yield workspace.name, group_folder(workspace.name), workspace.content


def read_group(group: Content, tree: TreeReader) -> GroupTree:
    """Return what a group's tree holds; paths given to `tree` are those below the group."""
    entries = {entry.name: entry for entry in tree(group, "")}
    chats = _content(entries.get(CHATS), EntryKind.FOLDER)
    state = {entry.name: entry for entry in tree(_content(entries.get(STATE), EntryKind.FOLDER), STATE)}
    bodies, odd = [], []
    for entry in tree(chats, CHATS):
        if _is_body(entry):
            bodies.append(entry)
        else:
            odd.append(f"{CHATS}/{entry.name}")
    return GroupTree(
        chats=chats,
        bodies=tuple(bodies),
        odd=tuple(odd),
        workspace_file=_content(entries.get(WORKSPACE_FILE), EntryKind.FILE),
        older_chats=state.get(OLDER_CHATS),
        chat_list=_content(state.get(CHAT_LIST), EntryKind.FILE),
    )


def transcripts(group: Content, tree: TreeReader) -> Iterator[tuple[str, Entry]]:
    """Yield the transcripts of a group's chats, by the ids of the chats."""
    kept = next((entry for entry in tree(group, "") if entry.name == TRANSCRIPTS), None)
    for entry in tree(_content(kept, EntryKind.FOLDER), TRANSCRIPTS):
        session = session_of_name(entry.name)
        if session is not None and entry.kind is EntryKind.FILE:
            yield session, entry


def _is_body(entry: Entry) -> bool:
    return entry.kind is EntryKind.FILE and session_of_name(entry.name) is not None


def _folders(entries: Iterable[Entry]) -> Iterator[Entry]:
    return (entry for entry in entries if entry.kind is EntryKind.FOLDER)


def _content(entry: Entry | None, kind: EntryKind) -> Content:
    return entry.content if entry is not None and entry.kind is kind else EMPTY
