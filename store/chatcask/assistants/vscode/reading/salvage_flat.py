"""Recovery of what a damaged flat `.json` chat really held.

Such a file is one JSON object, mostly an array `requests`. When the text breaks off or turns bad, the fields
and the requests that are complete before that place are kept. A number that touches the cut is not: its
last digits may be gone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatcask.assistants.vscode.reading import log, longjson
from chatcask.chats import jsontext
from chatcask.chats.parsed import TOO_DEEP_WORDS, Dropped, Note, Recovered, Report

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chatcask.chats.jsontext import Json, JsonObject
    from chatcask.chats.parsed import DropKind


def recover_flat(buffers: Iterable[bytes]) -> Recovered:
    """Return the object of a flat file given in pieces, or its complete part. Never raises for any bytes."""
    data = b"".join(buffers)
    whole = _long_object(data)
    if whole is not None:
        return Recovered(whole, Report(len(data), _count_lines(data), opens=True, has_header=True))
    text, replaced = log.decode(data)
    notes = []
    if data.startswith(log.BYTE_ORDER_MARK):
        notes.append(Note("byte_order_mark", 1))
    if replaced:
        notes.append(Note("invalid_utf8", 1, "bytes that are not UTF-8 are shown as U+FFFD"))
    try:
        value = jsontext.loads(text)
        dropped: tuple[Dropped, ...] = ()
    except jsontext.JsonTextError as error:
        value, end = _shortened(text) if isinstance(error, jsontext.TooDeepError) else (None, 0)
        is_whole = value is not None and not text[end:].strip()
        if value is not None:
            notes.append(Note("too_deep", 1, TOO_DEEP_WORDS))
        else:
            value, end = _complete_part(text)
        has_rest = bool(data.strip()) and not is_whole
        dropped = (_rest(data, text, end, replaced=replaced),) if has_rest else ()
    found = value if isinstance(value, dict) else None
    report = Report(
        size=len(data),
        lines=_count_lines(data),
        opens=found is not None and not dropped,
        has_header=True,
        dropped=dropped,
        notes=tuple(notes),
    )
    return Recovered(found, report)


def _shortened(text: str) -> tuple[Json, int]:
    """Return the object that a text begins with, without what is nested too deeply; None if it is no JSON."""
    try:
        return jsontext.shortened_at(text, jsontext.skip_space(text, 0))
    except jsontext.JsonTextError:
        return None, 0


def _long_object(data: bytes) -> JsonObject | None:
    """Return the object that a very long file is, if there is nothing to be said about it."""
    is_plain = len(data) >= longjson.LONG and not data.startswith(log.BYTE_ORDER_MARK)
    return longjson.read_long_object(data, ("requests",)) if is_plain else None


def _count_lines(data: bytes) -> int:
    return data.count(b"\n") + (not data.endswith(b"\n")) if data else 0


def _rest(data: bytes, text: str, end: int, *, replaced: bool) -> Dropped:
    """Return the stretch from character `end` on; where bytes were replaced, an upper bound."""
    rest = text[end:].encode(errors="surrogatepass")
    offset = len(text[:end].encode(errors="surrogatepass")) if replaced else len(data) - len(rest)
    offset = min(offset, len(data))
    first_line = text.count("\n", 0, end) + 1
    if not data[offset:].strip(b"\0"):
        return Dropped("null_bytes", first_line, first_line, offset, len(data) - offset)
    last_line = text.count("\n") + 1
    kind: DropKind = "torn"
    if end and _closes_object(text, end):
        kind = "trailing"
    return Dropped(kind, first_line, last_line, offset, len(data) - offset)


def _closes_object(text: str, end: int) -> bool:
    """Tell whether the text up to `end` is one whole object."""
    try:
        jsontext.loads(text[:end])
    except jsontext.JsonTextError:
        return False
    return True


def _complete_part(text: str) -> tuple[JsonObject | None, int]:
    """Return the complete fields at the start of an object's text, and where they end."""
    position = jsontext.skip_space(text, 0)
    if not text.startswith("{", position):
        return None, 0
    found: JsonObject = {}
    end = position = position + 1
    while True:
        position = jsontext.skip_space(text, position)
        if text.startswith("}", position):
            return found, position + 1
        key, position = _key(text, position)
        if key is None:
            return found, end
        value, position, whole = _field(text, key, position)
        if value is not None or whole:
            found[key] = value
            end = position
        position = jsontext.skip_space(text, position)
        if not whole:
            return found, end
        if text.startswith(",", position):
            position += 1
        elif not text.startswith("}", position):
            return found, end


def _key(text: str, position: int) -> tuple[str | None, int]:
    """Return the key at `position` and where its value begins, or None."""
    try:
        key, position = jsontext.value_at(text, position)
    except jsontext.JsonTextError:
        return None, position
    position = jsontext.skip_space(text, position)
    if not isinstance(key, str) or not text.startswith(":", position):
        return None, position
    return key, jsontext.skip_space(text, position + 1)


def _field(text: str, key: str, position: int) -> tuple[Json, int, bool]:
    """Return a value, where it ends, and whether it is whole; a broken `requests` gives its whole items."""
    try:
        value, end = jsontext.value_at(text, position)
    except jsontext.JsonTextError:
        if key == "requests" and text.startswith("[", position):
            items, end = _whole_items(text, position + 1)
            return items, end, False
        return None, position, False
    touches_cut = end == len(text) and not isinstance(value, str | list | dict)
    return (None, position, False) if touches_cut else (value, end, True)


def _whole_items(text: str, position: int) -> tuple[list[Json], int]:
    items: list[Json] = []
    end = position
    while True:
        position = jsontext.skip_space(text, position)
        if not text.startswith("{", position):
            return items, end
        try:
            item, position = jsontext.value_at(text, position)
        except jsontext.JsonTextError:
            return items, end
        items.append(item)
        end = position
        position = jsontext.skip_space(text, position)
        if not text.startswith(",", position):
            return items, end
        position += 1
