"""Wraps the prose of the documents at 100 characters: `python docs/wrap_prose.py`.

Tables, code, headings and comments stay as they are; a code span or a link is never broken.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

WIDTH = 100
PROJECT = Path(__file__).parent.parent
_LEAD = re.compile(r"\s*(?:[-*+]|\d+\.)\s+|\s*>\s?|\s*")
_ITEM = re.compile(r"\s*(?:[-*+]|\d+\.)\s+")
_FENCE = re.compile(r"\s*(?:```|~~~)")
_AS_IT_IS = re.compile(r"\s*\||#{1,6} |\s*<!--|    ")
_UNBROKEN = re.compile(r"`[^`]+`|\[[^\]]*\]\([^)]*\)")
_KEPT_SPACE = "\x00"


def documents() -> list[Path]:
    """Return every document whose prose is wrapped."""
    return [PROJECT / "README.md", PROJECT / "CHANGELOG.md", *sorted((PROJECT / "docs").glob("*.md"))]


def wrapped(text: str) -> str:
    """Return a document with its prose wrapped; wrapping twice changes nothing more."""
    return "\n".join(_lines(text.split("\n")))


def _lines(lines: list[str]) -> Iterator[str]:
    paragraph: list[str] = []
    is_code = False
    for line in lines:
        if _FENCE.match(line):
            is_code = not is_code
        elif not is_code and line.strip() and not (_AS_IT_IS.match(line) and not paragraph):
            if _ITEM.match(line) or (line.lstrip().startswith("|") and paragraph):
                yield from _paragraph(paragraph)
                paragraph = []
            paragraph.append(line)
            continue
        yield from _paragraph(paragraph)
        paragraph = []
        yield line if is_code else line.rstrip()
    yield from _paragraph(paragraph)


def _paragraph(lines: list[str]) -> list[str]:
    if not lines:
        return []
    match = _LEAD.match(lines[0])
    lead = match[0] if match else ""
    quote = lead if lead.strip() == ">" else ""
    body = " ".join([lines[0][len(lead) :].strip(), *(line.strip().removeprefix("> ") for line in lines[1:])])
    unbroken = _UNBROKEN.sub(lambda span: span[0].replace(" ", _KEPT_SPACE), body)
    rows = textwrap.wrap(
        unbroken,
        WIDTH,
        initial_indent=lead,
        subsequent_indent=quote or " " * len(lead),
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [row.replace(_KEPT_SPACE, " ") for row in rows]


if __name__ == "__main__":
    for path in documents():
        path.write_text(wrapped(path.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")
