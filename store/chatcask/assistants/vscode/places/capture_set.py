"""List what to capture of one source, lazily and under the names that `snapshot_paths` gives.

The guard must have said that the editor is closed. Each folder is read once, when its `list` is called, and
files are looked at only through what that reading gives. Symbolic links are never followed below a workspace,
profile or chat folder; the few fixed folders above them (`User`, `workspaceStorage`, `globalStorage`,
`profiles`) are opened as the editor opens them, because people do move them to another disk.

Every regular file in a `chatSessions` folder is taken, whatever its ending: editors and their users leave
copies there (`<id>.jsonl.bak`) that may be all that is left of a chat.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from chatcask.assistants.vscode.places.folders import (
    Entry,
    FoundFile,
    FoundFolder,
    FoundLink,
    FoundState,
    Item,
    Report,
    file_or_link,
    flat_items,
    is_link,
    problem_of,
    read_fixed_folder,
    read_folder,
    subfolder,
    tree_items,
)
from chatcask.assistants.vscode.places.locate import Source
from chatcask.assistants.vscode.places.snapshot_paths import (
    CHATS,
    EDITS,
    IMAGE_FOLDER,
    IMAGES,
    NO_WORKSPACE,
    PROFILES,
    TRANSCRIPTS,
    TRANSFERRED,
    WORKSPACE_FILE,
    WORKSPACES,
    group_folder,
)
from chatcask.assistants.vscode.state.database import GLOBAL_KEYS, WORKSPACE_KEYS
from chatcask.assistants.vscode.state.items import state_items
from chatcask.monitor import Problem

__all__ = [
    "FoundFile",
    "FoundFolder",
    "FoundLink",
    "FoundState",
    "Item",
    "capture_set",
    "workspace_name",
]

_COPILOT = "GitHub.copilot-chat"  # facts: microsoft/vscode sessionTranscriptService.ts


def capture_set(
    source: Source, report: Report, *, only_workspaces: frozenset[str] | None = None
) -> FoundFolder:
    """Return the root folder of a source, named by the source's id; nothing is touched until it is listed.

    Args:
        source: The user-data folder; its editor must be closed.
        report: Receives what cannot be taken, while folders are being listed.
        only_workspaces: Ids of the workspaces to list. With it, nothing but `workspaces` is listed, and an id
            that is not there is reported.
    """
    if only_workspaces is None:
        return FoundFolder(source.id, partial(_everything, str(source.user), report))
    storage = str(source.user / "workspaceStorage")
    return FoundFolder(source.id, partial(_only_workspaces, storage, report, only_workspaces))


def workspace_name(workspace_json: bytes) -> str:
    """Return the last part of the folder or workspace that a `workspace.json` names, or "" if unknown."""
    try:
        document = json.loads(workspace_json)
        uri = document.get("folder") or document.get("workspace")
        path = urlsplit(uri).path
    except (ValueError, AttributeError, TypeError, RecursionError):
        return ""
    return unquote(path.rstrip("/").rpartition("/")[2]) if isinstance(path, str) else ""


def _everything(user: str, report: Report) -> Iterator[Item]:
    """Yield the top folders of a source that has them, sorted by name."""
    entries = read_fixed_folder(user, "", report)
    found: list[Item | None] = []
    settings, storage, profiles = (
        entries.get(name) for name in ("globalStorage", "workspaceStorage", "profiles")
    )
    if settings is not None:
        found.append(FoundFolder(NO_WORKSPACE, partial(_empty_window, settings.path, report)))
    if storage is not None:
        found.append(_fixed_files(Path(storage.path, IMAGE_FOLDER), IMAGES, report, ""))
    if profiles is not None:
        found.append(FoundFolder(PROFILES, partial(_profiles, profiles.path, report)))
    if settings is not None:
        transferred = Path(settings.path, "transferredChatSessions")
        found.append(_fixed_files(transferred, TRANSFERRED, report, ".json"))
    if storage is not None:
        found.append(FoundFolder(WORKSPACES, partial(_workspaces, storage.path, report)))
    yield from (item for item in found if item is not None)


def _only_workspaces(storage: str, report: Report, wanted: frozenset[str]) -> Iterator[Item]:
    """Yield the folder of the wanted workspaces."""
    yield FoundFolder(WORKSPACES, partial(_picked, storage, report, wanted))


def _picked(path: str, report: Report, wanted: frozenset[str]) -> Iterator[Item]:
    """Yield the wanted workspaces and report those that are not there."""
    entries = read_fixed_folder(path, WORKSPACES, report)
    for name in sorted(wanted - entries.keys()):
        report(Problem(group_folder(name), "vanished", "the workspace was asked for and is not there"))
    yield from _workspace_folders([entry for entry in entries.values() if entry.name in wanted], report)


def _workspaces(path: str, report: Report) -> Iterator[Item]:
    """Yield every workspace; `no-workspace`, the old place of empty-window chats, is one of them."""
    yield from _workspace_folders(read_folder(path, WORKSPACES, report), report)


def _workspace_folders(entries: list[Entry], report: Report) -> Iterator[Item]:
    """Yield the workspaces among the entries of a `workspaceStorage` folder."""
    for entry in entries:
        if entry.name == IMAGE_FOLDER or _is_plain_file(entry):
            continue
        item = subfolder(
            entry, WORKSPACES, report, entry.name, lambda path, where: _workspace(path, where, report)
        )
        if item is not None:
            yield item


def _workspace(path: str, logical: str, report: Report) -> Iterator[Item]:
    """Yield what one workspace holds of ours, sorted by name."""
    entries = {entry.name: entry for entry in read_folder(path, logical, report)}
    found: list[Item | None] = []
    if "chatEditingSessions" in entries:
        found.append(_folder(entries["chatEditingSessions"], logical, report, EDITS, tree_items))
    if "chatSessions" in entries:
        found.append(_folder(entries["chatSessions"], logical, report, CHATS, flat_items))
    found.extend(state_items(entries, logical, report, WORKSPACE_KEYS))
    if _COPILOT in entries:
        found.append(_transcripts(entries[_COPILOT], logical, report))
    if WORKSPACE_FILE in entries:
        found.append(file_or_link(entries[WORKSPACE_FILE], logical, report))
    yield from (item for item in found if item is not None)


def _transcripts(copilot: Entry, logical: str, report: Report) -> Item | None:
    """Return the folder of the extension's transcripts, if it has one."""
    if not _is_plain_folder(copilot):
        return None
    entries = read_fixed_folder(copilot.path, f"{logical}/{TRANSCRIPTS}", report)
    if "transcripts" not in entries:
        return None
    items = partial(flat_items, suffix=".jsonl")
    return _folder(entries["transcripts"], logical, report, TRANSCRIPTS, items)


