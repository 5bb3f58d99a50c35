"""What a bundle says of the folder that a workspace was for: its own name, not where it lay."""

from __future__ import annotations

import json
from urllib.parse import quote, unquote, urlsplit

_FIELDS = ("folder", "workspace")
_PARENTS_OF_HOMES = frozenset({"home", "users"})
_HOME = "home"


def reduce_workspace(data: bytes) -> bytes:
    """Return a `workspace.json` that names the folder and nothing above it; `{}` if none can be read.

    A folder directly below `/home` or `/Users` has a user's name and is called `home`.
    """
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return b"{}"
    if not isinstance(document, dict):
        return b"{}"
    named = next((name for name in _FIELDS if isinstance(document.get(name), str)), None)
    if named is None:
        return b"{}"
    return json.dumps({named: f"file:///{quote(_folder_name(document[named]))}"}).encode()


def _folder_name(uri: str) -> str:
    try:
        path = unquote(urlsplit(uri).path, errors="replace")
    except ValueError:
        return ""
    parts = [part for part in path.replace("\\", "/").split("/") if part]
    is_home = parts == ["root"] or (len(parts) > 1 and parts[-2].lower() in _PARENTS_OF_HOMES)
    return _HOME if is_home else "".join(parts[-1:])
