"""Where a project folder is now that was renamed or moved: proved by its workspace's id.

The id is made from the old path and from what the folder itself keeps when it is renamed, its inode or its
time of birth (see `workspace_ids`). So a folder that gives the old id together with the old path is the one.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from chatcask.assistants.base import Family
from chatcask.assistants.vscode.places.workspace_ids import folder_id, id_at_path, path_of_uri

_MOST_SIBLINGS = 4096
"""So many folders beside the old path are tried, and no more."""


def folder_now(workspace: str, folder: str, known: Iterable[str], family: Family) -> Path | None:
    """Return where a workspace's folder is now; None if it is where it was, or nothing proves it.

    Args:
        workspace: The workspace's id.
        folder: URI of the folder that it had.
        known: URIs of folders that the editor knows.
        family: The kind of operating system.
    """
    old = path_of_uri(folder, family)
    if old is None or folder_id(Path(old), family) == workspace:
        return None
    elsewhere = (path_of_uri(uri, family) for uri in dict.fromkeys(known))
    candidates = [*(Path(path) for path in elsewhere if path), *_beside(Path(old))]
    for candidate in dict.fromkeys(candidates):
        if str(candidate) != old and id_at_path(old, candidate, family) == workspace:
            return candidate
    return None


def _beside(old: Path) -> Iterator[Path]:
    """Yield the folders beside the old path; where one above it was renamed, those in its place."""
    for above in old.parents:
        if above.is_dir():
            below = old.relative_to(above).parts[1:]
            for sibling in islice(_folders(above), _MOST_SIBLINGS):
                yield sibling.joinpath(*below)
            return


def _folders(above: Path) -> Iterator[Path]:
    try:
        with os.scandir(above) as scan:
            names = sorted(entry.path for entry in scan if entry.is_dir())
    except OSError:
        return
    yield from map(Path, names)
