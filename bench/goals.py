"""What chatcask is to achieve, and how a run of the bench stands against it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from figures import (
    DAY,
    DAYS,
    FIRST,
    NO_CHANGE,
    RESTORE_ALL,
    RESTORE_ONE,
    VERIFY,
    Result,
    Scene,
)
from measure import Usage

_MB = 1_000_000
PYTHON, WALK = "python -c pass", "scandir and stat of every file"
VERSION, IMPORTS = "chatcask --version", "imports of a run"
_STORE_MB = {"large": 135.0, "many-small": 80.0}


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure and the most that it may be."""

    name: str
    figure: float
    allowed: float

    @property
    def met(self) -> bool:
        """Whether the figure is small enough."""
        return self.figure <= self.allowed


def goals(scene: Scene, limits: Mapping[str, Usage], results: Sequence[Result]) -> list[Goal]:
    """Return every goal that this run can judge."""
    sound = {result.name: result for result in results if not result.failure}
    ours = sound.get("chatcask")
    if ours is None:
        return []
    found = [*_ratios(ours, sound), *_limits(ours, limits)]
    if scene.preset in _STORE_MB:
        found += _amounts(scene, ours)
    if scene.preset == "large":
        found += _seconds(ours)
    return found


def _ratios(ours: Result, sound: Mapping[str, Result]) -> Iterator[Goal]:
    """Yield what is asked for in relation to the other tools."""
    for name, wall in (("borg", 1 / 3), ("restic", 1 / 6)):
        if name not in sound:
            continue
        other = sound[name]
        yield Goal(
            f"first snapshot, wall time, part of {name}'s", _ratio(ours, other, FIRST, "wall_seconds"), wall
        )
        yield Goal(
            f"first snapshot, CPU time, part of {name}'s", _ratio(ours, other, FIRST, "cpu_seconds"), 1.0
        )
        yield Goal(f"store after the first, part of {name}'s", ours.first_bytes / other.first_bytes, 1.0)
        yield Goal(
            f"no change, CPU time, part of {name}'s", _ratio(ours, other, NO_CHANGE, "cpu_seconds"), 0.25
        )
        if DAYS in ours.usages:
            yield Goal(f"growth over the days, part of {name}'s", ours.growth / max(1, other.growth), 0.4)


def _ratio(ours: Result, other: Result, operation: str, figure: str) -> float:
    mine: float = getattr(ours.usages[operation], figure)
    theirs: float = getattr(other.usages[operation], figure)
    return mine / theirs


def _limits(ours: Result, limits: Mapping[str, Usage]) -> Iterator[Goal]:
    """Yield what is asked for in relation to what this machine can do at all."""
    if not {PYTHON, WALK, VERSION, IMPORTS} <= limits.keys():
        return
    python = limits[PYTHON].wall_seconds
    least = limits[WALK].wall_seconds + limits[IMPORTS].wall_seconds - python
    no_change = ours.usages[NO_CHANGE].wall_seconds
    yield Goal("no change, wall time, parts of walk + Python + imports", no_change / least, 1.5)
    yield Goal("--version, wall time, parts of bare Python", limits[VERSION].wall_seconds / python, 2.0)


def _seconds(ours: Result) -> Iterator[Goal]:
    """Yield what is asked for in seconds, on the folder for which they were set."""
    seconds = [
        ("no change, wall s", NO_CHANGE, "wall_seconds", 0.20),
        ("no change, CPU s", NO_CHANGE, "cpu_seconds", 0.20),
        ("first snapshot, CPU s", FIRST, "cpu_seconds", 6.0),
        ("a day's change, CPU s", DAY, "cpu_seconds", 0.5),
        ("restore all, wall s", RESTORE_ALL, "wall_seconds", 3.0),
        ("restore one session, wall s", RESTORE_ONE, "wall_seconds", 0.2),
        ("verify, wall s", VERIFY, "wall_seconds", 3.0),
    ]
    for name, operation, figure, allowed in seconds:
        if operation in ours.usages:
            yield Goal(name, getattr(ours.usages[operation], figure), allowed)


def _amounts(scene: Scene, ours: Result) -> Iterator[Goal]:
    """Yield what is asked for in megabytes."""
    peak = max(usage.peak_bytes for usage in ours.usages.values())
    yield Goal("peak memory of any command, MB", peak / _MB, 200.0)
    yield Goal("store after the first, MB", ours.first_bytes / _MB, _STORE_MB[scene.preset])
    if DAYS in ours.usages and scene.days == 10 and scene.preset == "large":
        yield Goal("ten days add, MB", ours.growth / _MB, 20.0)
    if DAYS in ours.usages and scene.delta_bytes:
        name = "growth over the days, part of each file's difference from its own last version"
        yield Goal(name, ours.growth / scene.delta_bytes, 1.0)
