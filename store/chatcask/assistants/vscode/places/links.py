"""Which links in an editor's folder are followed: the one rule for looking, saving, restoring and fixing.

People move chats to another disk or into a folder that is synced, and leave a link. The editor follows it,
and so does chatcask, if the link and what it leads to belong to the owner of the editor's folder. Not
followed are a link that leads in a circle or nowhere, one to something of another user, and one into the
folder of another editor, which may run: its chats are saved and restored under its own name.
"""

from __future__ import annotations

import errno
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from chatcask.monitor import Problem

if TYPE_CHECKING:
    from chatcask.assistants.base import Source

_JUNCTION = 0xA0000003  # IO_REPARSE_TAG_MOUNT_POINT: a folder link of Windows that is no symbolic link
_LOOP = errno.ELOOP
_WINDOWS_LOOP = 1921  # ERROR_CANT_RESOLVE_FILENAME
_EDITORS_OWN = frozenset({"workspacestorage", "globalstorage", "profiles"})


class NotFollowedError(OSError):
    """A link that is not followed; the message says why."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.strerror = why


@dataclass(frozen=True, slots=True)
class Target:
    """What a path leads to: where it is in truth, and what it is there."""

    path: str
    found: os.stat_result


@dataclass(frozen=True, slots=True)
class Links:
    """The links of one editor's folder; nothing is touched before one is followed.

    Attributes:
        user_data_dir: The editor's folder.
    """

    user_data_dir: Path

    @classmethod
    def of(cls, source: Source) -> Links:
        """Return the links of a source."""
        return cls(source.user_data_dir)

    def target(self, path: str, found: os.stat_result | None = None) -> Target:
        """Return what a path leads to: itself, if it is no link.

        Args:
            path: A path below the editor's folder, of which the folder it lies in is followed already.
            found: What a stat gave that followed nothing, if there was one.

        Raises:
            NotFollowedError: it is a link that is not followed.
            OSError: it cannot be looked at, or nothing is there.
        """
        before = os.lstat(path) if found is None else found
        return self._followed(path, before) if is_link(before) else Target(path, before)

    def _followed(self, path: str, link: os.stat_result) -> Target:
        owner = self._user.stat().st_uid
        if link.st_uid != owner:
            raise NotFollowedError("it is a link of another user, which is not followed")
        folder = os.path.realpath(Path(path).parent)
        self._keep_out_of_others(os.path.normpath(Path(folder, Path(path).readlink())))
        try:
            real = os.path.realpath(path, strict=True)
            self._keep_out_of_others(real)
            found = os.lstat(real)
        except NotFollowedError:
            raise
        except (FileNotFoundError, NotADirectoryError):
            raise NotFollowedError("it is a link that leads nowhere; is a disk missing?") from None
        except OSError as error:
            is_circle = error.errno == _LOOP or getattr(error, "winerror", None) == _WINDOWS_LOOP
            why = "in a circle" if is_circle else f"where nobody can look: {error.strerror or error}"
            raise NotFollowedError(f"it is a link that leads {why}") from None
        if found.st_uid != owner:
            raise NotFollowedError("it is a link to something of another user, which is not followed")
        if _holds(real, folder):
            raise NotFollowedError("it is a link to a folder that it lies in itself, which is not followed")
        return Target(real, found)

    @property
    def _user(self) -> Path:
        return self.user_data_dir / "User"

    def _keep_out_of_others(self, path: str) -> None:
        """Refuse a path among another editor's chats, by its text alone: that editor may run."""
        parts = Path(path).parts
        for place, part in enumerate(parts[:-1]):
            if part.casefold() == "user" and parts[place + 1].casefold() in _EDITORS_OWN:
                other = Path(*parts[: place + 1])
                if not _is_same(other, self._user):
                    editor = other.parent
                    raise NotFollowedError(
                        f"it is a link into the folder of another editor, {editor}; name that folder instead"
                    )


def is_link(found: os.stat_result) -> bool:
    """Tell whether a stat that followed nothing is of a symbolic link or a junction."""
    return stat.S_ISLNK(found.st_mode) or getattr(found, "st_reparse_tag", 0) == _JUNCTION


def link_problem(logical: str, error: NotFollowedError) -> Problem:
    """Return the problem for a link at a logical path."""
    return Problem(logical, "link", str(error.strerror))


def _holds(folder: str, path: str) -> bool:
    """Tell whether a folder is a path, or holds it; both are without links."""
    outer, inner = os.path.normcase(folder), os.path.normcase(path)
    return inner == outer or inner.startswith(outer.rstrip(os.sep) + os.sep)


def _is_same(one: Path, other: Path) -> bool:
    """Tell whether two editors' `User` folders are one, without a look below them."""
    first, second = (os.path.normcase(os.path.realpath(path)) for path in (one, other))
    return first == second
