"""Measures what reading one very long chat costs: to list, show, compare and archive it.

python bench/sessions.py [--megabytes 500] [--seed 1] [--work DIR]

The chat is a log as the editor leaves it after long use: one line that holds nearly everything, and some
hundred lines of later edits. Memory is told in multiples of the log's length.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from contenders import PATHS
from measure import Command, measure
from simulation.project import Project, make_project
from simulation.session import append_turns, make_turns, write_log

_WORKSPACE = "5e" * 16
_SESSION = "0c0ffee0-1111-4222-8333-444455556666"
_STARTED = 1_780_300_800_000
_DAY_SIZE = 2_000_000


@dataclass(frozen=True, slots=True)
class Scene:
    """One command to measure; a cold one finds nothing in the local cache."""

    name: str
    arguments: tuple[str, ...]
    is_cold: bool = False


def main(arguments: list[str] | None = None) -> None:
    """Build the chat, take two snapshots of it, measure, print a table."""
    parser = argparse.ArgumentParser(description="Measures what one very long chat costs.")
    parser.add_argument("--megabytes", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--work", type=Path, metavar="DIR", help="a folder to work in; else a temporary one")
    options = parser.parse_args(arguments)
    if options.work is not None:
        options.work.mkdir(parents=True)
        _run(options.work, options.megabytes * 1_000_000, options.seed)
        return
    with tempfile.TemporaryDirectory() as folder:
        _run(Path(folder), options.megabytes * 1_000_000, options.seed)


def _run(work: Path, size: int, seed: int) -> None:
    environment = _environment(work)
    storage = work / "Code" / "User" / "workspaceStorage" / _WORKSPACE
    log = storage / "chatSessions" / f"{_SESSION}.jsonl"
    log.parent.mkdir(parents=True)
    project = make_project(seed, _WORKSPACE)
    (storage / "workspace.json").write_text(f'{{"folder":"file://{project.folder}"}}', encoding="utf-8")
    _elsewhere(_write, log, project, size, seed)
    measure([_command(environment, "snapshot", "--user-data-dir", str(work / "Code"))])
    _elsewhere(_append, log, project, seed + 1)
    measure([_command(environment, "snapshot", "--user-data-dir", str(work / "Code"))])
    length = log.stat().st_size
    print(f"one log of {length / 1e6:.0f} MB, {_DAY_SIZE / 1e6:.0f} MB of it new in the second snapshot\n")
    print("| command | seconds | peak memory | of the log's length |\n|---|---|---|---|")
    for scene in _scenes(work):
        if scene.is_cold:
            shutil.rmtree(work / "cache", ignore_errors=True)
        used = measure([_command(environment, *scene.arguments)])
        share = used.peak_bytes / length
        print(f"| {scene.name} | {used.wall_seconds:.1f} | {used.peak_bytes / 1e6:.0f} MB | {share:.1f} x |")


def _write(log: Path, project: Project, size: int, seed: int) -> None:
    write_log(log, random.Random(seed), project, _STARTED, size, compacted=True)


def _append(log: Path, project: Project, seed: int) -> None:
    append_turns(log, list(make_turns(random.Random(seed), project, _STARTED * 2, _DAY_SIZE)))


def _elsewhere(function: Callable[..., None], *arguments: object) -> None:
    """Call a function in a process of its own: children are told the peak of this one for their own."""
    process = multiprocessing.get_context("spawn").Process(target=function, args=arguments)
    process.start()
    process.join()
    if process.exitcode:
        raise SystemExit(f"{function.__name__} failed")


def _scenes(work: Path) -> Iterator[Scene]:
    yield Scene("sessions, nothing cached", ("sessions",), is_cold=True)
    yield Scene("sessions, again", ("sessions",))
    for form in ("raw", "md", "jsonl", "json", "html"):
        yield Scene(
            f"show --format {form}", ("show", _SESSION, "-o", str(work / f"chat.{form}"), "--format", form)
        )
    yield Scene("diff, nothing cached", ("diff",), is_cold=True)
    yield Scene("diff --session", ("diff", "--session", _SESSION))
    yield Scene("archive", ("archive", str(work / "archive")))
    yield Scene("archive, again", ("archive", str(work / "archive")))


def _environment(work: Path) -> Mapping[str, str]:
    return {
        "HOME": str(work / "home"),
        "CHATCASK_STORE": str(work / "store"),
        "CHATCASK_CACHE": str(work / "cache"),
        **PATHS,
    }


def _command(environment: Mapping[str, str], *arguments: str) -> Command:
    return Command((sys.executable, "-m", "chatcask_cli", *arguments), environment=environment)


if __name__ == "__main__":
    main()
