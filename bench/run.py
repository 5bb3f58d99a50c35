"""Measures chatcask beside restic, borg, git and zpaq on one simulated folder, in one run.

python bench/run.py --preset large --seed 1 [--days 10] [--json FILE] [--markdown FILE] [--work DIR]
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from hashlib import blake2b
from pathlib import Path

from contenders import CONTENDERS, PATHS, REPOSITORY, Contender
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
from goals import IMPORTS, PYTHON, VERSION, WALK
from measure import Command, CommandFailedError, Usage, measure, median, output_of, tree_bytes
from report import as_json, as_markdown, machine_in_words
from simulation.presets import PRESETS

_REPEATS = 5
_SETTLING_SECONDS = 7.0
"""ext4 passes over inodes that were deleted in the last 5 seconds, one by one, for every new file."""

_IMPORTS = (
    "import chatcask_cli.commands.snapshot, chatcask.ops.snapshot.take, "
    "chatcask.assistants.vscode.guard.machine_guard"
)
_WALK = """
import os, sys
folders = [sys.argv[1]]
while folders:
    with os.scandir(folders.pop()) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                folders.append(entry.path)
            else:
                entry.stat(follow_symlinks=False)
"""


class Race:
    """One contender on its way through all measurements; a failure ends its way and is kept as text."""

    def __init__(self, contender: Contender) -> None:
        self.contender = contender
        self.result = Result(contender.name, "")
        self._number = 0
        self._days: list[Usage] = []
        contender.home.mkdir(parents=True)

    def prepare(self) -> None:
        """Ask for the version and make the store."""
        self.result.version = self.contender.version()
        measure(self.contender.create())

    def first_snapshot(self) -> None:
        """Measure the first snapshot, then runs without a change."""
        self.result.usages[FIRST] = self._snapshot()
        self.result.first_bytes = self.result.last_bytes = tree_bytes(self.contender.store)
        self.result.usages[NO_CHANGE] = median([self._snapshot() for _ in range(_REPEATS)])

    def day(self) -> None:
        """Measure the snapshot after a day of use."""
        self._days.append(self._snapshot())
        self.result.last_bytes = tree_bytes(self.contender.store)
        self.result.usages[DAY] = median(self._days)
        before = self.result.usages.get(DAYS, Usage(0.0, 0.0, 0))
        self.result.usages[DAYS] = before.then(self._days[-1])

    def restore(self, output: Path, session: str) -> None:
        """Measure restoring everything and one session; both are compared with the folder."""
        commands = self.contender.restore_all(self._number, output)
        self.result.usages[RESTORE_ALL] = _measure_into(output, commands)
        wanted = _contents(self.contender.folder)
        missing = wanted - _contents(output)
        _remove(output)
        if missing:
            raise CommandFailedError(f"{missing.total()} files were not restored as they were")
        commands = self.contender.restore_one(self._number, session, output)
        self.result.usages[RESTORE_ONE] = _measure_into(output, commands)
        restored = _contents(output)
        _remove(output)
        if restored != Counter([_digest(self.contender.folder / session)]):
            raise CommandFailedError("the one session was not restored as it was")

    def verify(self) -> None:
        """Measure reading and proving every stored byte."""
        self.result.usages[VERIFY] = measure(self.contender.verify())

    def attempt(self, step: Callable[[], None]) -> None:
        """Do a step unless an earlier one failed; a failure is noted and said."""
        if self.result.failure:
            return
        try:
            step()
        except CommandFailedError as error:
            self.result.failure = str(error)
            _say(f"{self.result.name}: {error}")

    def _snapshot(self) -> Usage:
        self._number += 1
        return measure(self.contender.snapshot(self._number))


def main(arguments: list[str] | None = None) -> None:
    """Run the bench that the command line asks for."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if not hasattr(os, "wait4"):
        parser.error("this system cannot tell what a process cost; run the bench on Linux or macOS")
    work = Path(tempfile.mkdtemp(prefix="chatcask-bench-", dir=options.work))
    try:
        scene, limits, results = run(options.preset, options.seed, options.days, options.tools, work)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    text = as_markdown(scene, limits, results)
    print(text, end="")
    if options.markdown:
        options.markdown.write_text(text, encoding="utf-8")
    if options.json:
        document = json.dumps(as_json(scene, limits, results), indent=2)
        options.json.write_text(document + "\n", encoding="utf-8")


