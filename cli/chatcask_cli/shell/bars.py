"""Bar charts in plain text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

_EIGHTHS = " ▏▎▍▌▋▊▉"
_FULL = "█"


def bar_lines(rows: Sequence[tuple[str, int, str]], width: int = 30) -> Iterator[str]:
    """Yield a line for each (label, value, text), with a bar in proportion to the largest value."""
    largest = max((value for _, value, _ in rows), default=0)
    longest = max((len(label) for label, _, _ in rows), default=0)
    for label, value, text in rows:
        yield f"  {label:<{longest}}  {_bar(value, largest, width):<{width}}  {text}"


def plain_bars(lines: Sequence[str]) -> list[str]:
    """Return lines of a chart for a terminal that knows ASCII only."""
    table = str.maketrans({_FULL: "#", **dict.fromkeys(_EIGHTHS[1:], "#")})
    return [line.translate(table) for line in lines]


def _bar(value: int, largest: int, width: int) -> str:
    eighths = value * width * 8 // largest if largest else 0
    if value and not eighths:
        eighths = 1  # what is there is seen
    return (_FULL * (eighths // 8) + _EIGHTHS[eighths % 8]).rstrip()
