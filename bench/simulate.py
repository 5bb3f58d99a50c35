"""Writes a simulated VS Code user-data folder, and lets days of use pass in it.

python bench/simulate.py --preset large --seed 1 --output DIR [--days N]
python bench/simulate.py --seed 1 --output DIR --only-day N
"""

from __future__ import annotations

import argparse
from pathlib import Path

from simulation.day import DayReport, advance_one_day
from simulation.folder import build
from simulation.presets import PRESETS

__all__ = ["DayReport", "advance_one_day", "build", "main"]


def main(arguments: list[str] | None = None) -> None:
    """Build the folder that the command line asks for, or change it as one day does."""
    parser = argparse.ArgumentParser(description="Writes a simulated VS Code user-data folder.")
    parser.add_argument("--preset", choices=sorted(PRESETS), default="small")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--output", type=Path, required=True, metavar="DIR", help="the user-data folder")
    parser.add_argument("--days", type=int, default=0, help="days of use after the first state")
    parser.add_argument("--only-day", type=int, metavar="N", help="change the existing folder as day N does")
    options = parser.parse_args(arguments)
    if options.only_day is not None:
        _advance(options.output, options.seed, options.only_day)
        return
    if options.output.exists():
        parser.error(f"{options.output} exists already")
    build(options.preset, options.seed, options.output)
    for day in range(1, options.days + 1):
        _advance(options.output, options.seed, day)
    files = [path for path in options.output.rglob("*") if path.is_file()]
    print(f"{len(files)} files, {sum(path.stat().st_size for path in files)} bytes in {options.output}")


def _advance(root: Path, seed: int, day: int) -> None:
    report = advance_one_day(root, seed, day)
    changes = (f"{len(getattr(report, kind))} {kind}" for kind in DayReport.__slots__)
    print(f"day {day}: {', '.join(changes)}")


if __name__ == "__main__":
    main()