def run(
    preset: str, seed: int, days: int, tools: Sequence[str], work: Path
) -> tuple[Scene, dict[str, Usage], list[Result]]:
    """Build the folder below `work`, lead every tool through all measurements, and return them."""
    folder = work / "source" / "Code"
    folder.parent.mkdir()
    _say(f"building {preset}")
    _simulate(folder, seed, "--preset", preset)
    files = _count_files(folder)
    scene = Scene(preset, seed, days, files, tree_bytes(folder), machine_in_words())
    limits = _limits(folder, work / "copy")
    races = [Race(kind(work / kind.name, folder)) for kind in CONTENDERS if kind.name in tools]
    for race in races:
        race.attempt(race.prepare)
    for race in races:
        _say(f"{race.result.name}: first snapshot, no change")
        race.attempt(race.first_snapshot)
    yesterday, whole, delta = work / "yesterday", 0, 0
    shutil.copytree(folder, yesterday, symlinks=True)
    for day in range(1, days + 1):
        _say(f"day {day}")
        _simulate(folder, seed, "--only-day", str(day))
        day_whole, day_delta = _yardstick(folder, yesterday)
        whole, delta = whole + day_whole, delta + day_delta
        for race in races:
            race.attempt(race.day)
    session = _typical_session(folder)
    for race in races:
        _say(f"{race.result.name}: restore")
        race.attempt(partial(race.restore, work / "restored", session))
        race.attempt(race.verify)
    scene = replace(scene, whole_bytes=whole, delta_bytes=delta)
    return scene, limits, [race.result for race in races]


def _parser() -> argparse.ArgumentParser:
    names = [kind.name for kind in CONTENDERS]
    parser = argparse.ArgumentParser(description="Measures chatcask beside other tools.")
    parser.add_argument("--preset", choices=sorted(PRESETS), default="small")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--days", type=int, default=10)
    parser.add_argument(
        "--tools",
        type=lambda text: text.split(","),
        default=names,
        help=f"some of {','.join(names)}",
    )
    parser.add_argument("--work", type=Path, metavar="DIR", help="where the folder and the stores go")
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--markdown", type=Path, metavar="FILE")
    return parser


def _say(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


def _simulate(folder: Path, seed: int, *arguments: str) -> None:
    # In a process of its own, because the memory of this one is the floor of every peak it measures.
    script = REPOSITORY / "bench" / "simulate.py"
    common = ("--seed", str(seed), "--output", str(folder))
    output_of(Command((sys.executable, str(script), *common, *arguments)))


def _yardstick(folder: Path, yesterday: Path) -> tuple[int, int]:
    script = str(REPOSITORY / "bench" / "yardstick.py")
    printed = output_of(Command((sys.executable, script, str(folder), str(yesterday))))
    whole, delta = map(int, printed.split())
    return whole, delta


def _limits(folder: Path, copy: Path) -> dict[str, Usage]:
    cat = 'find "$1" -type f -exec cat {} + > /dev/null'
    read_all = Command(("sh", "-c", cat, "sh", str(folder)))
    measure([read_all])  # warms the page cache
    python = sys.executable
    limits = {
        PYTHON: median([measure([Command((python, "-c", "pass"))]) for _ in range(_REPEATS)]),
        WALK: median([measure([Command((python, "-c", _WALK, str(folder)))]) for _ in range(_REPEATS)]),
        VERSION: median([measure([_chatcask("--version")]) for _ in range(_REPEATS)]),
        IMPORTS: median([measure([Command((python, "-c", _IMPORTS), None, PATHS)]) for _ in range(_REPEATS)]),
        "cat of every file": measure([read_all]),
        "cp -a": measure([Command(("cp", "-a", str(folder), str(copy)))]),
    }
    _remove(copy)
    return limits


def _chatcask(*arguments: str) -> Command:
    return Command((sys.executable, "-m", "chatcask_cli", *arguments), None, PATHS)


def _remove(folder: Path) -> None:
    """Remove a folder, and wait until file systems give away the places of its files without a search."""
    shutil.rmtree(folder)
    time.sleep(_SETTLING_SECONDS)


def _measure_into(output: Path, commands: Sequence[Command]) -> Usage:
    output.mkdir()
    return measure(commands)


def _count_files(folder: Path) -> int:
    return sum(len(names) for _, _, names in os.walk(folder))


def _typical_session(folder: Path) -> str:
    """Return the log of median size among those of all workspaces, relative to the folder."""
    logs = folder.glob("User/workspaceStorage/*/chatSessions/*.jsonl")
    ranked = sorted((path.stat().st_size, path.relative_to(folder).as_posix()) for path in logs)
    return ranked[len(ranked) // 2][1]


def _contents(folder: Path) -> Counter[bytes]:
    """Return the digests of all files except databases, of which chatcask keeps only some rows."""
    return Counter(
        _digest(Path(parent, name))
        for parent, _, names in os.walk(folder)
        for name in names
        if not name.startswith("state.vscdb")
    )


def _digest(path: Path) -> bytes:
    hasher = blake2b(digest_size=16)
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            hasher.update(piece)
    return hasher.digest()


if __name__ == "__main__":
    main()
