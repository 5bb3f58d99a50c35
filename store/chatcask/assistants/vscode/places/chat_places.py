"""The places in an editor's folder that hold chats: each workspace, and the windows without a folder.

The guard must have said that the editor is closed; it is asked again before every look at the disk.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from chatcask.advice import Advice, AdviceCode
from chatcask.assistants.base import NO_WORKSPACE, WORKSPACE_FILE_LIMIT, Report, Source
from chatcask.assistants.editing import Place
from chatcask.assistants.vscode.places.folders import (
    NotFollowedError,
    Walk,
    link_problem,
    read_fixed_folder,
    target_of,
)
from chatcask.assistants.vscode.places.path_roles import session_of_name
from chatcask.assistants.vscode.places.snapshot_paths import (
    CHATS,
    EDITS,
    IMAGE_FOLDER,
    OLD_EMPTY_WINDOW,
    WORKSPACE_FILE,
    WORKSPACES,
    chats_folder,
    edits_folder,
    group_folder,
)
from chatcask.assistants.vscode.places.workspace_file import folder_uri
from chatcask.assistants.vscode.state.items import BACKUP, DATABASE
from chatcask.chats.sync_names import id_before_mark
from chatcask.disk.durable import TEMPORARY_PREFIX
from chatcask.errors import InvalidInputError, RestoreRefusedError

Watch = Callable[[], None]


@dataclass(frozen=True, slots=True)
class ChatPlace:
    """Where chats and the database that lists them are: an `editing.Place`.

    Attributes:
        source: The source's id.
        workspace: The workspace's id, or `NO_WORKSPACE`.
        storage: The folder of the database. This and the next two are where a link leads that is followed.
        sessions: The folder of the chats; it need not exist.
        edits: The folder of the edits that chats made to files; it need not exist.
        user_data_dir: The editor's folder, whose owner's links are followed.
        folder: URI of the folder or workspace that was open, or "".
        made_ns: When the editor made the place: the time of its `workspace.json`, which is written once
            (microsoft/vscode storageMain.ts).
        used_ns: When its database was last written; 0 if it has none.
    """

    source: str
    workspace: str
    storage: Path
    sessions: Path
    edits: Path
    user_data_dir: Path
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
    def logical(self) -> str:
        """The place's path in snapshots, below the source."""
        return group_folder(self.workspace)

    def session_path(self, name: str) -> str:
        """Return the path in snapshots of a chat file."""
        return f"{chats_folder(self.workspace)}/{name}"

    def edits_path(self, session: str) -> str:
        """Return the path in snapshots of the edits that a chat made to files."""
        return edits_folder(self.workspace, session)

    def logical_path(self, path: str) -> Path:
        """Return where a file of this place lies, given its path in snapshots below the source.

        Raises:
            InvalidInputError: it is not a path of this place, or could lead out of it.
            RestoreRefusedError: a link is on the way that is not followed.
        """
        inside = path.removeprefix(f"{self.logical}/").split("/")
        folders = {CHATS: self.sessions, EDITS: self.edits}
        is_plain = all(part not in ("", ".", "..") and "\\" not in part for part in inside)
        if not path.startswith(f"{self.logical}/") or inside[0] not in folders or not is_plain:
            raise InvalidInputError(f"{path!r} is not the path of a chat's file")
        found = self._followed(folders[inside[0]])
        for part in inside[1:]:
            found = self._followed(found / part)
        return found

    def session_file(self, name: str) -> Path:
        """Return where a chat file lies, or would lie: where its link leads, if it is one.

        Raises:
            RestoreRefusedError: it is a link that is not followed.
        """
        return self._followed(self._followed(self.sessions) / name)

    def _followed(self, path: Path) -> Path:
        """Return where a path of this place leads; itself, if nothing is there."""
        try:
            return Path(target_of(str(path), self.user_data_dir).path)
        except NotFollowedError as error:
            raise RestoreRefusedError(
                f"{path} cannot be used: {error.strerror}", advice=Advice(AdviceCode.MUST_BE_READABLE)
            ) from error
        except OSError:
            return path

    @property
    def name(self) -> str:
        """What a person calls the place."""
        if self.workspace == NO_WORKSPACE:
            return NO_WORKSPACE
        return unquote(self.folder).removeprefix("file://") or self.workspace

    def transcript(self, session: str) -> Path:
        """Return where the Copilot extension keeps its own record of a chat (sessionTranscriptService.ts)."""
        return self.storage / "GitHub.copilot-chat" / "transcripts" / f"{session}.jsonl"


