"""Builds a simulated user-data folder as it stands on the evening before day 1."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterator
from pathlib import Path

from simulation.presets import ANCHOR_SECONDS, DAY_SECONDS, PRESETS, Preset
from simulation.project import Project, make_project
from simulation.session import SessionFacts, tear, write_flat, write_log
from simulation.state import create_state, state_files, write_edits
from simulation.turn import make_uuid

_HISTORY_DAYS = 180
_FLAT_EVERY, _COMPACTED_EVERY, _TORN_EVERY = 7, 4, 250
_EMPTY_WINDOW_SHARE = 0.02
_SMALLEST = 5_000


def build(preset: str, seed: int, root: Path) -> None:
    """Write the folder of a preset below `root`, which is the user-data folder and must not exist yet.

    The same preset and seed give the same bytes, names and times on every run.
    """
    shape = PRESETS[preset]
    rng = random.Random(f"{seed}/{preset}")
    root.mkdir(parents=True)
    storages = list(_make_storages(root, rng, shape.workspaces, seed))
    sizes = _session_sizes(rng, shape)
    edited = set(rng.sample(range(shape.sessions), shape.edited))
    # A few workspaces have most of the sessions.
    weights = [1.0 / (rank + 2) for rank in range(len(storages) - 1)]
    facts: dict[Path, list[SessionFacts]] = {storage: [] for storage, _ in storages}
    for number, size in enumerate(sizes):
        empty_window = rng.random() < _EMPTY_WINDOW_SHARE and number not in edited
        storage, project = storages[-1] if empty_window else rng.choices(storages[:-1], weights)[0]
        written = _write_session(storage, rng, project, size, number)
        facts[storage].append(written)
        if number in edited:
            texts = max(1, round(rng.lognormvariate(0, 0.5) * shape.contents))
            for path in write_edits(storage, written.session, rng, project, texts):
                set_time(path, _past(written.ended))
    for storage, sessions in facts.items():
        create_state(storage, {item.session: item.index_entry() for item in sessions})
        last = max((item.ended for item in sessions), default=(ANCHOR_SECONDS - DAY_SECONDS) * 1000)
        for path in state_files(storage):
            set_time(path, _past(last))


def sessions_folder(storage: Path) -> Path:
    """Return where a storage folder keeps its session bodies."""
    return storage / ("emptyWindowChatSessions" if storage.name == "globalStorage" else "chatSessions")


def project_of(seed: int, storage: Path) -> Project:
    """Return the project of a storage folder as it was on the first day."""
    return make_project(seed, storage.name)


def set_time(path: Path, milliseconds: int) -> None:
    """Set a file's modification time."""
    os.utime(path, ns=(milliseconds * 1_000_000, milliseconds * 1_000_000))


def _make_storages(
    root: Path, rng: random.Random, workspaces: int, seed: int
) -> Iterator[tuple[Path, Project]]:
    """Yield the storage folders with their projects, the one of empty windows last."""
    user = root / "User"
    for _ in range(workspaces):
        storage = user / "workspaceStorage" / f"{rng.getrandbits(128):032x}"
        sessions_folder(storage).mkdir(parents=True)
        project = make_project(seed, storage.name)
        text = json.dumps({"folder": f"file://{project.folder}"}, indent=2)
        (storage / "workspace.json").write_text(text, encoding="utf-8", newline="\n")
        set_time(storage / "workspace.json", (ANCHOR_SECONDS - _HISTORY_DAYS * DAY_SECONDS) * 1000)
        yield storage, project
    storage = user / "globalStorage"
    sessions_folder(storage).mkdir(parents=True)
    yield storage, make_project(seed, storage.name)


def _session_sizes(rng: random.Random, shape: Preset) -> list[int]:
    drawn = [rng.lognormvariate(0, shape.spread) for _ in range(shape.sessions)]
    scale = shape.session_bytes / sum(drawn)
    return [max(_SMALLEST, round(size * scale)) for size in drawn]


def _write_session(
    storage: Path, rng: random.Random, project: Project, size: int, number: int
) -> SessionFacts:
    history = _HISTORY_DAYS * DAY_SECONDS
    # Younger sessions are more frequent than old ones.
    age = history * rng.random() ** 1.5
    started = (ANCHOR_SECONDS - DAY_SECONDS - round(age)) * 1000 + rng.randrange(1000)
    body = sessions_folder(storage) / make_uuid(rng)
    if number % _FLAT_EVERY == 3:
        path = body.with_suffix(".json")
        facts = write_flat(path, rng, project, started, size)
    else:
        path = body.with_suffix(".jsonl")
        facts = write_log(path, rng, project, started, size, compacted=number % _COMPACTED_EVERY == 0)
        if number % _TORN_EVERY == 100:
            tear(path, rng)
    set_time(path, _past(facts.ended))
    return facts


def _past(milliseconds: int) -> int:
    # A long chat that began late would end after the first state was complete.
    return min(milliseconds, (ANCHOR_SECONDS - 60) * 1000)
