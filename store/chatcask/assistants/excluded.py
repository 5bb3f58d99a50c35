"""Workspaces that nobody may look at: told by the folder that was open, against the patterns a person gave.

A pattern names a folder with all below it, whatever its case. `*` and `?` stand for part of a name, `**` for
any folders; one that does not begin at a root may begin anywhere. Folders of other machines are matched as
the editor writes them: `vscode-remote://...`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase

from chatcask.assistants.vscode.places.manifest import path_of
from chatcask.errors import InvalidInputError

_ROOTED = re.compile(r"/|[a-z]:|[a-z][a-z0-9+.-]*://|\*\*(/|$)")
_ANY = "**"


def is_excluded(patterns: Iterable[str], uri: str) -> bool:
    """Tell whether a workspace's folder, given as the editor writes it, is one of those or lies below one."""
    if not uri:
        return False
    path = _parts(_plain(uri))
    return any(_matches(path, _pattern(pattern)) for pattern in patterns)


def _plain(uri: str) -> str:
    """Return the path of a folder of a machine's own, or the whole of another URI."""
    try:
        return path_of(uri).as_posix()
    except InvalidInputError:
        from urllib.parse import unquote  # noqa: PLC0415 - few folders are of other machines

        return unquote(uri)


def _pattern(text: str) -> tuple[str, ...]:
    plain = text.replace("\\", "/")
    anywhere = "" if _ROOTED.match(plain.casefold()) else f"{_ANY}/"
    return tuple(part.replace("[", "[[]") for part in _parts(anywhere + plain))


def _parts(path: str) -> tuple[str, ...]:
    return tuple(part for part in path.casefold().split("/") if part)


def _matches(path: tuple[str, ...], pattern: tuple[str, ...]) -> bool:
    """Tell whether a pattern names the beginning of a path, or all of it."""
    if not pattern:
        return True
    if pattern[0] == _ANY:
        return any(_matches(path[start:], pattern[1:]) for start in range(len(path) + 1))
    return bool(path) and fnmatchcase(path[0], pattern[0]) and _matches(path[1:], pattern[1:])
