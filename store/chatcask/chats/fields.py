"""Reading fields of objects that may hold anything under any name.

A chat file is written by many versions of an editor and by extensions, so every field may be missing or of
another type. These functions answer with a plain value or with nothing, and never raise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chatcask.chats.jsontext import Json, JsonObject

_MAX_SAFE = 2**53 - 1


def object_at(value: Json, *keys: str) -> JsonObject:
    """Return the object reached over `keys`, or an empty one."""
    found = value_at(value, *keys)
    return found if isinstance(found, dict) else {}


def array_at(value: Json, *keys: str) -> list[Json]:
    """Return the array reached over `keys`, or an empty one."""
    found = value_at(value, *keys)
    return found if isinstance(found, list) else []


def text_at(value: Json, *keys: str) -> str | None:
    """Return the string reached over `keys`, if there is one."""
    found = value_at(value, *keys)
    return found if isinstance(found, str) else None


def flag_at(value: Json, *keys: str) -> bool | None:
    """Return the boolean reached over `keys`, if there is one."""
    found = value_at(value, *keys)
    return found if isinstance(found, bool) else None


def whole_at(value: Json, *keys: str) -> int | None:
    """Return the number reached over `keys` as a whole number, if there is one within 53 bits."""
    found = value_at(value, *keys)
    if isinstance(found, bool) or not isinstance(found, int | float):
        return None
    return int(found) if -_MAX_SAFE <= found <= _MAX_SAFE else None


def value_at(value: Json, *keys: str) -> Json:
    """Return whatever is reached over `keys`, or None."""
    for key in keys:
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value


def markdown_text(value: Json) -> str | None:
    """Return the text of what is either a string or a markdown string object `{value}`."""
    if isinstance(value, str):
        return value
    return text_at(value, "value")


def uri_text(value: Json) -> str | None:
    """Return a URI as text.

    A URI is stored as `{"$mid": 1, scheme, authority, path, fsPath, external}`, where the last two are
    caches that may be missing (microsoft/vscode base/common/uri.ts); old data has plain strings.
    """
    if isinstance(value, str):
        return value
    external = text_at(value, "external")
    if external:
        return external
    path = text_at(value, "path")
    scheme = text_at(value, "scheme")
    if path is None or scheme is None:
        return text_at(value, "fsPath") or path
    authority = text_at(value, "authority")
    if authority or scheme == "file":
        return f"{scheme}://{authority or ''}{path}"
    return f"{scheme}:{path}"


def base_name(uri: str | None) -> str:
    """Return the last part of a URI or path, of either kind of slash."""
    if not uri:
        return ""
    return uri.replace("\\", "/").rstrip("/").rpartition("/")[2]
