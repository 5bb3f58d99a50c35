"""What a run of the bench yields: figures of one tool, and what they were measured on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from measure import Usage

FIRST, NO_CHANGE, DAY = "first snapshot", "no change", "a day's change"
DAYS, RESTORE_ALL, RESTORE_ONE = "all days", "restore all", "restore one session"
VERIFY = "verify"
OPERATIONS = (FIRST, NO_CHANGE, DAY, DAYS, RESTORE_ALL, RESTORE_ONE, VERIFY)


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
    """What was measured on: the simulated folder and the machine.

    `whole_bytes` and `delta_bytes` are what the days' changed files take by simple means, see yardstick.py.
    """

    preset: str
    seed: int
    days: int
    files: int
    folder_bytes: int
    machine: str
    whole_bytes: int = 0
    delta_bytes: int = 0


def result_from_json(document: Mapping[str, Any]) -> Result:
    """Return what `report.as_json` wrote of one tool."""
    usages = {name: Usage(**usage) for name, usage in document["usages"].items()}
    sizes = document["first_bytes"], document["last_bytes"]
    return Result(document["name"], document["version"], usages, *sizes, document["failure"])
