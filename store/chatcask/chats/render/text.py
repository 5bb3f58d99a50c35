"""Text that is safe to put into a document: no control characters, no lone surrogates; and times."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from chatcask.visible import visible_text

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FENCE = re.compile(r"^ {0,3}(?P<fence>`{3,}|~{3,})(?P<info>.*)$")


def clean(text: str) -> str:
    """Return text of several lines that shows what a terminal or browser would act on, or hide."""
    return visible_text(text)


def one_line(text: str) -> str:
    """Return cleaned text with every run of white space as one space."""
    return " ".join(clean(text).split())


def utc_time(milliseconds: int | None) -> str | None:
    """Return a time as RFC 3339 in UTC, to the millisecond where it has any; None for no or no sane time."""
    if milliseconds is None:
        return None
    try:
        time = _EPOCH + timedelta(milliseconds=milliseconds)
    except OverflowError:
        return None
    precision = "milliseconds" if milliseconds % 1000 else "seconds"
    return time.isoformat(timespec=precision).replace("+00:00", "Z")


def fenced(text: str, language: str = "") -> str:
    """Return text as a Markdown code block whose fence is longer than any in it."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    end = "" if text.endswith("\n") else "\n"
    return f"{fence}{language}\n{text}{end}{fence}"


def close_fences(text: str) -> str:
    """Return Markdown text with an open code block closed, as a response that was cut off leaves one."""
    lines, fence = walk_fences(text)
    return text if fence is None or not lines else f"{text.rstrip(chr(10))}\n{fence}"


def walk_fences(text: str) -> tuple[list[tuple[str, bool]], str | None]:
    """Return the lines, each with whether it is code, and the fence that is open at the end."""
    fence: str | None = None
    lines = []
    for line in text.split("\n"):
        was_open = fence is not None
        match = _FENCE.match(line)
        if match:
            marks, info = match["fence"], match["info"].strip()
            if fence is None:
                fence = marks if marks[0] == "~" or "`" not in info else None
            elif marks[0] == fence[0] and len(marks) >= len(fence) and not info:
                fence = None
        lines.append((line, was_open or fence is not None))
    return lines, fence


def code_span(text: str) -> str:
    """Return text as Markdown inline code, on one line."""
    text = one_line(text)
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    if not longest:
        return f"`{text}`" if text else ""
    marks = "`" * (longest + 1)
    return f"{marks} {text} {marks}"
