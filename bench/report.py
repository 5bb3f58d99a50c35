"""Turns measurements into tables, into ratios against the targets, and into JSON."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from measure import Usage

FIRST, NO_CHANGE, DAY = "first snapshot", "no change", "a day's change"
DAYS, RESTORE_ALL, RESTORE_ONE = "all days", "restore all", "restore one session"
OPERATIONS = (FIRST, NO_CHANGE, DAY, DAYS, RESTORE_ALL, RESTORE_ONE)
_MB = 1_000_000


@dataclass(slots=True)
class Result:
    """What was measured of one tool; `failure` says why it stopped, if it did."""

    name: str
    version: str
    usages: dict[str, Usage] = field(default_factory=dict)
    first_bytes: int = 0
    last_bytes: int = 0
    failure: str = ""

    @property
    def growth(self) -> int:
        """What the days added to the store, in bytes."""
        return self.last_bytes - self.first_bytes


@dataclass(frozen=True, slots=True)
class Scene:
    """What was measured on: the simulated folder and the machine."""

    preset: str
    seed: int
    days: int
    files: int
    folder_bytes: int
    machine: str


@dataclass(frozen=True, slots=True)
class Target:
    """A goal: the figure of chatcask divided by the better one of restic and borg."""

    name: str
    ratio: float
    allowed: float
    strict: bool

    @property
    def met(self) -> bool:
        """Whether the ratio is small enough."""
        return self.ratio < self.allowed if self.strict else self.ratio <= self.allowed


def machine_in_words() -> str:
    """Describe the machine without naming it."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    python = f"{platform.python_implementation()} {platform.python_version()}"
    kernel = f"{platform.system()} {platform.release()} on {platform.machine()}"
    return f"{os.cpu_count()} cores ({_processor()}), {memory:.0f} GiB of memory, {kernel}, {python}"


def targets(results: Sequence[Result]) -> list[Target]:
    """Return how chatcask stands against restic and borg; empty if one of the three was not measured."""
    sound = {result.name: result for result in results if not result.failure}
    if not {"chatcask", "restic", "borg"} <= sound.keys():
        return []
    ours, others = sound["chatcask"], (sound["restic"], sound["borg"])

    def cpu(operation: str) -> float:
        best = min(other.usages[operation].cpu_seconds for other in others)
        return ours.usages[operation].cpu_seconds / best

    size = ours.first_bytes / min(other.first_bytes for other in others)
    goals = [
        Target("store after the first snapshot, smaller than both", size, 1.0, strict=True),
        Target("CPU of a run without change, at most a quarter of both", cpu(NO_CHANGE), 0.25, strict=False),
        Target("CPU of the first snapshot, less than both", cpu(FIRST), 1.0, strict=True),
    ]
    if DAYS in ours.usages:
        growth = ours.growth / max(1, min(other.growth for other in others))
        goals.append(Target("growth over the days, at most half of either", growth, 0.5, strict=False))
    return goals


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
    parts += _targets_in_words(targets(results))
    return "\n\n".join(parts) + "\n"


def as_json(scene: Scene, limits: Mapping[str, Usage], results: Sequence[Result]) -> dict[str, Any]:
    """Return the report as a JSON document."""
    return {
        "schema_version": 1,
        "scene": asdict(scene),
        "limits": {name: asdict(usage) for name, usage in limits.items()},
        "results": [asdict(result) | {"growth_bytes": result.growth} for result in results],
        "targets": [asdict(goal) | {"met": goal.met} for goal in targets(results)],
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


def _targets_in_words(goals: Sequence[Target]) -> list[str]:
    if not goals:
        return ["No ratios: they need chatcask, restic and borg in one run."]
    rows = [
        [goal.name, f"{goal.ratio:.3f}", f"{goal.allowed:.2f}", "met" if goal.met else "missed"]
        for goal in goals
    ]
    return [
        "chatcask against the better one of restic and borg.",
        table(["target", "ratio", "allowed", ""], rows),
    ]


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
