"""A folder of an editor, a store and a guard, for tests that take snapshots without a command line."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from chatcask.assistants.base import Platform, RunningEditor, Source
from chatcask.assistants.vscode.places.locate import source_for
from chatcask.errors import EditorRunningError
from chatcask.format.config import BlockParameters, ChunkerParameters, Config
from chatcask.format.tree import EntryKind
from chatcask.ops.snapshot.capture_sources import Request
from chatcask.ops.snapshot.manifest import Identity
from chatcask.ops.snapshot.take import (
    SnapshotOptions,
    SnapshotResult,
    take_snapshot,
)
from chatcask.repository.keys import SnapshotReference
from chatcask.repository.repository import Repository
from chatcask.transport import MemoryTransport, Transport
from support.monitors import RecordingMonitor

Files = Mapping[str, bytes]
"""Contents by path below `User/workspaceStorage`, such as `w1/chatSessions/a.jsonl`."""

ORIGIN = "00112233aabbccdd"
START = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
SMALL = Config(
    store_id="0" * 32,
    created_at="2026-11-01T12:00:00Z",
    chunker=ChunkerParameters(minimum=64, average=256, maximum=1024),
    blocks=BlockParameters(size=4096),
)
"""A store that cuts so small that a few kilobytes make many chunks, blocks and lists."""

SINGLE = replace(SMALL, blocks=BlockParameters(size=1))
"""A store with each chunk in a block of its own, so that damage hits nothing else."""


def chat(turns: int, *, title: str | None = None, session: str = "a", flat: bool = False) -> bytes:
    """Return a sound session file of so many turns: a log of one line and edits, or a flat `.json`."""
    state: dict[str, Any] = {
        "version": 3,
        "sessionId": session,
        "creationDate": 1780300800000,
        "responderUsername": "GitHub Copilot",
        "initialLocation": "panel",
        "inputState": {},
        "requests": [_request(number) for number in range(turns)],
        **({"customTitle": title} if title else {}),
    }
    if flat:
        return json.dumps(state, indent=2).encode()
    return json.dumps({"kind": 0, "v": state}).encode() + b"\n"


def appended_turn(number: int) -> bytes:
    """Return the log lines that add one turn behind `number` others, as the editor writes them."""
    edits: list[dict[str, Any]] = [
        {"kind": 2, "k": ["requests"], "v": [_request(number)]},
        {"kind": 2, "k": ["requests", number, "response"], "v": [{"value": f"and more {number}"}]},
        {"kind": 1, "k": ["requests", number, "modelState"], "v": {"value": 1, "completedAt": 1780300900000}},
        {"kind": 1, "k": ["inputState", "inputText"], "v": ""},
    ]
    return b"".join(json.dumps(edit).encode() + b"\n" for edit in edits)


def _request(number: int) -> dict[str, Any]:
    return {
        "requestId": f"request_{number}",
        "timestamp": 1780300805000 + number * 60000,
        "message": {"text": f"question {number}", "parts": []},
        "response": [{"value": f"answer {number}"}],
        "modelState": {"value": 1, "completedAt": 1780300806000 + number * 60000},
    }


class ClosedGuard:
    """Says that every editor is closed, and counts how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.watched = 0

    def running(self, source: Source) -> RunningEditor | None:
        self.asked += 1
        return None

    def require_closed(self, source: Source) -> None:
        if found := self.running(source):
            raise EditorRunningError(
                found.description,
                product=found.product.name,
                user_data_dir=found.user_data_dir,
                reason=found.reason,
                pid=found.pid,
            )

    def watch(self, source: Source) -> None:
        self.watched += 1


class StartingGuard(ClosedGuard):
    """An editor that starts when the guard is asked for the n-th time (full checks and watches alike)."""

    def __init__(self, starts_at: int) -> None:
        super().__init__()
        self._starts_at = starts_at

    def running(self, source: Source) -> RunningEditor | None:
        self.asked += 1
        if self.asked + self.watched < self._starts_at:
            return None
        return RunningEditor(
            source.product, source.user_data_dir, "process", 4711, "Code (process 4711) runs"
        )

    def watch(self, source: Source) -> None:
        self.watched += 1
        if self.asked + self.watched >= self._starts_at:
            self.asked -= 1  # asking on behalf of the watch is not another question
            self.require_closed(source)


class Clock:
    """A clock that tests move; each look at it takes one second."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


class World:
    """One editor folder and one store."""

    def __init__(self, folder: Path, transport: Transport | None = None, config: Config = SMALL) -> None:
        self.user_data_dir = folder / "Code"
        self.storage = self.user_data_dir / "User" / "workspaceStorage"
        self.storage.mkdir(parents=True)
        self.transport = transport or MemoryTransport()
        self.guard = ClosedGuard()
        self.clock = Clock()
        self.monitor = RecordingMonitor()
        Repository.create(self.transport, config)

    @property
    def source(self) -> Source:
        return source_for(self.user_data_dir, "code", Platform("linux", self.user_data_dir.parent, {}))

    def write(self, files: Files) -> None:
        """Write files, dated a day before the clock so that their times are trusted."""
        for name, data in files.items():
            path = self.storage / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            self.date(path)

    def date(self, path: Path) -> None:
        """Give a file a time of its own that lies in the past of the clock."""
        self.clock.now += timedelta(minutes=1)
        moment = int((self.clock.now - timedelta(seconds=30)).timestamp() * 1_000_000_000)
        os.utime(path, ns=(moment, moment))

    def remove(self, *names: str) -> None:
        for name in names:
            (self.storage / name).unlink()

    def replace_all(self, files: Files) -> None:
        """Make the folder hold exactly these files, touching only what differs."""
        for path in [p for p in self.storage.rglob("*") if p.is_file()]:
            name = path.relative_to(self.storage).as_posix()
            if name not in files:
                path.unlink()
        present = {name: data for name, data in files.items() if self._read(name) != data}
        self.write(present)

    def open(self, transport: Transport | None = None) -> Repository:
        return Repository.open(transport or self.transport)

    def take(
        self,
        *,
        transport: Transport | None = None,
        requests: Sequence[Request] | None = None,
        change: Callable[[SnapshotOptions], SnapshotOptions] = lambda options: options,
        origin: str = ORIGIN,
    ) -> SnapshotResult:
        """Take a snapshot of the folder."""
        self.clock.now += timedelta(minutes=10)
        with self.open(transport) as repository:
            return take_snapshot(
                repository,
                [Request(self.source)] if requests is None else requests,
                change(SnapshotOptions()),
                identity=Identity(origin, "lighthouse", "chatcask test"),
                guard=self.guard,
                clock=self.clock,
                monitor=self.monitor,
            )

    def files_of(self, reference: SnapshotReference, transport: Transport | None = None) -> dict[str, bytes]:
        """Return every workspace file that a snapshot holds, by path below `workspaces/`."""
        with self.open(transport) as repository:
            root = repository.load(reference).root
            prefix = f"{self.source.id}/workspaces/"
            return {
                path.removeprefix(prefix): repository.reader.read_all(entry.content)
                for path, entry in repository.walk(root)
                if entry.kind is EntryKind.FILE and path.startswith(prefix)
            }

    def _read(self, name: str) -> bytes | None:
        path = self.storage / name
        return path.read_bytes() if path.is_file() else None
