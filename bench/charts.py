"""Draws how time and memory grow, as one SVG file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib as mpl

from measure import Usage

mpl.use("svg")
from matplotlib import pyplot as plt

_MB = 1_000_000
_SIZE = (11.0, 4.2)


def draw(path: Path, unit: str, points: Sequence[tuple[float, Mapping[str, Usage]]]) -> None:
    """Draw CPU seconds and peak memory of each command over the amounts, both axes logarithmic."""
    # Letters stay text and ids stay the same, so that the file is small and its changes are few.
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "chatcask", "font.size": 8}):
        figure, (times, memory) = plt.subplots(1, 2, figsize=_SIZE, layout="constrained")
        for name in points[-1][1]:
            used = [(amount, usages[name]) for amount, usages in points if name in usages]
            amounts = [amount for amount, _ in used]
            times.plot(amounts, [usage.cpu_seconds for _, usage in used], marker="o", ms=3, label=name)
            memory.plot(amounts, [usage.peak_bytes / _MB for _, usage in used], marker="o", ms=3)
        for axes, what in ((times, "CPU seconds"), (memory, "peak memory, MB")):
            axes.set(xscale="log", yscale="log", xlabel=unit, ylabel=what)
            axes.grid(visible=True, which="major", linewidth=0.4)
        memory.set_ylim(bottom=10)
        figure.legend(loc="outside right upper", frameon=False)
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, metadata={"Date": None, "Creator": None})
        plt.close(figure)
