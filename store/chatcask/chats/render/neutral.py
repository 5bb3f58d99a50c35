"""Markdown of others that loads and runs nothing: no raw HTML, no images; code stays as it is.

What a reader of Markdown might take for text is treated as text: where the two could differ (a code span over
several lines, a fence inside a list that has ended) the mark is escaped, which code then shows.
"""

from __future__ import annotations

import re

from chatcask.chats.render.text import walk_fences

_ACTIVE = re.compile(
    r"(?<!\\)(?P<escaped>(?:\\\\)*)"
    r"(?P<mark><(?=[/!?]|[a-z])(?!(?:https?://|mailto:)[^\s<>]*>)|!(?=\[))",
    re.IGNORECASE,
)
_TICKS = re.compile(r"`+")


def neutral_markdown(text: str) -> str:
    """Return Markdown in which tags are text and an image is a link to it."""
    lines, _ = walk_fences(text)
    shown, is_balanced, indent = [], True, 0
    was_code = False
    for line, is_code in lines:
        margin = len(line) - len(line.lstrip(" "))
        if is_code and not was_code:
            indent = margin
        was_code = is_code
        if is_code and (margin >= indent or not line.strip()):
            shown.append(line)
            continue
        if not line.strip():
            is_balanced = True
        spans = _spans(line) if is_balanced else None
        is_balanced = spans is not None
        shown.append(_neutral_line(line, spans or []))
    return "\n".join(shown)


def neutral_inline(text: str) -> str:
    """Return one line of Markdown in which an image is a link to it."""
    return _ACTIVE.sub(_escape, text)


def _neutral_line(line: str, spans: list[tuple[int, int]]) -> str:
    pieces, end = [], 0
    for start, stop in spans:
        pieces += [_ACTIVE.sub(_escape, line[end:start]), line[start:stop]]
        end = stop
    return "".join([*pieces, _ACTIVE.sub(_escape, line[end:])])


def _spans(line: str) -> list[tuple[int, int]] | None:
    """Return where code stands in a line; None if a reader may see more or less of it."""
    if "\\`" in line:
        return None
    spans: list[tuple[int, int]] = []
    runs = list(_TICKS.finditer(line))
    while runs:
        first = runs.pop(0)
        place = next((n for n, run in enumerate(runs) if len(run[0]) == len(first[0])), None)
        if place is None or "|" in line[first.end() : runs[place].start()]:
            return None
        spans.append((first.start(), runs[place].end()))
        del runs[: place + 1]
    return spans


def _escape(match: re.Match[str]) -> str:
    return f"{match['escaped']}\\{match['mark']}"
