"""What tells one editor's folder from every other: the ids of its chats, and when it made its workspaces.

A workspace's id alone does not: for a folder on a server it is made of the address, so that two machines
have the same. Chats have random ids, and `workspace.json` is written once (microsoft/vscode storageMain.ts).
"""

from __future__ import annotations

from chatcask.assistants.assistant import TreeReader
from chatcask.assistants.base import Report, Source
from chatcask.assistants.vscode.places.chat_places import Watch, chat_ids, chat_places
from chatcask.assistants.vscode.places.path_roles import session_of_name
from chatcask.assistants.vscode.places.snapshot_paths import WORKSPACE_FILE
from chatcask.assistants.vscode.places.snapshot_trees import group_trees, read_group
from chatcask.format.tree import Content


def marks_on_disk(source: Source, watch: Watch, report: Report) -> frozenset[str]:
    """Return the marks of a folder; its editor must be closed.

    Args:
        source: The editor's folder.
        watch: Asks the guard before each look at the disk.
        report: Takes what cannot be looked at.
    """
    found: set[str] = set()
    for place in chat_places(source, watch, report):
        found |= chat_ids(place, watch, report)
        if place.made_ns:
            found.add(_workspace_mark(place.workspace, place.made_ns))
    return frozenset(found)


def marks_in_snapshot(source: Content, tree: TreeReader) -> frozenset[str]:
    """Return the marks that a snapshot has of a source, given the source's tree.

    Raises:
        DamagedError: a tree cannot be read.
    """
    found: set[str] = set()
    for name, folder, group in group_trees(source, tree):
        names = (session_of_name(entry.name) for entry in read_group(group, tree).bodies)
        found.update(session for session in names if session is not None)
        found |= {
            _workspace_mark(name, entry.mtime_ns)
            for entry in tree(group, folder)
            if entry.name == WORKSPACE_FILE
        }
    return frozenset(found)


def _workspace_mark(workspace: str, made_ns: int) -> str:
    return f"{workspace}/{made_ns}"
