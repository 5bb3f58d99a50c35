"""The places in an editor's folder that hold chats: each workspace, and the windows without a folder.

The guard must have said that the editor is closed; it is asked again before every look at the disk.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from chatcask.assistants.vscode.places.folders import Report, read_fixed_folder
from chatcask.assistants.vscode.places.locate import Source
from chatcask.assistants.vscode.places.path_roles import session_of_name
from chatcask.assistants.vscode.places.snapshot_paths import (
    CHATS,
    EDITS,
    IMAGE_FOLDER,
    NO_WORKSPACE,
    WORKSPACE_FILE,
    WORKSPACES,
    chats_folder,
    edits_folder,
    group_folder,
)
from chatcask.assistants.vscode.state.items import BACKUP, DATABASE
from chatcask.disk.durable import TEMPORARY_PREFIX
from chatcask.errors import InvalidInputError
from chatcask.monitor import Problem

OLD_EMPTY_WINDOW = "no-workspace"
"""The older place of their chats; it is only read (microsoft/vscode chatSessionStore.ts)."""

_WORKSPACE_JSON_LIMIT = 64 * 1024

Watch = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Place:
    """Where chats and the database that lists them are.

    Attributes:
        source: The source's id.
        workspace: The workspace's id, or `NO_WORKSPACE`.
        storage: The folder of the database.
        sessions: The folder of the chats; it need not exist.
        folder: URI of the folder or workspace that was open, or "".
        made_ns: When the editor made the place: the time of its `workspace.json`, which is written once
            (microsoft/vscode storageMain.ts).
        used_ns: When its database was last written; 0 if it has none.
    """

    source: str
    workspace: str
    storage: Path
    sessions: Path
    folder: str
    made_ns: int
    used_ns: int

    @property
    def database(self) -> Path:
        """The database that lists the chats."""
        return self.storage / DATABASE

    @property
    def backup(self) -> Path:
        """The copy of the database that the editor made when it was closed last."""
        return self.storage / BACKUP

    @property
    def edits(self) -> Path:
        """The folder of the edits that chats made to files."""
        return self.storage / "chatEditingSessions"

    @property
    def logical(self) -> str:
        """The place's path in snapshots, below the source."""
        return group_folder(self.workspace)

    def session_path(self, name: str) -> str:
        """Return the path in snapshots of a session file."""
        return f"{chats_folder(self.workspace)}/{name}"

    def edits_path(self, session: str) -> str:
        """Return the path in snapshots of the edits that a chat made to files."""
        return edits_folder(self.workspace, session)

    def logical_path(self, path: str) -> Path:
        """Return where a file of this place lies, given its path in snapshots below the source.

        Raises:
            InvalidInputError: it is not a path of this place, or could lead out of it.
        """
        inside = path.removeprefix(f"{self.logical}/").split("/")
        folders = {CHATS: self.sessions, EDITS: self.edits}
        is_plain = all(part not in ("", ".", "..") and "\\" not in part for part in inside)
        if not path.startswith(f"{self.logical}/") or inside[0] not in folders or not is_plain:
            raise InvalidInputError(f"{path!r} is not the path of a chat's file")
        return folders[inside[0]].joinpath(*inside[1:])

    @property
    def name(self) -> str:
        """What a person calls the place."""
        if self.workspace == NO_WORKSPACE:
            return NO_WORKSPACE
        return unquote(self.folder).removeprefix("file://") or self.workspace

    def transcript(self, session: str) -> Path:
        """Return where the Copilot extension keeps its own record of a chat (sessionTranscriptService.ts)."""
        return self.storage / "GitHub.copilot-chat" / "transcripts" / f"{session}.jsonl"


def chat_places(source: Source, watch: Watch, report: Report) -> tuple[Place, ...]:
    """Return the places of a source that exist, workspaces first, sorted by id.

    Args:
        source: The editor's folder.
        watch: Asks the guard before each look at the disk.
        report: Takes what cannot be looked at; its path is the one in snapshots. The rest is looked at.
    """
    storage = source.user / "workspaceStorage"
    watch()
    places = [
        _workspace(source, storage / entry.name, watch)
        for entry in read_fixed_folder(str(storage), WORKSPACES, report).values()
        if entry.name not in (OLD_EMPTY_WINDOW, IMAGE_FOLDER) and _is_folder(entry, watch, report)
    ]
    places.sort(key=lambda place: place.workspace)
    settings = source.user / "globalStorage"
    watch()
    if os.path.isdir(settings):  # noqa: PTH112 - never raises
        sessions = settings / "emptyWindowChatSessions"
        used = _mtime_ns(settings / DATABASE)
        places.append(Place(source.id, NO_WORKSPACE, settings, sessions, "", 0, used))
    return tuple(places)


def _is_folder(entry: os.DirEntry[str], watch: Watch, report: Report) -> bool:
    """Tell whether an entry is a folder or a link to one; one that leads nowhere is reported."""
    watch()
    try:
        return stat.S_ISDIR(entry.stat().st_mode)
    except OSError as error:
        why = "it is a link that leads nowhere" if entry.is_symlink() else error.strerror or str(error)
        report(Problem(group_folder(entry.name), "unreadable", why))
        return False


def _workspace(source: Source, storage: Path, watch: Watch) -> Place:
    watch()
    description = storage / WORKSPACE_FILE
    return Place(
        source=source.id,
        workspace=storage.name,
        storage=storage,
        sessions=storage / "chatSessions",
        folder=_folder_uri(description),
        made_ns=_mtime_ns(description),
        used_ns=_mtime_ns(storage / DATABASE),
    )


def chat_ids(place: Place, watch: Watch, report: Report) -> frozenset[str]:
    """Return the ids of the chats that something in a place is named after; it need not be a plain file."""
    watch()
    names = read_fixed_folder(str(place.sessions), chats_folder(place.workspace), report)
    own = (session_of_name(name) for name in names if not name.startswith(TEMPORARY_PREFIX))
    return frozenset(session for session in own if session is not None)


def _folder_uri(description: Path) -> str:
    try:
        with description.open("rb") as file:
            document = json.loads(file.read(_WORKSPACE_JSON_LIMIT))
    except (OSError, ValueError, RecursionError):
        return ""
    if not isinstance(document, dict):
        return ""
    uri = document.get("folder") or document.get("workspace")
    return uri if isinstance(uri, str) else ""


def _mtime_ns(path: Path) -> int:
    try:
        return os.stat(path).st_mtime_ns  # noqa: PTH116
    except OSError:
        return 0
