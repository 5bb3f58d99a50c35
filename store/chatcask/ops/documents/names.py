"""File names from titles that every operating system can hold, and that say which chat a file is.

A name is `<title>-<first 8 characters of the id>.md`. The title loses what Windows forbids, what shells and
terminals act on, and what cannot be seen; letters of every script stay.
"""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from chatcask.disk.file_names import windows_problem

UNDATED = "undated"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST_TITLE = 80
_LONGEST_TITLE_BYTES = 160
"""A name may have 255 bytes on most file systems, and a path 260 characters on Windows."""

_SHORT_ID = 8
_KEPT_MARKS = frozenset("-_.,+=")
_DROPPED_MARKS = frozenset("'`\u2019")
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def folder_name(last_message_ms: int | None) -> str:
    """Return the day of a chat's last message, in UTC; `undated` if it has no sane time."""
    if last_message_ms is None:
        return UNDATED
    try:
        return (_EPOCH + timedelta(milliseconds=last_message_ms)).date().isoformat()
    except OverflowError:
        return UNDATED


def file_names(title: str, session: str) -> Iterator[str]:
    """Yield names for a chat, the best first, the others with a number; there are always more."""
    stem = f"{_portable_title(title)}-{_short_id(session)}"
    yield f"{stem}.md"
    for number in itertools.count(2):
        yield f"{stem}-{number}.md"


def portable_key(path: str) -> str:
    """Return what two paths share that are one file where case and composition do not count."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())


def _portable_title(title: str) -> str:
    composed = unicodedata.normalize("NFC", title)
    words = "".join(map(_portable_character, composed)).split()
    name = _squeezed("-".join(words))
    name = _cut(name).strip("-. ")
    if not name:
        return "untitled"
    # Windows takes a device's name for the device also when more follows after a dot.
    return name if windows_problem(f"{name}-") is None else f"_{name}"


def _portable_character(character: str) -> str:
    category = unicodedata.category(character)
    if category in _HIDDEN:
        return " " if category in {"Cc", "Zl", "Zp"} else ""
    if character.isalnum() or category.startswith("M") or character in _KEPT_MARKS:
        return character
    if character in _DROPPED_MARKS:
        return ""
    # Symbols beyond ASCII, such as emoji, harm nobody; all other ASCII means something to some shell.
    return character if category.startswith("S") and ord(character) > 0x7F else " "


def _squeezed(name: str) -> str:
    """Return a name without rows of hyphens or dots."""
    for mark in "-.":
        while mark * 2 in name:
            name = name.replace(mark * 2, mark)
    return name


def _cut(name: str) -> str:
    """Return the start of a name that is not too long, without tearing a letter from its accents."""
    end = min(len(name), _LONGEST_TITLE)
    while len(name[:end].encode()) > _LONGEST_TITLE_BYTES:
        end -= 1
    while 0 < end < len(name) and unicodedata.category(name[end]).startswith("M"):
        end -= 1
    return name[:end]


def _short_id(session: str) -> str:
    kept = "".join(character for character in session if character.isascii() and character.isalnum())
    return kept.lower()[:_SHORT_ID] or "chat"
