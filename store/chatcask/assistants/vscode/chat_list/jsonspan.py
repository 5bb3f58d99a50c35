"""Where the members of a JSON object or array stand in its text, so that one can change and no other byte.

Reading and writing a whole value again would give the same value and perhaps other bytes: a number may be
written in two ways, and a character escaped or not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chatcask.chats import jsontext

if TYPE_CHECKING:
    from chatcask.chats.jsontext import Json


@dataclass(frozen=True, slots=True)
class Span:
    """One member: its key (empty in an array), its value, and where they stand.

    `start` is where the key begins, or the value in an array; `value_start` to `end` is the value.
    """

    key: str
    value: Json
    start: int
    value_start: int
    end: int


def members(text: str, position: int) -> Iterator[Span]:
    """Yield the members of the object or array that begins at `position`.

    Raises:
        JsonTextError: there is no whole object or array at that place.
    """
    opening = text[position : position + 1]
    if opening not in ("{", "["):
        raise jsontext.JsonTextError("neither an object nor an array", position)
    closing = "}" if opening == "{" else "]"
    position = jsontext.skip_space(text, position + 1)
    while not text.startswith(closing, position):
        span = _member(text, position, has_key=opening == "{")
        yield span
        position = jsontext.skip_space(text, span.end)
        if text.startswith(",", position):
            position = jsontext.skip_space(text, position + 1)
        elif not text.startswith(closing, position):
            raise jsontext.JsonTextError("a member is not followed by a comma or the end", position)


def _member(text: str, position: int, *, has_key: bool) -> Span:
    start, key = position, ""
    if has_key:
        key, position = jsontext.value_at(text, position)
        position = jsontext.skip_space(text, position)
        if not isinstance(key, str) or not text.startswith(":", position):
            raise jsontext.JsonTextError("a member has no key", position)
        position = jsontext.skip_space(text, position + 1)
    value, end = jsontext.value_at(text, position)
    return Span(key, value, start, position, end)


def replace_value(text: str, span: Span, value: Json) -> str:
    """Return the text with another value in the place of a member's."""
    return text[: span.value_start] + jsontext.dumps(value) + text[span.end :]


def append_member(text: str, position: int, key: str | None, value: Json) -> str:
    """Return the text with a member added at the end of the object or array at `position`."""
    written = jsontext.dumps(value)
    if key is not None:
        written = f"{jsontext.dumps(key)}:{written}"
    last = None
    for span in members(text, position):
        last = span
    if last is None:
        return f"{text[: position + 1]}{written}{text[position + 1 :]}"
    return f"{text[: last.end]},{written}{text[last.end :]}"


def remove_member(text: str, position: int, span: Span) -> str:
    """Return the text without a member of the object or array at `position`, and without its comma."""
    after = jsontext.skip_space(text, span.end)
    if text.startswith(",", after):
        return text[: span.start] + text[jsontext.skip_space(text, after + 1) :]
    before = position + 1
    for other in members(text, position):
        if other.start < span.start:
            before = other.end
    return text[:before] + text[span.end :]
