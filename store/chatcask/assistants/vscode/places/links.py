"""Which links in an editor's folder are followed: the one rule for looking, saving, restoring and fixing.

People move chats to another disk or into a folder that is synced, and leave a link. The editor follows it,
and so does chatcask, if the link and what it leads to belong to the owner of the editor's folder. Not
followed are a link that leads in a circle or nowhere, one to something of another user, and one into the
folder of another editor, which may run: its chats are saved and restored under its own name.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path

from chatcask.assistants.vscode.places.folders import NotFollowedError, Target

_WINDOWS_LOOP = 1921  # ERROR_CANT_RESOLVE_FILENAME
_EDITORS_OWN = frozenset({"workspacestorage", "globalstorage", "profiles"})


def followed(path: str, link: os.stat_result, user_data_dir: Path) -> Target:
    """Return what a link leads to.

    Args:
        path: The link; the folder it lies in is followed already.
        link: What a stat of it gave that followed nothing.
        user_data_dir: The editor's folder.

    Raises:
        NotFollowedError: the link is not followed.
        OSError: the editor's folder cannot be looked at.
    """
    user = user_data_dir / "User"
    owner = user.stat().st_uid
    if link.st_uid != owner:
        raise NotFollowedError("it is a link of another user, which is not followed")
    folder = os.path.realpath(Path(path).parent)
    _keep_out_of_others(os.path.normpath(Path(folder, Path(path).readlink())), user)
    real, found = _resolved(path)
    _keep_out_of_others(real, user)
    if found.st_uid != owner:
        raise NotFollowedError("it is a link to something of another user, which is not followed")
    if _holds(real, folder):
        raise NotFollowedError("it is a link to a folder that it lies in itself, which is not followed")
    return Target(real, found)


def _resolved(path: str) -> tuple[str, os.stat_result]:
    try:
        real = os.path.realpath(path, strict=True)
        return real, os.lstat(real)
    except (FileNotFoundError, NotADirectoryError):
        raise NotFollowedError("it is a link that leads nowhere; is a disk missing?") from None
    except OSError as error:
        is_circle = error.errno == errno.ELOOP or getattr(error, "winerror", None) == _WINDOWS_LOOP
        why = "in a circle" if is_circle else f"where nobody can look: {error.strerror or error}"
        raise NotFollowedError(f"it is a link that leads {why}") from None


def _keep_out_of_others(path: str, user: Path) -> None:
    """Refuse a path among another editor's chats, without a look at them: that editor may run."""
    parts = Path(path).parts
    for place, part in enumerate(parts[:-1]):
        if part.casefold() == "user" and parts[place + 1].casefold() in _EDITORS_OWN:
            other = Path(*parts[: place + 1])
            if not _is_same(other, user):
                raise NotFollowedError(
                    f"it is a link into the folder of another editor, {other.parent}; name that one instead"
                )


def _holds(folder: str, path: str) -> bool:
    """Tell whether a folder is a path, or holds it; both are without links."""
    outer, inner = os.path.normcase(folder), os.path.normcase(path)
    return inner == outer or inner.startswith(outer.rstrip(os.sep) + os.sep)


def _is_same(one: Path, other: Path) -> bool:
    """Tell whether two editors' `User` folders are one, without a look below them."""
    first, second = (os.path.normcase(os.path.realpath(path)) for path in (one, other))
    return first == second
