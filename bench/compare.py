"""Compares a run of the bench with an earlier one, so that what became slower or larger is seen.

python bench/compare.py NEW.json [--old OLD.json] [--fail-above 1.2]

Without --old the newest of bench/results/ serves: one file for each version that was tagged. Machines differ,
and one machine differs from day to day; so every time is given as a part of what borg and restic needed for
the same in the same run, and of two such parts the ratio is shown. 1.00 is as before, 2.00 twice as slow.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from figures import OPERATIONS, Result, result_from_json
from report import table

RESULTS = Path(__file__).resolve().parent / "results"
_REFERENCES = ("restic", "borg")
_SUBJECT = "chatcask"
_SMALLEST = 0.005
"""Seconds below which a figure says nothing."""


@dataclass(frozen=True, slots=True)
class Change:
    """One figure then and now; `ratio` compares them with the machines' speeds left out of account."""

    name: str
    before: str
    after: str
    ratio: float


class NotComparableError(Exception):
    """Two runs that say nothing of each other."""


def compare(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """Return every figure of both documents.

    Raises:
        NotComparableError: they were measured on different folders, or lack the tools to compare with.
    """
    scenes = [{key: run["scene"][key] for key in ("preset", "seed", "days")} for run in (old, new)]
    if scenes[0] != scenes[1]:
        raise NotComparableError(f"measured on different folders: {scenes[0]} and {scenes[1]}")
    return [*_times(_tools(old), _tools(new)), *_amounts(_tools(old), _tools(new))]


def _tools(document: Mapping[str, Any]) -> dict[str, Result]:
    results = map(result_from_json, document["results"])
    tools = {result.name: result for result in results if not result.failure}
    missing = {_SUBJECT, *_REFERENCES} - tools.keys()
    if missing:
        raise NotComparableError(f"a run lacks {', '.join(sorted(missing))}")
    return tools


def _times(old: Mapping[str, Result], new: Mapping[str, Result]) -> Iterator[Change]:
    for operation in OPERATIONS:
        for figure, unit in (("wall_seconds", "wall s"), ("cpu_seconds", "CPU s")):
            found = [_figures(tools, operation, figure) for tools in (old, new)]
            if any(len(figures) != 1 + len(_REFERENCES) for figures in found):
                continue
            parts = [figures[0] / statistics.geometric_mean(figures[1:]) for figures in found]
            then, now = (f"{figures[0]:.2f}" for figures in found)
            yield Change(f"{operation}, {unit}", then, now, parts[1] / parts[0])


def _figures(tools: Mapping[str, Result], operation: str, figure: str) -> list[float]:
    usages = [tools[name].usages.get(operation) for name in (_SUBJECT, *_REFERENCES)]
    return [max(_SMALLEST, getattr(usage, figure)) for usage in usages if usage is not None]


def _amounts(old: Mapping[str, Result], new: Mapping[str, Result]) -> Iterator[Change]:
    """Yield sizes, which no machine changes."""
    before, after = old[_SUBJECT], new[_SUBJECT]
    amounts = [
        ("store after the first, MB", before.first_bytes, after.first_bytes),
        ("growth over the days, MB", before.growth, after.growth),
        ("peak memory, MB", _peak(before), _peak(after)),
    ]
    for name, then, now in amounts:
        if then and now:
            yield Change(name, f"{then / 1e6:.1f}", f"{now / 1e6:.1f}", now / then)


def _peak(result: Result) -> int:
    return max(usage.peak_bytes for usage in result.usages.values())


def newest_result(new: Path, folder: Path = RESULTS) -> Path:
    """Return the result of the highest version in the folder that is not the one to compare.

    Raises:
        NotComparableError: there is none.
    """
    found = [path for path in folder.glob("*.json") if path.resolve() != new.resolve()]
    if not found:
        raise NotComparableError(f"no earlier result in {folder}; name one with --old")
    return max(found, key=lambda path: [int(part) for part in re.findall(r"\d+", path.stem)])


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; return 1 if a figure is worse than allowed."""
    parser = argparse.ArgumentParser(description="Compares a run of the bench with an earlier one.")
    parser.add_argument("new", type=Path, metavar="NEW.json")
    parser.add_argument("--old", type=Path, metavar="OLD.json")
    parser.add_argument("--fail-above", type=float, metavar="RATIO", help="end with 1 above this ratio")
    options = parser.parse_args(arguments)
    try:
        old = options.old or newest_result(options.new)
        documents = [json.loads(path.read_text(encoding="utf-8")) for path in (old, options.new)]
        changes = compare(*documents)
    except (NotComparableError, OSError, ValueError, KeyError) as error:
        parser.error(str(error))
    rows = [[change.name, change.before, change.after, f"{change.ratio:.2f}"] for change in changes]
    print(table(["", f"then ({old.stem})", "now", "ratio"], rows))
    worst = max(changes, key=lambda change: change.ratio)
    print(f"\nworst: {worst.name}, {worst.ratio:.2f} times what it was")
    return int(options.fail_above is not None and worst.ratio > options.fail_above)


if __name__ == "__main__":
    sys.exit(main())
