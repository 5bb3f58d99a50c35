"""How far a log can be judged from its new lines alone: its turns and their answers, the objects at its top.

A log that grew need not be replayed to know that no turn was lost and that the editor still opens it, if
every new line sets something at the top, inside an object at the top, or inside a turn that exists, or
appends turns. What happens to the turns that the lines themselves append is replayed, which needs no older
line. `extend` says what the log holds then, or that only a replay of all of it can tell.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chatcask.assistants.vscode.reading.log import (
    DELETE,
    INITIAL,
    MAX_HOLES,
    PUSH,
    SET,
    LogError,
    apply_entry,
    decode,
    is_entry,
    replay,
)
from chatcask.assistants.vscode.reading.parts import read_part
from chatcask.chats import jsontext
from chatcask.chats.fields import array_at, text_at
from chatcask.chats.model import CUT_MARK
from chatcask.chats.outline import Outline
from chatcask.chats.summary import says_something

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chatcask.chats.jsontext import Json, JsonObject

_REQUESTS = "requests"
_CUT = CUT_MARK.encode()
_TEXTS = ("message", "response")


def outline_of(session: Json) -> Outline | None:
    """Return the outline of a replayed chat; None when its turns are not plain objects in an array."""
    if not isinstance(session, dict):
        return None
    requests = session.get(_REQUESTS)
    if not isinstance(requests, list) or not all(isinstance(request, dict) for request in requests):
        return None
    return Outline(
        turns=len(requests),
        objects=frozenset(name for name, value in session.items() if _is_object(value)),
        unanswered=frozenset(place for place, request in enumerate(requests) if not _is_answered(request)),
        unasked=sum(not _prompt_length(request) for request in requests),
        text=sum(map(_text_length, requests)),
    )


def may_hide_cuts(data: bytes) -> bool:
    """Tell whether bytes hold the editor's mark of truncation, so that only reading the chat can tell."""
    return _CUT in data


def extend(outline: Outline, tail: bytes) -> Outline | None:
    """Return the outline after whole new lines; None if only a replay can tell what they do."""
    if not tail.endswith(b"\n") or may_hide_cuts(tail):
        return None
    turns: JsonObject = {_REQUESTS: [{} for _ in range(outline.turns)]}
    known = outline.turns
    for line in filter(None, tail.split(b"\n")):
        try:
            entry = jsontext.loads(line.decode())
            if _is_of_new_turns(entry, known):
                apply_entry(turns, entry)
                continue
        except (jsontext.JsonTextError, UnicodeDecodeError, LogError):
            return None
        extended = _after(outline, entry) if is_entry(entry) else None
        if extended is None:
            return None
        outline = extended
    added = outline_of({_REQUESTS: turns[_REQUESTS][known:]})
    return None if added is None else _with_turns(outline, added)


def _is_of_new_turns(entry: Json, known: int) -> bool:
    """Tell whether an entry appends turns, or edits one behind the first `known`: those can be replayed."""
    path = entry.get("k") if is_entry(entry) and entry["kind"] != INITIAL else None
    if not isinstance(path, list) or path[:1] != [_REQUESTS]:
        return False
    if len(path) == 1:
        return entry["kind"] == PUSH and "i" not in entry
    return len(path) > 2 and type(path[1]) is int and path[1] >= known


def _with_turns(outline: Outline, added: Outline) -> Outline:
    return Outline(
        outline.turns + added.turns,
        outline.objects,
        outline.unanswered | {outline.turns + place for place in added.unanswered},
        outline.unasked + added.unasked,
        outline.text + added.text,
    )


def outline_of_file(buffers: Iterable[bytes], file_name: str) -> Outline | None:
    """Return the outline of a chat file; None if the editor would not open it."""
    try:
        if file_name.endswith(".jsonl"):
            return outline_of(replay(buffers))
        state = jsontext.loads(decode(b"".join(buffers))[0])
    except (LogError, jsontext.JsonTextError):
        return None
    return outline_of(state)


