"""What tells one editor's folder from every other: the ids of its chats, and when it made its workspaces.

A workspace's id alone does not: for a folder on a server it is made of the address, so that two machines
have the same. Chats have random ids, and `workspace.json` is written once (microsoft/vscode storageMain.ts).
"""

from __future__ import annotations

from chatcask.assistants.base import Report, Source
from chatcask.assistants.groups import workspace_mark
from chatcask.assistants.vscode.places.chat_places import Watch, chat_ids, places


def marks_on_disk(source: Source, watch: Watch, report: Report) -> frozenset[str]:
    """Return the marks of a folder; its editor must be closed.

    Args:
        source: The editor's folder.
        watch: Asks the guard before each look at the disk.
        report: Takes what cannot be looked at.
    """
    found: set[str] = set()
    for place in places(source, watch, report):
        found |= chat_ids(place, watch, report)
        if place.made_ns:
            found.add(workspace_mark(place.workspace, place.made_ns))
    return frozenset(found)
