"""The commands that are killed at random, each with a folder and a store in which it has much to do."""

from __future__ import annotations

import json
import os
import random
import sqlite3
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from chatcask_cli.demo.folder import add_a_day, build_folder, lose_chat
from support import vscode_view
from support.console import Console

BUNDLE = "their.ccb"
OUTPUT = "written"
_START = datetime(2026, 6, 1, 9, tzinfo=UTC)
_DAYS = 24
_TWO_DAYS = timedelta(days=2).total_seconds()


@dataclass(frozen=True, slots=True)
class Scene:
    """A command to kill.

    Attributes:
        name: What it is called.
        set_up: Makes the folder and the store in which it is run.
        arguments: The command line; `{place}` stands for the folder of the scene.
        can_be_undone: Whether `undo` takes it back.
        adds_snapshots_of_its_own: Whether a second run gives other snapshots than the first.
    """

    name: str
    set_up: Callable[[Console], None]
    arguments: Callable[[Console], Iterable[str | Path]]
    can_be_undone: bool = False
    adds_snapshots_of_its_own: bool = True

    def command(self, console: Console) -> list[str | Path]:
        """Return the arguments of the command."""
        return list(self.arguments(console))


def _did(console: Console, *arguments: str | Path) -> None:
    done = console.run(*arguments)
    assert done.code == 0, done


def _stored_folder(console: Console) -> None:
    """Make a folder with some weeks of chats, one of them long, and store it."""
    build_folder(console.editor, _START)
    for number in range(1, _DAYS):
        add_a_day(console.editor, _START.replace(hour=0) + timedelta(days=number), number)
    _write_long_text(console, 1, 3_000_000)
    _did(console, "init")
    _did(console, "snapshot")


def _write_long_text(console: Console, seed: int, size: int) -> None:
    """Give the first workspace files of edits that compress badly, so that storing them takes its time."""
    chance = random.Random(seed)
    storage = vscode_view.places(console.editor)[0][1]
    folder = storage / "chatEditingSessions" / f"0a1b2c3d-0000-4000-8000-{seed:012d}" / "contents"
    folder.mkdir(parents=True)
    for number in range(3):
        (folder / f"{number:07d}").write_bytes(chance.randbytes(size // 6).hex().encode())


def _chats(console: Console) -> list[tuple[Path, Path, str]]:
    """Return storage, file and id of each chat that the editor lists, in an order that stays."""
    found = []
    for _, storage, sessions in vscode_view.places(console.editor):
        for session in sorted(vscode_view.listed(storage)):
            found += [(storage, path, session) for path in sessions.glob(f"{session}.json*")]
    return found


def _change_list(storage: Path, change: Callable[[dict[str, object]], object]) -> None:
    with closing(sqlite3.connect(storage / "state.vscdb")) as database, database:
        (text,) = database.execute(
            "SELECT value FROM ItemTable WHERE key = ?", (vscode_view.INDEX,)
        ).fetchone()
        index = json.loads(text)
        change(index["entries"])
        changed = (json.dumps(index), vscode_view.INDEX)
        database.execute("UPDATE ItemTable SET value = ? WHERE key = ?", changed)


def _grown_folder(console: Console) -> None:
    _stored_folder(console)
    for number in range(_DAYS, _DAYS + 8):
        add_a_day(console.editor, _START.replace(hour=0) + timedelta(days=number), number)
    _write_long_text(console, 2, 6_000_000)


def _lost(console: Console) -> list[str]:
    """Return the chats that the scene of a restore has lost, and those that it has emptied."""
    return (console.home / "lost").read_text(encoding="ascii").split()


def _folder_with_losses(console: Console) -> None:
    _stored_folder(console)
    chats = _chats(console)
    lost = chats[1::3]
    for _, _, session in lost:
        lose_chat(console.editor, session)
    emptied = [chat for chat in chats[0::9] if chat not in lost]
    for _, path, session in emptied:
        stub = {
            "version": 3,
            "sessionId": session,
            "creationDate": 1,
            "requests": [],
            "responderUsername": "a",
        }
        text = json.dumps(stub if path.suffix == ".json" else {"kind": 0, "v": stub})
        path.write_text(text + "\n", encoding="ascii")
    names = " ".join(session for _, _, session in (*lost, *emptied))
    (console.home / "lost").write_text(names, encoding="ascii")


def _restored_folder(console: Console) -> None:
    _folder_with_losses(console)
    _did(console, "restore", "--replace", *_lost(console))


def _damaged_folder(console: Console) -> None:
    _stored_folder(console)
    chats = _chats(console)
    for _, path, _ in chats[0::5]:
        path.write_bytes(path.read_bytes()[:-40])
    for storage, _, session in chats[1::5]:
        _change_list(storage, lambda entries, session=session: entries.pop(session))
    for _, path, _ in chats[2::5]:
        path.unlink()


def _store_and_bundle(console: Console) -> None:
    theirs = Console(console.home.parent / "theirs")
    _grown_folder(theirs)
    _did(theirs, "snapshot")
    _did(theirs, "export", console.home.parent / BUNDLE, "--all")
    _stored_folder(console)


def _forgetful_store(console: Console) -> None:
    """Make a store in which a prune has packs to delete, others to mark, and some to copy from."""
    _stored_folder(console)
    for seed in range(10, 16):
        _write_long_text(console, seed, 2_000_000)
        add_a_day(console.editor, _START.replace(hour=0) + timedelta(days=seed + _DAYS), seed)
        _did(console, "snapshot", "--tag", f"t{seed}")
        for path in (vscode_view.places(console.editor)[0][1] / "chatEditingSessions").glob(
            f"*{seed:012d}/*/*[01]"
        ):
            path.unlink()
    _did(console, "snapshot")
    _did(console, "forget", "t10", "t12")
    _did(console, "prune")
    before = time.time() - _TWO_DAYS
    for prefix in ("condemned", "forgotten"):
        for path in (console.store / prefix).rglob("*"):
            os.utime(path, (before, before))
    _did(console, "forget", "t13", "t15")


_SCENES = (
    Scene("snapshot", _grown_folder, lambda _: ("snapshot",)),
    Scene(
        "restore",
        _folder_with_losses,
        lambda console: ("restore", "--replace", *_lost(console)),
        can_be_undone=True,
    ),
    Scene(
        "restore --output",
        _stored_folder,
        lambda console: ("restore", "latest", "--output", console.home.parent / OUTPUT),
    ),
    Scene("undo", _restored_folder, lambda _: ("undo", "--yes")),
    Scene("doctor --fix", _damaged_folder, lambda _: ("doctor", "--fix"), can_be_undone=True),
    Scene(
        "import",
        _store_and_bundle,
        lambda console: ("import", console.home.parent / BUNDLE),
        adds_snapshots_of_its_own=False,
    ),
    Scene("prune", _forgetful_store, lambda _: ("prune",), adds_snapshots_of_its_own=False),
)
SCENES = {scene.name: scene for scene in _SCENES}
"""Every command that is killed, by name."""
