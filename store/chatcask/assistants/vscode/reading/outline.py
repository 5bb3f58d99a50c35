"""How far a log can be judged from its new lines alone: the turns there are, and the objects at its top.

A log that grew need not be replayed to know that no turn was lost and that the editor still opens it, if
every new line sets something at the top, inside an object at the top, or inside a turn that exists, or
appends turns. `extend` says so, or that only a replay can tell.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chatcask.assistants.vscode.reading.log import (
    DELETE,
    INITIAL,
    PUSH,
    SET,
    LogError,
    decode,
    is_entry,
    replay,
)
from chatcask.chats import jsontext

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chatcask.chats.jsontext import Json, JsonObject

_REQUESTS = "requests"


@dataclass(frozen=True, slots=True)
class Outline:
    """A sound log in short: how many turns, and which names at its top are objects."""

    turns: int
    objects: frozenset[str]


def outline_of(session: Json) -> Outline | None:
    """Return the outline of a replayed session; None when its turns are not plain objects in an array."""
    if not isinstance(session, dict):
        return None
    requests = session.get(_REQUESTS)
    if not isinstance(requests, list) or not all(isinstance(request, dict) for request in requests):
        return None
    return Outline(len(requests), frozenset(name for name, value in session.items() if _is_object(value)))


def extend(outline: Outline, tail: bytes) -> Outline | None:
    """Return the outline after whole new lines; None if only a replay can tell what they do."""
    if not tail.endswith(b"\n"):
        return None
    for line in filter(None, tail.split(b"\n")):
        try:
            entry = jsontext.loads(line.decode())
        except (jsontext.JsonTextError, UnicodeDecodeError):
            return None
        extended = _after(outline, entry) if is_entry(entry) else None
        if extended is None:
            return None
        outline = extended
    return outline


def outline_of_file(buffers: Iterable[bytes], file_name: str) -> Outline | None:
    """Return the outline of a session file; None if the editor would not open it."""
    try:
        if file_name.endswith(".jsonl"):
            return outline_of(replay(buffers))
        state = jsontext.loads(decode(b"".join(buffers))[0])
    except (LogError, jsontext.JsonTextError):
        return None
    return outline_of(state)


def takes_nothing_away(tail: bytes) -> bool:
    """Tell whether new lines of a log that is sound leave every turn where it was."""
    for line in filter(None, tail.split(b"\n")):
        try:
            entry = jsontext.loads(line.decode())
        except (jsontext.JsonTextError, UnicodeDecodeError):
            return False
        path = entry.get("k") if is_entry(entry) and entry["kind"] != INITIAL else None
        if not isinstance(path, list) or not path:
            return False
        appends = entry["kind"] == PUSH and len(path) == 1 and "i" not in entry
        if path[0] == _REQUESTS and len(path) < 3 and not appends:
            return False
    return True


def _after(outline: Outline, entry: JsonObject) -> Outline | None:
    path, kind = entry.get("k"), entry["kind"]
    if kind == INITIAL or not isinstance(path, list) or not path or not isinstance(path[0], str):
        return None
    if path[0] == _REQUESTS:
        return _after_turns(outline, kind, path, entry)
    if len(path) == 1 and kind in (SET, DELETE):
        is_object = kind == SET and _is_object(entry.get("v"))
        objects = outline.objects | {path[0]} if is_object else outline.objects - {path[0]}
        return Outline(outline.turns, objects)
    inside = len(path) == 2 and isinstance(path[1], str) and path[0] in outline.objects
    return outline if inside and kind in (SET, DELETE) else None


def _after_turns(outline: Outline, kind: int, path: list[Json], entry: JsonObject) -> Outline | None:
    if len(path) == 1:
        added = entry.get("v")
        if kind != PUSH or "i" in entry or not isinstance(added, list) or not all(map(_is_object, added)):
            return None
        return Outline(outline.turns + len(added), outline.objects)
    turn = path[1]
    exists = isinstance(turn, int) and not isinstance(turn, bool) and 0 <= turn < outline.turns
    # Appending to what a turn holds is safe only where that is an array: the response, which has to stay one.
    is_response = path[2:] == ["response"]
    is_array = kind != DELETE and isinstance(entry.get("v", [] if kind == PUSH else None), list)
    safe = is_array if is_response else kind in (SET, DELETE)
    return outline if exists and len(path) == 3 and isinstance(path[2], str) and safe else None


def _is_object(value: Json) -> bool:
    return isinstance(value, dict)
