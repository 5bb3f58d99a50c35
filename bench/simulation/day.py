"""Lets one day of use pass in a simulated folder."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from simulation.folder import project_of, sessions_folder, set_time
from simulation.presets import ANCHOR_SECONDS, DAY_SECONDS
from simulation.session import (
    MAX_ENTRIES,
    append_turns,
    compact_log,
    is_torn,
    make_turns,
    rewrite_flat,
    tear,
    write_log,
)
from simulation.state import read_entries, replace_entries, state_files, write_edits
from simulation.turn import Turn, make_uuid

_GROWTH = 100
"""A day adds about one part in this many to the bodies."""


@dataclass(slots=True)
class DayReport:
    """What happened to which body, as paths below the root."""

    appended: list[str] = field(default_factory=list)
    compacted: list[str] = field(default_factory=list)
    rewritten: list[str] = field(default_factory=list)
    created: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    copied: list[str] = field(default_factory=list)
    torn: list[str] = field(default_factory=list)


def advance_one_day(root: Path, seed: int, day: int) -> DayReport:
    """Change the folder as day number `day` (1 is the first) does, and say what changed.

    Logs grow, some of them are compacted; flat bodies are rewritten whole; sessions appear, are deleted, are
    copied to another workspace, and every third day one is torn by a crash. What is chosen follows from the
    seed, the day and the folder as it stands.
    """
    return _Day(root, seed, day).run()


class _Day:
    """One day while it passes: the files not yet touched, the index changes so far, the clock."""

    def __init__(self, root: Path, seed: int, day: int) -> None:
        self._root, self._seed, self._number = root, seed, day
        self._rng = random.Random(f"{seed}/day/{day}")
        self._storages = _storages(root)
        self._entries = {storage: read_entries(storage) for storage in self._storages}
        self._changed: set[Path] = set()
        self._clock = (ANCHOR_SECONDS + (day - 1) * DAY_SECONDS + 8 * 3600) * 1000
        self._report = DayReport()
        bodies = list(_bodies(self._storages))
        self._count = len(bodies)
        self._growth = max(40_000, sum(size for _, _, size in bodies) // _GROWTH)
        self._logs = [path for _, path, _ in bodies if path.suffix == ".jsonl"]
        self._flat = [path for _, path, _ in bodies if path.suffix == ".json"]

    def run(self) -> DayReport:
        active = max(3, self._count // 60)
        for number in range(active):
            self._append(self._growth // active, compact=number % 8 == 0)
        for _ in range(max(1, active // 8)):
            self._rewrite(self._growth // active)
        for _ in range(max(1, self._count // 250)):
            self._create(self._growth // 8 // max(1, self._count // 250))
        for _ in range(max(1, self._count // 500)):
            self._delete()
        for _ in range(max(1, self._count // 1500)):
            self._copy()
        if self._number % 3 == 1:
            self._tear()
        for storage in sorted(self._changed):
            replace_entries(storage, self._entries[storage])
            for path in state_files(storage):
                set_time(path, self._clock)
        return self._report

    def _append(self, size: int, *, compact: bool) -> None:
        path = self._take_recent(self._logs)
        if path is None:
            return
        if is_torn(path):  # VS Code cannot open it, so it stays as it is.
            return
        storage = _storage_of(path)
        turns = self._turns(storage, size)
        entries = append_turns(path, turns)
        self._report.appended.append(self._name(path))
        if compact or entries > MAX_ENTRIES:
            compact_log(path)
            self._report.compacted.append(self._name(path))
        # Edits of an empty window go to a folder that VS Code deletes when the window closes.
        if self._rng.random() < 0.3 and storage.name != "globalStorage":
            self._edit(storage, path.stem)
        self._touch(path, turns[-1])

    def _rewrite(self, size: int) -> None:
        path = self._take_recent(self._flat)
        if path is None:
            return
        turns = self._turns(_storage_of(path), size)
        rewrite_flat(path, turns)
        self._report.rewritten.append(self._name(path))
        self._touch(path, turns[-1])

    def _create(self, size: int) -> None:
        storage = self._rng.choice(self._storages)
        path = sessions_folder(storage) / f"{make_uuid(self._rng)}.jsonl"
        facts = write_log(
            path, self._rng, project_of(self._seed, storage), self._clock, max(5_000, size), compacted=False
        )
        self._clock = max(self._clock, facts.ended)
        set_time(path, self._clock)
        self._list(storage, facts.session, facts.index_entry())
        self._report.created.append(self._name(path))

    def _delete(self) -> None:
        path = self._take_any(self._logs)
        if path is None:
            return
        storage = _storage_of(path)
        path.unlink()
        self._entries[storage].pop(path.stem, None)
        self._changed.add(storage)
        self._report.deleted.append(self._name(path))

    def _copy(self) -> None:
        """Copy a session as a window does whose folder became another workspace; the original stays."""
        path = self._take_any(self._logs)
        if path is None:
            return
        source = _storage_of(path)
        target = self._rng.choice([storage for storage in self._storages if storage != source])
        copy = sessions_folder(target) / path.name
        shutil.copyfile(path, copy)
        set_time(copy, self._clock)
        entry = self._entries[source].get(path.stem)
        if entry is not None:
            self._list(target, path.stem, entry)
        self._report.copied.append(self._name(copy))

    def _tear(self) -> None:
        path = self._take_any(self._logs)
        if path is not None and not is_torn(path):
            tear(path, self._rng)
            set_time(path, self._clock)
            self._report.torn.append(self._name(path))

    def _turns(self, storage: Path, mean_size: int) -> list[Turn]:
        size = max(3_000, round(mean_size * self._rng.lognormvariate(-0.32, 0.8)))
        turns = list(make_turns(self._rng, project_of(self._seed, storage), self._clock, size))
        self._clock += self._rng.randrange(30_000, 120_000)
        return turns

    def _edit(self, storage: Path, session: str) -> None:
        project = project_of(self._seed, storage)
        for path in write_edits(storage, session, self._rng, project, self._rng.randrange(1, 4)):
            set_time(path, self._clock)

    def _touch(self, path: Path, last: Turn) -> None:
        set_time(path, self._clock)
        storage = _storage_of(path)
        entry = self._entries[storage].get(path.stem)
        if entry is not None:
            timing = entry["timing"] | {"lastRequestStarted": last.started, "lastRequestEnded": last.ended}
            self._list(storage, path.stem, entry | {"lastMessageDate": last.started, "timing": timing})

    def _list(self, storage: Path, session: str, entry: dict[str, Any]) -> None:
        self._entries[storage][session] = entry
        self._changed.add(storage)

    def _take_recent(self, paths: list[Path]) -> Path | None:
        """Take one of the paths, which stand newest first, a recent one more likely than an old one."""
        return paths.pop(int(len(paths) * self._rng.random() ** 3)) if paths else None

    def _take_any(self, paths: list[Path]) -> Path | None:
        return paths.pop(self._rng.randrange(len(paths))) if paths else None

    def _name(self, path: Path) -> str:
        return path.relative_to(self._root).as_posix()


def _storages(root: Path) -> list[Path]:
    user = root / "User"
    return [*sorted((user / "workspaceStorage").iterdir()), user / "globalStorage"]


def _storage_of(body: Path) -> Path:
    return body.parent.parent


def _bodies(storages: list[Path]) -> Iterator[tuple[int, Path, int]]:
    """Return (time, path, size) of every body, newest first."""
    found = []
    for storage in storages:
        for path in sessions_folder(storage).iterdir():
            status = path.stat()
            found.append((-status.st_mtime_ns, path, status.st_size))
    return iter(sorted(found))
