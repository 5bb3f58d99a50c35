"""List what to capture of one source, lazily and under the names that `snapshot_paths` gives.

The guard must have said that the editor is closed. Each folder is read once, when its `list` is called, and
files are looked at only through what that reading gives. Links are followed by the rule of `links`; the few
fixed folders at the top (`User`, `workspaceStorage`, `globalStorage`, `profiles`) are opened as the editor
opens them.

Every regular file in a `chatSessions` folder is captured, whatever its ending: editors and their users leave
copies there (`<id>.jsonl.bak`) that may be all that is left of a chat.
"""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Protocol

from chatcask.assistants.base import (
    NO_WORKSPACE,
    WORKSPACE_FILE_LIMIT,
    FoundFile,
    FoundFolder,
    FoundState,
    Item,
    Report,
    Source,
)
from chatcask.assistants.vscode.places.folders import (
    Entry,
    Walk,
    flat_items,
    plain_file,
    problem_of,
    read_fixed_folder,
    read_folder,
    subfolder,
    target_of,
    tree_items,
)
from chatcask.assistants.vscode.places.snapshot_paths import (
    CHATS,
    EDITS,
    IMAGE_FOLDER,
    IMAGES,
    PROFILES,
    TRANSCRIPTS,
    TRANSFERRED,
    WORKSPACE_FILE,
    WORKSPACES,
    group_folder,
)
from chatcask.assistants.vscode.state.items import GLOBAL_KEYS, WORKSPACE_KEYS, state_items
from chatcask.monitor import Problem

__all__ = [
    "FoundFile",
    "FoundFolder",
    "FoundState",
    "Item",
    "capture_set",
]

_COPILOT = "GitHub.copilot-chat"  # facts: microsoft/vscode sessionTranscriptService.ts


def capture_set(
    source: Source,
    report: Report,
    *,
    only_workspaces: frozenset[str] | None = None,
    passed_over: Callable[[str], None] = lambda _: None,
) -> FoundFolder:
    """Return the root folder of a source, named by the source's id; nothing is touched until it is listed.

    Args:
        source: The user-data folder; its editor must be closed.
        report: Receives what cannot be captured, while folders are being listed.
        only_workspaces: Ids of the workspaces to list. With it, nothing but `workspaces` is listed, and an id
            that is not there is reported.
        passed_over: Told of the ids of workspaces that are excluded; nothing but which folder was open is
            read of them.
    """
    walk = Walk(report, source.user_data_dir, source.excluded, passed_over)
    if only_workspaces is None:
        return FoundFolder(source.id, partial(_everything, str(source.user), walk))
    storage = str(source.user / "workspaceStorage")
    return FoundFolder(source.id, partial(_only_workspaces, storage, walk, only_workspaces))


def _everything(user: str, walk: Walk) -> Iterator[Item]:
    """Yield the top folders of a source that has them, sorted by name."""
    entries = read_fixed_folder(user, "", walk.report)
    found: list[Item | None] = []
    settings, storage, profiles = (
        entries.get(name) for name in ("globalStorage", "workspaceStorage", "profiles")
    )
    if settings is not None:
        found.append(FoundFolder(NO_WORKSPACE, partial(_empty_window, settings.path, walk)))
    if storage is not None:
        found.append(_fixed_files(Path(storage.path, IMAGE_FOLDER), IMAGES, walk, ""))
    if profiles is not None:
        found.append(FoundFolder(PROFILES, partial(_profiles, profiles.path, walk)))
    if settings is not None:
        transferred = Path(settings.path, "transferredChatSessions")
        found.append(_fixed_files(transferred, TRANSFERRED, walk, ".json"))
    if storage is not None:
        found.append(FoundFolder(WORKSPACES, partial(_workspaces, storage.path, walk)))
    yield from (item for item in found if item is not None)


def _only_workspaces(storage: str, walk: Walk, wanted: frozenset[str]) -> Iterator[Item]:
    """Yield the folder of the wanted workspaces."""
    yield FoundFolder(WORKSPACES, partial(_picked, storage, walk, wanted))


def _picked(path: str, walk: Walk, wanted: frozenset[str]) -> Iterator[Item]:
    """Yield the wanted workspaces and report those that are not there."""
    entries = read_fixed_folder(path, WORKSPACES, walk.report)
    for name in sorted(wanted - entries.keys()):
        walk.report(Problem(group_folder(name), "vanished", "the workspace was asked for and is not there"))
    yield from _workspace_folders([entry for entry in entries.values() if entry.name in wanted], walk)


def _workspaces(path: str, walk: Walk) -> Iterator[Item]:
    """Yield every workspace; `no-workspace`, the old place of empty-window chats, is one of them."""
    yield from _workspace_folders(read_folder(path, WORKSPACES, walk.report), walk)


def _workspace_folders(entries: list[Entry], walk: Walk) -> Iterator[Item]:
    """Yield the workspaces among the entries of a `workspaceStorage` folder."""
    for entry in entries:
        if entry.name == IMAGE_FOLDER or _is_plain_file(entry):
            continue
        if walk.excluded and _is_excluded(entry, walk):
            walk.passed_over(entry.name)
            continue
        item = subfolder(
            entry, WORKSPACES, walk, entry.name, lambda path, where: _workspace(path, where, walk)
        )
        if item is not None:
            yield item


