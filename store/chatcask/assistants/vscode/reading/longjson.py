"""A very long JSON object read a piece at a time, so that its text never stands as a whole beside its value.

A log that the editor compacted is one line of hundreds of megabytes, and one emoji in it would make its text
four times as long in memory. Nearly all of it are the elements of one array, so these are decoded one by
one. This is another way to the same value, never to another one: whatever is not plainly a JSON object in
sound UTF-8 is left to the ordinary reader.
"""

from __future__ import annotations

from codecs import utf_8_decode
from typing import TYPE_CHECKING

from chatcask.chats import jsontext

if TYPE_CHECKING:
    from chatcask.chats.jsontext import Json, JsonObject

LONG = 8 * 1024 * 1024
"""Shorter texts are read at once, which is simpler and faster."""

_WINDOW = 1024 * 1024
_LONGEST_CHARACTER = 4
_AFTER_VALUE = frozenset(" \t\r\n,:]}")


def read_long_object(data: bytes, path: tuple[str, ...], *, window: int = _WINDOW) -> JsonObject | None:
    """Return the object that UTF-8 text stands for, or None if the ordinary reader has to look at it.

    Args:
        data: The text, without a byte order mark.
        path: The names that lead to the long array.
        window: How many bytes are decoded at a time, at least.
    """
    try:
        cursor = _Cursor(data, window)
        if cursor.peek() != "{":
            return None
        value = _object(cursor, path)
        if cursor.peek():
            return None
    except (jsontext.JsonTextError, UnicodeDecodeError):
        return None
    return None if jsontext.is_too_deep(value) else value


class _Cursor:
    """Reads from front to back; holds the text of the window that it stands in."""

    def __init__(self, data: bytes, window: int) -> None:
        self._data = data
        self._window = max(window, _LONGEST_CHARACTER)
        self._base = 0
        self._text = ""
        self._at = 0
        self._decoded = 0
        self._fill(self._window)

    def peek(self) -> str:
        """Return the next character that is not white space, without taking it; "" at the end."""
        self._at = jsontext.skip_space(self._text, self._at)
        while self._at == len(self._text) and not self._is_last:
            self._fill(self._window)
            self._at = jsontext.skip_space(self._text, self._at)
        return self._text[self._at : self._at + 1]

    def take(self, expected: str) -> str:
        """Take the next character, which must be one of those expected."""
        character = self.peek()
        if not character or character not in expected:
            raise jsontext.JsonTextError(f"expected one of {expected}", self._at)
        self._at += 1
        return character

    def value(self) -> Json:
        """Take a whole value."""
        self.peek()
        size = self._window
        while True:
            try:
                value, end = jsontext.value_at(self._text, self._at)
            except jsontext.JsonTextError:
                if self._is_last:
                    raise
            else:
                # A number that the window cuts in two is a shorter number at first sight.
                if self._is_last or self._text[end : end + 1] in _AFTER_VALUE:
                    self._at = end
                    return value
            self._fill(size)
            size *= 2

    @property
    def _is_last(self) -> bool:
        return self._decoded == len(self._data)

    def _fill(self, size: int) -> None:
        """Drop what was read, and decode what is left of the window and at least so many bytes more."""
        self._base += len(self._text[: self._at].encode())
        end = min(len(self._data), max(self._decoded, self._base) + size)
        text, length = utf_8_decode(self._data[self._base : end], "strict", end == len(self._data))
        self._text, self._at, self._decoded = text, 0, self._base + length


def _object(cursor: _Cursor, path: tuple[str, ...]) -> JsonObject:
    found: JsonObject = {}
    cursor.take("{")
    if cursor.peek() == "}":
        cursor.take("}")
        return found
    while True:
        if cursor.peek() != '"':
            raise jsontext.JsonTextError("expected a name", 0)
        name = cursor.value()
        cursor.take(":")
        if name == path[0]:
            found[name] = _inner(cursor, path[1:])
        else:
            found[name] = cursor.value()
        if cursor.take(",}") == "}":
            return found


def _inner(cursor: _Cursor, path: tuple[str, ...]) -> Json:
    following = cursor.peek()
    if path and following == "{":
        return _object(cursor, path)
    if not path and following == "[":
        return _array(cursor)
    return cursor.value()


def _array(cursor: _Cursor) -> list[Json]:
    found: list[Json] = []
    cursor.take("[")
    if cursor.peek() == "]":
        cursor.take("]")
        return found
    while True:
        found.append(cursor.value())
        if cursor.take(",]") == "]":
            return found
