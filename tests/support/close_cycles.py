"""Editors that open and close again and again beside `chatcask wait`: was each last state saved?

python tests/support/close_cycles.py --cycles 1000 --load 2
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from chatcask import LocalTransport, Repository
from chatcask.errors import NotFoundError
from chatcask.jobs import read_record
from chatcask_cli.demo import folder as fictional
from support.console import Console
from support.fake_editor import install

EDITORS = {"code": "Code", "cursor": "Cursor", "vscodium": "VSCodium"}
_PATIENCE_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Closing:
    """One end of an editor: which, when, how large its chat was, and how long it took to be saved."""

    source: str
    at: datetime
    size: int
    took: float


@dataclass(slots=True)
class Cycles:
    """What is done and what came of it."""

    console: Console
    code: Path
    cycles: int
    closings: list[Closing] = field(default_factory=list)

    def chat(self, source: str) -> Path:
        folder = self.console.home / ".config" / EDITORS[source]
        return next(iter(sorted((folder / "User").rglob("chatSessions/*.jsonl"))))

    def saved_at(self, source: str) -> datetime | None:
        record = read_record(self.console.home / ".local" / "share" / "chatcask")
        return record.saved[source].saved_at if source in record.saved else None

    def live(self, source: str, seed: int) -> None:
        """Open and close one editor, orderly or by a crash, and wait each time until it was saved."""
        chance, chat = random.Random(seed), self.chat(source)
        lock = self.console.home / ".config" / EDITORS[source] / "code.lock"
        for _ in range(self.cycles):
            editor = subprocess.Popen([self.code, f"--user-data-dir={lock.parent}"], stdin=subprocess.DEVNULL)
            lock.write_text(str(editor.pid))
            time.sleep(chance.uniform(0, 0.05))
            with chat.open("a") as file:
                line = {"kind": 1, "k": ["customTitle"], "v": "x" * chance.randrange(1, 200)}
                file.write(json.dumps(line) + "\n")
            if chance.random() < 0.6:
                lock.unlink()
            editor.kill()
            editor.wait()
            closed, began = datetime.now(UTC), time.monotonic()
            while (saved := self.saved_at(source)) is None or saved < closed:
                if time.monotonic() - began > _PATIENCE_SECONDS:
                    raise TimeoutError(f"{source} was not saved after {len(self.closings)} closings")
                time.sleep(0.02)
            took = time.monotonic() - began
            self.closings.append(Closing(source, closed, chat.stat().st_size, took))

    def sizes_saved(self) -> dict[str, set[int]]:
        """The sizes that each editor's chat has in any snapshot."""
        found: dict[str, set[int]] = {source: set() for source in EDITORS}
        with Repository.open(LocalTransport(self.console.store)) as repository:
            for reference in repository.snapshots():
                root = repository.load(reference).root
                for source in EDITORS:
                    chat = self.chat(source)
                    path = f"{source}/workspaces/{chat.parent.parent.name}/chatSessions/{chat.name}"
                    try:
                        found[source].add(repository.entry(root, path).size)
                    except NotFoundError:
                        continue
        return found


def close_again_and_again(folder: Path, cycles: int) -> list[Closing]:
    """Let three editors live so many cycles each; return what was closed.

    Raises:
        TimeoutError: a closing was not followed by a run.
        AssertionError: the state at a closing is in no snapshot.
    """
    console = Console(folder)
    for name in EDITORS.values():
        fictional.build_folder(console.home / ".config" / name, datetime(2026, 6, 1, 9, 0, tzinfo=UTC))
    world = Cycles(console, install(folder / "share" / "code"), cycles)
    waiting = subprocess.Popen(console.command("wait", "--quiet"), env=console.environment)
    failed: list[BaseException] = []

    def live(source: str, seed: int) -> None:
        try:
            world.live(source, seed)
        except BaseException as error:  # noqa: BLE001 - told to who waits for the thread
            failed.append(error)

    try:
        threads = [threading.Thread(target=live, args=(each, seed)) for seed, each in enumerate(EDITORS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        waiting.terminate()
        waiting.wait()
    if failed:
        raise failed[0]
    saved = world.sizes_saved()
    lost = [closing for closing in world.closings if closing.size not in saved[closing.source]]
    assert not lost, f"{len(lost)} closings are in no snapshot, such as {lost[0]}"
    return world.closings


def _burn() -> None:
    while True:
        pass


def main() -> None:
    """Do it as the command line says, and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cycles", type=int, default=1000, help="how often editors close, all in all")
    parser.add_argument("--load", type=int, default=2, help="how many processes keep the machine busy")
    given = parser.parse_args()
    burning = [multiprocessing.Process(target=_burn, daemon=True) for _ in range(given.load)]
    for process in burning:
        process.start()
    with tempfile.TemporaryDirectory() as folder:
        began = time.monotonic()
        closings = close_again_and_again(Path(folder), -(-given.cycles // len(EDITORS)))
    took = sorted(closing.took for closing in closings)
    print(
        f"{len(took)} closings in {time.monotonic() - began:.0f} s, each saved;"
        f" after {statistics.median(took):.2f} s (median), {took[-1]:.2f} s at most"
    )
    for process in burning:
        process.kill()


if __name__ == "__main__":
    main()
