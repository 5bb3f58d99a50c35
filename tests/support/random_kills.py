"""Kills real commands at random moments, and says for each kill what was lost by it, if anything.

After a kill the editor's folder has to be as before or as it was to become, file by file and chat by chat;
every snapshot gives the same bytes as before; `check --read-data` finds no damage; and the next run of the
command, or an undo, ends well and leaves nothing of the killed one behind.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from chatcask.format.tree import EntryKind
from chatcask.ids import object_name
from chatcask.repository.repository import Repository
from chatcask.transport import LocalTransport
from support import vscode_view
from support.console import Console
from support.kill_scenes import OUTPUT, SCENES, Scene

_TEMPORARY = ".chatcask-"
_TWO_DAYS = timedelta(days=2).total_seconds()
_EARLIEST, _LATEST = -0.2, 1.1
"""When kills come: before the first write, while the command writes, and sometimes too late."""
_POLL_SECONDS = 0.001

Digests = dict[str, str]


@dataclass(frozen=True, slots=True)
class State:
    """What a person has: an editor's folder, what the editor shows of it, snapshots and written files."""

    files: Digests
    rows: dict[str, dict[str, tuple[str, bytes]]]
    shown: vscode_view.View
    snapshots: Digests
    output: Digests
    keys: frozenset[str]


@dataclass(slots=True)
class Tally:
    """What came of the kills of one command."""

    kills: int = 0
    moments: Counter[str] = field(default_factory=Counter)
    rests: int = 0
    failures: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Seconds:
    """How long a command takes until it writes, and from there to its end."""

    reading: float
    writing: float


class KilledWorld:
    """One scene in a folder of its own: the command is run whole once, and then killed again and again."""

    def __init__(self, folder: Path, scene: Scene) -> None:
        self.scene = scene
        self._folder = folder
        self._template = folder / "template"
        self._template.mkdir(parents=True)
        scene.set_up(Console(self._template))
        self._old = _state(self._template)
        self._run_whole()  # the first time, not everything is in the system's memory
        self._seconds, self._new = self._run_whole()

    def kill(self, moment: float, tally: Tally, *, undone: bool) -> None:
        """Kill the command after a part of the time in which it writes, and judge what is there.

        Args:
            moment: The part, from 0 to 1; below 0 the part of the time before it writes anything.
            tally: Where to note what came of it.
            undone: Go on with an undo, where the command can be undone, instead of the command.
        """
        console = self._copy("killed")
        place = self._folder / "killed"
        try:
            ended = _killed(console, self.scene, self._seconds, moment)
            after = _state(place)
            tally.kills += 1
            tally.moments["ended before" if ended else _progress(self._old, after, place)] += 1
            tally.rests += len(_rests(place))
            problems = [*self._mixtures(after), *_damage(console)]
            problems += self._goes_on(console, place, undone=undone)
            tally.failures += [f"{self.scene.name}, killed at {moment:.3f}: {text}" for text in problems]
        finally:
            shutil.rmtree(place)

    def _run_whole(self) -> tuple[_Seconds, State]:
        """Return how long the command takes, and what is there when it has ended."""
        seconds = _timed(self._copy("whole"), self.scene)
        place = self._folder / "whole"
        try:
            return seconds, _state(place)
        finally:
            shutil.rmtree(place)

    def _copy(self, name: str) -> Console:
        """Return a copy of the scene, with all times, at a place of its own."""
        shutil.copytree(self._template, self._folder / name, symlinks=True)
        return Console(self._folder / name)

    def _mixtures(self, now: State) -> Iterator[str]:
        """Yield what is neither as before nor as it was to become."""
        old, new = self._old, self._new
        for name in ("files", "shown", "output"):
            yield from _differences(name, *(getattr(state, name) for state in (now, old, new)))
        for database in old.rows:
            parts = (state.rows.get(database, {}) for state in (now, old, new))
            yield from _differences(f"rows of {database}", *parts)
        yield from _missing("snapshot", now.snapshots, old.snapshots)

    def _goes_on(self, console: Console, place: Path, *, undone: bool) -> Iterator[str]:
        """Run what a person would run next; yield what is wrong then."""
        undone = undone and self.scene.can_be_undone
        done = console.run("undo", "--yes") if undone else console.run(*self.scene.command(console))
        nothing_to_undo = 15 if undone or self.scene.name == "undo" else 0
        if done.code not in (0, nothing_to_undo):
            yield f"the next run ended with {done.code}: {done.err[-500:]}"
        now, wanted = _state(place), self._old if undone else self._new
        # A second run may list the same chats in another order, so rows are compared after an undo alone.
        for name in ("files", "shown", "output", *(["rows"] if undone else [])):
            last, right = getattr(now, name), getattr(wanted, name)
            yield from _differences(f"after the next run, {name}", last, right, right)
        yield from _missing("after the next run, snapshot", now.snapshots, self._old.snapshots)
        if not self.scene.adds_snapshots_of_its_own:
            missing = set(self._new.snapshots.values()) - set(now.snapshots.values())
            yield from (f"after the next run, a snapshot is missing: {digest}" for digest in missing)
        yield from (f"left behind: {rest}" for rest in _rests(place))
        for path in (console.store / "tmp").iterdir():
            os.utime(path, (time.time() - _TWO_DAYS,) * 2)
        if (pruned := console.run("prune")).code:
            yield f"prune ended with {pruned.code}: {pruned.err[-500:]}"
        left = [path.name for path in (console.store / "tmp").iterdir() if path.suffix != ".lock"]
        yield from (f"left in the store: {name}" for name in left)
        yield from _damage(console)