def _is_excluded(entry: Entry, walk: Walk) -> bool:
    """Tell whether a workspace is excluded; while that cannot be known, it is, and that is reported."""
    from chatcask.assistants.excluded import is_excluded  # noqa: PLC0415 - few exclude any
    from chatcask.assistants.vscode.places.workspace_file import folder_uri  # noqa: PLC0415

    try:
        folder = target_of(entry.path, walk.user_data_dir)
        file = target_of(str(Path(folder.path, WORKSPACE_FILE)), walk.user_data_dir)
        with Path(file.path).open("rb") as opened:
            return is_excluded(walk.excluded, folder_uri(opened.read(WORKSPACE_FILE_LIMIT)))
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        walk.report(problem_of(group_folder(entry.name), error))
        return True


def _workspace(path: str, logical: str, walk: Walk) -> Iterator[Item]:
    """Yield what one workspace holds of ours, sorted by name."""
    entries = {entry.name: entry for entry in read_folder(path, logical, walk.report)}
    found: list[Item | None] = []
    if "chatEditingSessions" in entries:
        found.append(_folder(entries["chatEditingSessions"], logical, walk, EDITS, tree_items))
    if "chatSessions" in entries:
        found.append(_folder(entries["chatSessions"], logical, walk, CHATS, flat_items))
    found.extend(state_items(entries, logical, walk, WORKSPACE_KEYS))
    if _COPILOT in entries:
        found.append(_transcripts(entries[_COPILOT], logical, walk))
    if WORKSPACE_FILE in entries:
        found.append(plain_file(entries[WORKSPACE_FILE], logical, walk))
    yield from (item for item in found if item is not None)


def _transcripts(copilot: Entry, logical: str, walk: Walk) -> Item | None:
    """Return the folder of the extension's transcripts, if it has one."""
    where = f"{logical}/{TRANSCRIPTS}"
    target = walk.target(copilot, where)
    if target is None or not stat.S_ISDIR(target.found.st_mode):
        return None
    entries = read_fixed_folder(target.path, where, walk.report)
    if "transcripts" not in entries:
        return None
    items = partial(flat_items, suffix=".jsonl")
    return _folder(entries["transcripts"], logical, walk, TRANSCRIPTS, items)


def _empty_window(path: str, walk: Walk) -> Iterator[Item]:
    """Yield the chats of windows without a folder (facts: microsoft/vscode chatSessionStore.ts)."""
    logical = NO_WORKSPACE
    entries = read_fixed_folder(path, logical, walk.report)
    chats = entries.get("emptyWindowChatSessions")
    if chats is not None:
        item = _folder(chats, logical, walk, CHATS, flat_items)
        if item is not None:
            yield item
    yield from state_items(entries, logical, walk, GLOBAL_KEYS)


def _fixed_files(path: Path, name: str, walk: Walk, suffix: str) -> Item | None:
    """Return a folder of files under a fixed name, if it is there."""
    try:
        target = target_of(str(path), walk.user_data_dir)
    except OSError as error:
        if not isinstance(error, FileNotFoundError):
            walk.report(problem_of(name, error))
        return None
    return FoundFolder(name, partial(flat_items, target.path, name, walk, suffix))


def _profiles(path: str, walk: Walk) -> Iterator[Item]:
    """Yield every profile; those of `builtin` lie one level deeper (facts: userDataProfile.ts)."""
    for entry in read_folder(path, PROFILES, walk.report):
        if _is_plain_file(entry):
            continue
        items = _builtin_profiles if entry.name == "builtin" else _profile
        found = _folder(entry, PROFILES, walk, entry.name, items)
        if found is not None:
            yield found


def _builtin_profiles(path: str, logical: str, walk: Walk) -> Iterator[Item]:
    """Yield the profiles below `profiles/builtin`."""
    for entry in read_folder(path, logical, walk.report):
        found = None if _is_plain_file(entry) else _folder(entry, logical, walk, entry.name, _profile)
        if found is not None:
            yield found


def _profile(path: str, logical: str, walk: Walk) -> Iterator[Item]:
    """Yield the state rows of one profile."""
    entries = read_fixed_folder(str(Path(path, "globalStorage")), logical, walk.report)
    yield from state_items(entries, logical, walk, GLOBAL_KEYS)


class _Items(Protocol):
    """Lists a folder given its path on disk and its logical path."""

    def __call__(self, path: str, logical: str, walk: Walk) -> Iterator[Item]: ...


def _folder(entry: Entry, logical: str, walk: Walk, name: str, items: _Items) -> Item | None:
    """Return a folder entry under a fixed name."""
    return subfolder(entry, logical, walk, name, lambda path, where: items(path, where, walk))


def _is_plain_file(entry: Entry) -> bool:
    try:
        return entry.is_file(follow_symlinks=False)
    except OSError:
        return False