def places(source: Source, watch: Watch, report: Report) -> tuple[ChatPlace, ...]:
    """Return the places of a source that exist and are not excluded, workspaces first, sorted by id.

    Args:
        source: The editor's folder.
        watch: Asks the guard before each look at the disk.
        report: Takes what cannot be looked at, and links that are not followed; its path is the one in
            snapshots. The rest is looked at.
    """
    look = _Look(source.id, Walk(report, source.user_data_dir, source.excluded), watch)
    storage = source.user / "workspaceStorage"
    watch()
    entries = read_fixed_folder(str(storage), WORKSPACES, report).values()
    found = [_workspace(look, each) for each in entries if each.name not in (OLD_EMPTY_WINDOW, IMAGE_FOLDER)]
    there = sorted((place for place in found if place is not None), key=lambda place: place.workspace)
    settings = source.user / "globalStorage"
    watch()
    if os.path.isdir(settings):  # noqa: PTH112 - never raises
        there.append(_place(look, NO_WORKSPACE, settings, "emptyWindowChatSessions"))
    return tuple(there)


@dataclass(frozen=True, slots=True)
class _Look:
    """One look at the places of a source."""

    source: str
    walk: Walk
    watch: Watch


def _workspace(look: _Look, entry: os.DirEntry[str]) -> ChatPlace | None:
    look.watch()
    target = look.walk.target(entry, group_folder(entry.name))
    if target is None or not stat.S_ISDIR(target.found.st_mode):
        return None
    if look.walk.excluded:
        from chatcask.assistants.excluded import is_excluded  # noqa: PLC0415 - few exclude any

        if is_excluded(look.walk.excluded, _folder_uri(Path(target.path) / WORKSPACE_FILE)):
            return None
    return _place(look, entry.name, Path(target.path), "chatSessions")


def _place(look: _Look, workspace: str, storage: Path, sessions: str) -> ChatPlace:
    look.watch()
    description = storage / WORKSPACE_FILE
    is_workspace = workspace != NO_WORKSPACE
    return ChatPlace(
        source=look.source,
        workspace=workspace,
        storage=storage,
        sessions=_subfolder(look, storage / sessions, chats_folder(workspace)),
        edits=_subfolder(look, storage / "chatEditingSessions", f"{group_folder(workspace)}/{EDITS}"),
        user_data_dir=look.walk.user_data_dir,
        folder=_folder_uri(description) if is_workspace else "",
        made_ns=_mtime_ns(description) if is_workspace else 0,
        used_ns=_mtime_ns(storage / DATABASE),
    )


def _subfolder(look: _Look, path: Path, where: str) -> Path:
    """Return where a folder of a place is; a link that is not followed is reported, and never used."""
    try:
        return Path(target_of(str(path), look.walk.user_data_dir).path)
    except NotFollowedError as error:
        look.walk.report(link_problem(where, error))
    except OSError:
        pass  # it need not exist, and whoever reads it says what is wrong with it
    return path


def place_that_was(source: Source, workspace: str, folder: str) -> ChatPlace:
    """Return a workspace whose folder is gone, as it would be; `folder` is the URI that it was for."""
    storage = source.user / "workspaceStorage" / workspace
    return ChatPlace(
        source=source.id,
        workspace=workspace,
        storage=storage,
        sessions=storage / CHATS,
        edits=storage / EDITS,
        user_data_dir=source.user_data_dir,
        folder=folder,
        made_ns=0,
        used_ns=0,
    )


def chat_ids(place: Place, watch: Watch, report: Report) -> frozenset[str]:
    """Return the ids of the chats that something in a place is named after; it need not be a plain file."""
    watch()
    try:
        sessions = place.session_file("")
    except RestoreRefusedError:
        return frozenset()  # it was reported when the place was found
    names = read_fixed_folder(str(sessions), chats_folder(place.workspace), report)
    own = (session_of_name(name) for name in names if not name.startswith(TEMPORARY_PREFIX))
    return frozenset(session for session in own if session is not None and id_before_mark(session) is None)


def _folder_uri(description: Path) -> str:
    try:
        with description.open("rb") as file:
            return folder_uri(file.read(WORKSPACE_FILE_LIMIT))
    except OSError:
        return ""


def _mtime_ns(path: Path) -> int:
    try:
        return os.stat(path).st_mtime_ns  # noqa: PTH116
    except OSError:
        return 0
