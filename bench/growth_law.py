"""By which law a figure grows, read from a few points."""

from __future__ import annotations

import math
from collections.abc import Sequence

_FLAT = 0.15
_UNSEEN_SECONDS = 0.15
"""Seconds by which one run of the same command differs from the next."""

_LINEAR = 0.85


def law(points: Sequence[tuple[float, float]]) -> str:
    """Return in words how the second figures grow with the first.

    What stays when the amount is small (the start of the interpreter) is subtracted first; then the last
    tenfold step or so tells the exponent, since it is there that a store which grows on will go.
    """
    if len(points) < 3:
        return "too few points"
    fixed = min(figure for _, figure in points)
    (amount, figure), (last_amount, last_figure) = points[-2:]
    if last_figure - fixed <= _UNSEEN_SECONDS:
        return "nothing seen"
    exponent = exponent_of(amount, max(1e-3, figure - 0.9 * fixed), last_amount, last_figure - 0.9 * fixed)
    if exponent < _FLAT:
        return "nothing seen"
    per_thousand = 1e3 * (last_figure - figure) / (last_amount - amount)
    how = "all of it" if exponent >= _LINEAR else f"its power {exponent:.1f}"
    return f"{how}, {per_thousand:.2g} s per thousand"


def exponent_of(amount: float, figure: float, last_amount: float, last_figure: float) -> float:
    """Return the power by which a figure grows between two points."""
    return math.log(last_figure / figure) / math.log(last_amount / amount)
