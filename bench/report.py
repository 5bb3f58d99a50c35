"""Turns measurements into tables and into JSON."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from figures import OPERATIONS, Result, Scene
from goals import goals
from measure import Usage

_MB = 1_000_000


def machine_in_words() -> str:
    """Describe the machine without naming it."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    python = f"{platform.python_implementation()} {platform.python_version()}"
    kernel = f"{platform.system()} {platform.release()} on {platform.machine()}"
    return f"{os.cpu_count()} cores ({_processor()}), {memory:.0f} GiB of memory, {kernel}, {python}"


def as_markdown(scene: Scene, limits: Mapping[str, Usage], results: Sequence[Result]) -> str:
    """Return the whole report; it reads as plain text too."""
    sound = [result for result in results if not result.failure]
    setting = (
        f"{scene.files} files, {scene.folder_bytes / _MB:.0f} MB (preset {scene.preset}, seed {scene.seed}), "
        f"then {scene.days} days of use. {scene.machine}."
    )
    method = (
        "Whole processes on a warm page cache: wall seconds (CPU seconds). No change: median of its runs; "
        "a day's change: median of the days; all days: their sum; the rest: one run."
    )
    sizes = [
        [result.name, *map(_megabytes, (result.first_bytes, result.last_bytes, result.growth))]
        for result in sound
    ]
    parts = [
        setting,
        f"Tools: {'; '.join(result.version for result in sound)}.",
        method,
        table(["", *OPERATIONS], [_row(result, _seconds) for result in sound]),
        "Peak memory in MB, of the largest process; the runner's own 20 MB or so are the least it can tell.",
        table(["", *OPERATIONS], [_row(result, _peak) for result in sound]),
        "Store in MB (sum of file sizes).",
        table(["", "after the first", "after the days", "growth"], sizes),
        "Limits of the machine.",
        table(["", "wall s (CPU s)"], [[name, _seconds(usage)] for name, usage in limits.items()]),
    ]
    parts += [f"{result.name} is missing: {result.failure}" for result in results if result.failure]
    if scene.delta_bytes:
        parts.append(
            f"The files that the days changed take {_megabytes(scene.whole_bytes)} MB when each is stored "
            f"whole (zstd, level 3), {_megabytes(scene.delta_bytes)} MB as differences from yesterday's."
        )
    judged = goals(scene, limits, results)
    if judged:
        rows = [
            [goal.name, f"{goal.figure:.2f}", f"{goal.allowed:.2f}", "met" if goal.met else "missed"]
            for goal in judged
        ]
        parts.append(table(["goal", "measured", "allowed", ""], rows))
    return "\n\n".join(parts) + "\n"


def as_json(scene: Scene, limits: Mapping[str, Usage], results: Sequence[Result]) -> dict[str, Any]:
    """Return the report as a JSON document."""
    return {
        "schema_version": 2,
        "scene": asdict(scene),
        "limits": {name: asdict(usage) for name, usage in limits.items()},
        "results": [asdict(result) | {"growth_bytes": result.growth} for result in results],
        "goals": [asdict(goal) | {"met": goal.met} for goal in goals(scene, limits, results)],
    }


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table: text in the first column, figures in the others."""
    every = [header, *rows]
    widths = [max(3, *(len(row[column]) for row in every)) for column in range(len(header))]

    def line(cells: Sequence[str]) -> str:
        padded = [cells[0].ljust(widths[0])]
        padded += [cell.rjust(width) for cell, width in zip(cells[1:], widths[1:], strict=True)]
        return f"| {' | '.join(padded)} |"

    rule = [":" + "-" * (widths[0] - 1), *("-" * (width - 1) + ":" for width in widths[1:])]
    return "\n".join([line(header), line(rule), *map(line, rows)])


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or "unknown processor"
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else "unknown processor"


def _row(result: Result, show: Callable[[Usage], str]) -> list[str]:
    usages = map(result.usages.get, OPERATIONS)
    return [result.name, *("-" if usage is None else show(usage) for usage in usages)]


def _seconds(usage: Usage) -> str:
    return f"{usage.wall_seconds:.2f} ({usage.cpu_seconds:.2f})"


def _peak(usage: Usage) -> str:
    return _megabytes(usage.peak_bytes)


def _megabytes(count: int) -> str:
    return f"{count / _MB:.1f}"
