"""Snapshots of chats that a test writes itself, and commands run on them in this process."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from chatcask.repository.keys import SnapshotReference
from chatcask.transport import LocalTransport
from chatcask_cli.shell.app import load_command
from support.console import Outcome
from support.worlds import World

CREATED = 1_780_300_800_000  # 2026-06-01 08:00 UTC
Json = dict[str, Any]


def turn(number: int, prompt: str | None = None, answer: str | None = None, **fields: Any) -> Json:
    """One request as the editor stores it."""
    return {
        "requestId": f"request_{number}",
        "timestamp": CREATED + number * 60_000,
        "message": {"text": prompt or f"How bright is lamp {number}?", "parts": []},
        "variableData": {"variables": []},
        "modelId": "copilot/example-model",
        "responseId": f"response_{number}",
        "response": [{"value": answer or f"Lamp {number} has {number * 100} candela."}],
        "modelState": {"value": 1, "completedAt": CREATED + number * 60_000 + 900},
        **fields,
    }


def chat(session: str, turns: Sequence[Json] | int = 2, title: str = "Lamps", **fields: Any) -> Json:
    """A whole session object."""
    requests = [turn(number) for number in range(1, turns + 1)] if isinstance(turns, int) else list(turns)
    return {
        "version": 3,
        "creationDate": CREATED,
        "initialLocation": "panel",
        "responderUsername": "GitHub Copilot",
        "sessionId": session,
        "customTitle": title,
        "requests": requests,
        **fields,
    }


def log(session: str, turns: Sequence[Json] | int = 2, title: str = "Lamps", **fields: Any) -> bytes:
    """A session as a log of one line."""
    return json.dumps({"kind": 0, "v": chat(session, turns, title, **fields)}).encode() + b"\n"


def workspace(name: str) -> bytes:
    """A `workspace.json` for a project folder."""
    return json.dumps({"folder": f"file:///home/ada/{name}"}).encode()


class _Stream(io.TextIOWrapper):
    """Text output that keeps its bytes."""

    def __init__(self) -> None:
        self.kept = io.BytesIO()
        super().__init__(self.kept, encoding="utf-8", newline="\n", write_through=True)


@contextmanager
def _streams() -> Iterator[tuple[_Stream, _Stream]]:
    out, err = _Stream(), _Stream()
    with mock.patch.object(sys, "stdout", out), mock.patch.object(sys, "stderr", err):
        yield out, err


@dataclass(frozen=True, slots=True)
class Past:
    """An editor's folder with a store on disk; `take` adds a snapshot, `run` runs a command right here."""

    folder: Path
    world: World

    @classmethod
    def begin(cls, folder: Path) -> Past:
        return cls(folder, World(folder, LocalTransport(folder / "store")))

    def take(self, files: Mapping[str, bytes]) -> SnapshotReference:
        """Make the folder hold exactly these files, by path below `workspaceStorage`, and snapshot it."""
        self.world.replace_all(files)
        reference = self.world.take().reference
        assert reference is not None
        return reference

    def run(self, name: str, *arguments: str | Path) -> Outcome:
        store = ["--store", str(self.folder / "store")]
        command = load_command(name)
        cache = {"CHATCASK_CACHE": str(self.folder / "cache")}
        with mock.patch.dict(os.environ, cache), _streams() as (out, err):
            code = command.main([*map(str, arguments), *store], standalone_mode=False)
        return Outcome(code, out.kept.getvalue(), err.kept.getvalue().decode())