def kill_at_random(
    folder: Path, name: str, kills: int, seed: int, told: Callable[[str], Any] = lambda _: None
) -> Tally:
    """Kill a scene's command so many times, spread over the time that it takes; return what came of it."""
    tally, chance = Tally(), random.Random(f"{seed}/{name}")
    world = KilledWorld(folder / name, SCENES[name])
    for number in range(kills):
        moment = _EARLIEST + (_LATEST - _EARLIEST) * (number + chance.random()) / kills
        world.kill(moment, tally, undone=chance.random() < 0.5)
        told(f"{name} {number + 1}/{kills}")
    return tally


def _start(console: Console, scene: Scene) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        console.command(*scene.command(console)),
        env=console.environment,
        cwd=console.home,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _timed(console: Console, scene: Scene) -> _Seconds:
    """Run a command to its end, and measure it."""
    began = time.monotonic()
    with _start(console, scene) as process:
        _wait_for_write(process, console, 60)
        wrote = time.monotonic()
        assert process.wait(60) == 0, scene.name
    return _Seconds(wrote - began, time.monotonic() - wrote)


def _killed(console: Console, scene: Scene, seconds: _Seconds, moment: float) -> bool:
    """Start a command and kill it; tell whether it had ended before."""
    with _start(console, scene) as process:
        if moment < 0:
            _wait_for_write(process, console, seconds.reading * -moment)
        else:
            _wait_for_write(process, console, 60)
            with suppress(subprocess.TimeoutExpired):
                process.wait(seconds.writing * moment)
        process.kill()
        return process.wait() == 0


def _wait_for_write(process: subprocess.Popen[bytes], console: Console, seconds: float) -> None:
    """Wait until a command has made a name anywhere, has ended, or so many seconds are over."""
    place = console.home.parent
    folders = [place, console.store, *(path for path in place.rglob("*") if path.is_dir())]
    folders = [folder for folder in folders if ".cache" not in folder.parts]

    def times() -> list[int]:
        return [os.stat(folder).st_mtime_ns for folder in folders]

    before, end = times(), time.monotonic() + seconds
    while process.poll() is None and times() == before and time.monotonic() < end:
        time.sleep(_POLL_SECONDS)


def _state(place: Path) -> State:
    """Return what is there; databases are looked at in a copy, since looking rolls back what was begun."""
    editor = place / "home" / ".config" / "Code"
    copy = place / "looked-at"
    shutil.copytree(editor, copy)
    try:
        databases = [path for path in copy.rglob("state.vscdb") if path.is_file()]
        rows = {str(path.relative_to(copy)): vscode_view.rows(path) for path in databases}
        shown = vscode_view.view(copy)
    finally:
        shutil.rmtree(copy)
    keys = frozenset(info.key for info in LocalTransport(place / "store").list(""))
    return State(_files(editor), rows, shown, _snapshots(place / "store"), _files(place / OUTPUT), keys)


def _files(folder: Path) -> Digests:
    """Return the digests of files, without databases and what waits to be named."""
    return {
        str(path.relative_to(folder)): object_name(path.read_bytes())
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith((_TEMPORARY, "state.vscdb"))
    }


def _snapshots(store: Path) -> Digests:
    """Return a digest of everything each snapshot holds, every byte read and proved."""
    found: Digests = {}
    with Repository.open(LocalTransport(store)) as repository:
        for reference in repository.snapshots():
            held = [
                (path, entry.mtime_ns, object_name(repository.reader.read_all(entry.content)))
                for path, entry in repository.walk(repository.load(reference).root)
                if entry.kind is not EntryKind.FOLDER
            ]
            found[reference.key] = object_name(repr(sorted(held)).encode())
    return found


def _progress(old: State, now: State, place: Path) -> str:
    """Say how far the killed command had come."""
    if (now.files, now.shown, now.output) != (old.files, old.shown, old.output):
        return "folder changed"
    if now.keys != old.keys:
        return "store changed"
    if _rests(place) or any((place / "store" / "tmp").glob("?" * 24)):
        return "writing"
    return "reading"


def _rests(place: Path) -> list[str]:
    return [str(path.relative_to(place)) for path in place.rglob(f"{_TEMPORARY}*")]


def _differences(what: str, now: Any, old: Any, new: Any) -> Iterator[str]:
    for key in now.keys() | (old.keys() & new.keys()):
        if now.get(key) not in (old.get(key), new.get(key)):
            yield f"{what}: {key} is neither old nor new: {now.get(key)!r:.200}"


def _missing(what: str, now: Digests, old: Digests) -> Iterator[str]:
    yield from (f"{what} {key} is lost or changed" for key in old if now.get(key) != old[key])


def _damage(console: Console) -> Iterator[str]:
    done = console.run("check", "--read-data")
    if done.code:
        yield f"check ended with {done.code}: {done.text[-500:]}"
