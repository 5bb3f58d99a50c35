"""Measures how time and memory grow: with files, snapshots, chunks and bytes; draws a chart of each.

python bench/growth.py [--series files,snapshots,chunks,bytes] [--work DIR] [--json FILE] [--charts DIR]
python bench/growth.py --draw FILE.json --charts DIR

One point of a series is one store or folder of its own, measured by whole processes. The charts need
matplotlib (`pip install 'chatcask[bench]'`).
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from contenders import REPOSITORY, Chatcask
from growth_law import law
from measure import Command as Process
from measure import CommandFailedError, Usage, measure, median, output_of, tree_bytes
from report import machine_in_words, table
from scale import Scale
from thin_folder import change_one, make_folder

_REPEATS = 3
_MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Series:
    """One quantity that grows, its steps, and what is measured at one of them."""

    name: str
    unit: str
    steps: tuple[str, ...]
    measure: Callable[[str, Path], dict[str, Usage]]


@dataclass(frozen=True, slots=True)
class Point:
    """What was measured at one step; `amount` is in the unit of the series."""

    amount: float
    usages: dict[str, Usage]


def with_files(step: str, work: Path) -> dict[str, Usage]:
    """Measure a folder of so many small chats: first snapshot, no change, one chat changed."""
    folder = work / "source" / "Code"
    make_folder(folder, int(step))
    tool = Chatcask(work / "home", folder)
    tool.home.mkdir()
    measure(tool.create())
    usages = {"first snapshot": measure(tool.snapshot(1))}
    measure(tool.snapshot(2))  # fills what a first run leaves to the second
    usages["no change"] = median([measure(tool.snapshot(3)) for _ in range(_REPEATS)])
    change_one(folder)
    return usages | {"one chat changed": measure(tool.snapshot(4))}


def with_store(snapshots: int, chunks: int, work: Path) -> dict[str, Usage]:
    """Measure the commands on a store of so many snapshots and chunks."""
    scale = Scale(work, snapshots, chunks)
    scale.build()
    return {name: measure([command]) for name, command in scale.commands().items()}


def with_bytes(step: str, work: Path) -> dict[str, Usage]:
    """Measure a simulated folder of that preset: first snapshot, no change, a day, restore, check."""
    folder = work / "source" / "Code"
    folder.parent.mkdir()
    _simulate(folder, "--preset", step)
    tool = Chatcask(work / "home", folder)
    tool.home.mkdir()
    measure(tool.create())
    usages = {"first snapshot": measure(tool.snapshot(1))}
    usages["no change"] = median([measure(tool.snapshot(2)) for _ in range(_REPEATS)])
    _simulate(folder, "--only-day", "1")
    usages["a day's change"] = measure(tool.snapshot(3))
    output = work / "restored"
    session = _a_session(folder)
    for name, commands in (
        ("restore one session", tool.restore_one(3, session, output)),
        ("check", tool.check()),
        ("check --read-data", tool.verify()),
        ("restore all", tool.restore_all(3, output)),
    ):
        usages[name] = measure(commands)
        shutil.rmtree(output, ignore_errors=True)
    return usages


SERIES = {
    series.name: series
    for series in (
        Series("files", "files", ("1000", "5000", "25000", "100000"), with_files),
        Series(
            "snapshots",
            "snapshots of 100,000 chunks",
            ("1", "10", "100", "1000", "10000"),
            lambda step, work: with_store(int(step), 100_000, work),
        ),
        Series(
            "chunks",
            "chunks in 100 snapshots",
            ("1000", "10000", "100000", "1000000", "3000000"),
            lambda step, work: with_store(100, int(step), work),
        ),
        Series("bytes", "MB of chats", ("tiny", "small", "medium", "large", "huge"), with_bytes),
    )
}


def run(series: Series, work: Path) -> list[Point]:
    """Measure every step of a series; a step that fails is said and left out."""
    points = []
    for step in series.steps:
        _say(f"{series.name}: {step}")
        place = Path(tempfile.mkdtemp(prefix=f"growth-{series.name}-", dir=work))
        try:
            usages = series.measure(step, place)
            points.append(Point(_amount(step, place), usages))
        except CommandFailedError as error:
            _say(str(error))
        finally:
            shutil.rmtree(place, ignore_errors=True)
    return points


def as_markdown(series: Series, points: Sequence[Point]) -> str:
    """Return a table of CPU seconds and peak memory, and the law that each command's time follows."""
    names = list(points[-1].usages)
    header = [series.unit, *(f"{point.amount:,.0f}" for point in points), "CPU grows with"]
    rows = []
    for name in names:
        used = [(point.amount, point.usages[name]) for point in points if name in point.usages]
        cells = [f"{usage.cpu_seconds:.2f} s, {usage.peak_bytes / _MB:.0f} MB" for _, usage in used]
        rows.append([name, *cells, law([(amount, usage.cpu_seconds) for amount, usage in used])])
    return table(header, rows)


def _simulate(folder: Path, *arguments: str) -> None:
    script = str(REPOSITORY / "bench" / "simulate.py")
    output_of(Process((sys.executable, script, "--seed", "1", "--output", str(folder), *arguments)))


def _a_session(folder: Path) -> str:
    found = sorted((folder / "User" / "workspaceStorage").glob("*/chatSessions/*.jsonl"))
    return found[len(found) // 2].relative_to(folder).as_posix()


def _amount(step: str, place: Path) -> float:
    return float(step) if step.isdigit() else tree_bytes(place / "source") / _MB


def _say(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure the series that the command line asks for, or draw those measured before."""
    parser = argparse.ArgumentParser(description="Measures how time and memory grow.")
    parser.add_argument("--series", type=lambda text: text.split(","), default=list(SERIES))
    parser.add_argument("--work", type=Path, metavar="DIR", help="where folders and stores go")
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep the figures")
    parser.add_argument("--draw", type=Path, metavar="FILE", help="measure nothing; draw what --json kept")
    parser.add_argument("--charts", type=Path, metavar="DIR", help="draw an SVG file for each series")
    options = parser.parse_args(arguments)
    if not hasattr(os, "wait4"):
        parser.error("this system cannot tell what a process cost; run the bench on Linux or macOS")
    if options.draw:
        points = _from_json(json.loads(options.draw.read_text(encoding="utf-8")))
    else:
        work = Path(tempfile.mkdtemp(prefix="chatcask-growth-", dir=options.work))
        points = {name: run(SERIES[name], work) for name in options.series}
        shutil.rmtree(work, ignore_errors=True)
    print(f"{machine_in_words()}.\n")
    for name, measured in points.items():
        print(as_markdown(SERIES[name], measured), end="\n\n")
    if options.json:
        document = {name: [asdict(point) for point in measured] for name, measured in points.items()}
        options.json.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    if options.charts:
        from charts import draw  # noqa: PLC0415 - matplotlib is an extra

        for name, measured in points.items():
            figures = [(point.amount, point.usages) for point in measured]
            draw(options.charts / f"growth-{name}.svg", SERIES[name].unit, figures)


def _from_json(document: Mapping[str, list[dict[str, object]]]) -> dict[str, list[Point]]:
    def point(entry: Mapping[str, object]) -> Point:
        usages, amount = entry["usages"], entry["amount"]
        assert isinstance(usages, dict)
        assert isinstance(amount, float)
        return Point(amount, {name: Usage(**usage) for name, usage in usages.items()})

    return {name: [point(entry) for entry in entries] for name, entries in document.items()}


if __name__ == "__main__":
    main()
