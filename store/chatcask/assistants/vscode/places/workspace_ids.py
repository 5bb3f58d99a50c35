"""Which workspace id belongs to which folder.

An editor names the storage of a local folder by the MD5 of its path and a salt that changes when the folder
is made anew: the inode on Linux, the time of birth elsewhere (microsoft/vscode workspaces.ts). So a folder
that was moved, renamed or cloned again has another id, even at the same path.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from chatcask.assistants.base import Family

_DRIVE = re.compile(r"/?([A-Za-z]):")


def folder_id(folder: Path, family: Family) -> str | None:
    """Return the id that an editor gives to a local folder now; None if the folder cannot be looked at."""
    return id_at_path(os.path.abspath(folder), folder, family)  # noqa: PTH100 - must not resolve links


def id_at_path(path: str, folder: Path, family: Family) -> str | None:
    """Return the id that a folder would have if it stood at that path; None if it cannot be looked at."""
    try:
        found = os.stat(folder)  # noqa: PTH116
    except (OSError, ValueError):
        return None
    salt = _salt(found, family)
    if salt is None or not stat.S_ISDIR(found.st_mode):
        return None
    text = f"{_lower_drive(path) if family == 'windows' else path}{salt}"
    return hashlib.md5(text.encode("utf-8", "surrogateescape"), usedforsecurity=False).hexdigest()


def _salt(found: os.stat_result, family: Family) -> str | None:
    if family == "linux":
        return str(found.st_ino)
    born = getattr(found, "st_birthtime", None)
    if born is None and family == "windows":
        born = found.st_ctime  # the time of birth there, until Python has a name for it
    return None if born is None else str(int(born * 1000))


def uri_of_folder(folder: str, family: Family) -> str:
    r"""Return the URI of a local folder as an editor writes it: `file:///c%3A/projects/beacon`."""
    path = folder.replace("\\", "/") if family == "windows" else folder
    if family == "windows" and not path.startswith("/"):
        path = "/" + path
    return "file://" + quote(os.fsencode(_lower_drive(path)), safe="/-._~")


def path_of_uri(uri: str, family: Family) -> str | None:
    """Return the local path that a `file:` URI names; None for a folder on another machine."""
    try:
        parts = urlsplit(uri)
    except ValueError:
        return None
    if parts.scheme != "file" or parts.netloc not in ("", "localhost"):
        return None
    path = unquote(parts.path, errors="surrogateescape")
    if family == "windows" and _DRIVE.match(path):
        return path.lstrip("/")
    return path or None


def same_folder(one: str, other: str, family: Family) -> bool:
    """Tell whether two URIs name the same folder, as that system compares names."""
    return bool(one) and _comparable(one, family) == _comparable(other, family)


def _comparable(uri: str, family: Family) -> str:
    text = unquote(uri, errors="surrogateescape").rstrip("/")
    return text if family == "linux" else text.casefold()


def _lower_drive(path: str) -> str:
    match = _DRIVE.match(path)
    return path if match is None else path[: match.end() - 2] + match[1].lower() + path[match.end() - 1 :]