def _empty_window(path: str, report: Report) -> Iterator[Item]:
    """Yield the chats of windows without a folder (facts: microsoft/vscode chatSessionStore.ts)."""
    logical = NO_WORKSPACE
    entries = read_fixed_folder(path, logical, report)
    chats = entries.get("emptyWindowChatSessions")
    if chats is not None:
        item = _folder(chats, logical, report, CHATS, flat_items)
        if item is not None:
            yield item
    yield from state_items(entries, logical, report, GLOBAL_KEYS)


def _fixed_files(path: Path, name: str, report: Report, suffix: str) -> Item | None:
    """Return a folder of files under a fixed name, if it is there."""
    try:
        found = os.lstat(path)
    except OSError as error:
        if not isinstance(error, FileNotFoundError):
            report(problem_of(name, error))
        return None
    if is_link(found):
        return FoundLink(name, str(path), found.st_mtime_ns)
    return FoundFolder(name, partial(flat_items, str(path), name, report, suffix))


def _profiles(path: str, report: Report) -> Iterator[Item]:
    """Yield every profile; those of `builtin` lie one level deeper (facts: userDataProfile.ts)."""
    for entry in read_folder(path, PROFILES, report):
        if _is_plain_file(entry):
            continue
        items = _builtin_profiles if entry.name == "builtin" else _profile
        found = _folder(entry, PROFILES, report, entry.name, items)
        if found is not None:
            yield found


def _builtin_profiles(path: str, logical: str, report: Report) -> Iterator[Item]:
    """Yield the profiles below `profiles/builtin`."""
    for entry in read_folder(path, logical, report):
        found = None if _is_plain_file(entry) else _folder(entry, logical, report, entry.name, _profile)
        if found is not None:
            yield found


def _profile(path: str, logical: str, report: Report) -> Iterator[Item]:
    """Yield the state rows of one profile."""
    entries = read_fixed_folder(str(Path(path, "globalStorage")), logical, report)
    yield from state_items(entries, logical, report, GLOBAL_KEYS)


class _Items(Protocol):
    """Lists a folder given its path on disk and its logical path."""

    def __call__(self, path: str, logical: str, report: Report) -> Iterator[Item]: ...


def _folder(entry: Entry, logical: str, report: Report, name: str, items: _Items) -> Item | None:
    """Return a folder entry under a fixed name."""
    return subfolder(entry, logical, report, name, lambda path, where: items(path, where, report))


def _is_plain_file(entry: Entry) -> bool:
    try:
        return entry.is_file(follow_symlinks=False)
    except OSError:
        return False


def _is_plain_folder(entry: Entry) -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False