def takes_nothing_away(tail: bytes, turns: int) -> bool:
    """Tell whether new lines of a log that is sound leave every turn and its texts where they were.

    What happens to a turn that the lines themselves append takes nothing from the version before.

    Args:
        tail: The new lines.
        turns: How many turns the log has with them.
    """
    edits = []
    for line in filter(None, tail.split(b"\n")):
        try:
            entry = jsontext.loads(line.decode())
        except (jsontext.JsonTextError, UnicodeDecodeError):
            return False
        path = entry.get("k") if is_entry(entry) and entry["kind"] != INITIAL else None
        if not isinstance(path, list) or not path:
            return False
        appends = entry["kind"] == PUSH and "i" not in entry
        if path == [_REQUESTS] and appends:
            turns -= len(entry.get("v") or [])
        elif path[0] == _REQUESTS and not (appends and len(path) == 3):
            edits.append(path)
    return not any(_may_take_away(path, turns) for path in edits)


def _may_take_away(path: list[Json], turns: int) -> bool:
    """Tell whether an edit below the turns can change a prompt or an answer of the first so many turns."""
    if len(path) < 3:
        return True
    return path[2] in _TEXTS and not (isinstance(path[1], int) and path[1] >= turns)


def _after(outline: Outline, entry: JsonObject) -> Outline | None:
    path, kind = entry.get("k"), entry["kind"]
    if kind == INITIAL or not isinstance(path, list) or not path or not isinstance(path[0], str):
        return None
    if path[0] == _REQUESTS:
        return _after_turns(outline, kind, path, entry)
    if len(path) == 1 and kind in (SET, DELETE):
        is_object = kind == SET and _is_object(entry.get("v"))
        objects = outline.objects | {path[0]} if is_object else outline.objects - {path[0]}
        return replace(outline, objects=objects)
    inside = len(path) == 2 and isinstance(path[1], str) and path[0] in outline.objects
    return outline if inside and kind in (SET, DELETE) else None


def _after_turns(outline: Outline, kind: int, path: list[Json], entry: JsonObject) -> Outline | None:
    if len(path) != 3 or not isinstance(path[2], str) or path[2] == "message":
        return None
    turn = path[1]
    if not isinstance(turn, int) or isinstance(turn, bool) or not 0 <= turn < outline.turns:
        return None
    if path[2] == "response":
        return _after_answer(outline, turn, entry)
    return outline if kind in (SET, DELETE) else None


def _after_answer(outline: Outline, turn: int, entry: JsonObject) -> Outline | None:
    """Appending to what a turn holds is safe only where that is an array, as the response has to stay."""
    kind = entry["kind"]
    added = entry.get("v", [] if kind == PUSH else None)
    length = entry.get("i", 0)
    is_length = isinstance(length, int) and not isinstance(length, bool) and 0 <= length <= MAX_HOLES
    if kind == DELETE or not isinstance(added, list) or not is_length:
        return None
    answer = {"response": added}
    if _is_answered(answer):
        text = outline.text + _text_length(answer)
        return replace(outline, unanswered=outline.unanswered - {turn}, text=text)
    if kind == SET:
        return replace(outline, unanswered=outline.unanswered | {turn})
    return None if "i" in entry else outline


def _is_answered(request: JsonObject) -> bool:
    return any(says_something(read_part(item)) for item in _answer(request))


def _answer(request: JsonObject) -> list[Json]:
    """Return the parts of a response, which in old data may be one string."""
    response = request.get("response")
    return [response] if isinstance(response, str) else response if isinstance(response, list) else []


def _prompt_length(request: JsonObject) -> int:
    message = request.get("message")
    text = message if isinstance(message, str) else text_at(message, "text")
    if text is None:
        return sum(len(text_at(part, "text") or "") for part in array_at(message, "parts"))
    return len(text)


def _text_length(request: JsonObject) -> int:
    values = (item.get("value") if isinstance(item, dict) else item for item in _answer(request))
    return _prompt_length(request) + sum(len(value) for value in values if isinstance(value, str))


def _is_object(value: Json) -> bool:
    return isinstance(value, dict)
