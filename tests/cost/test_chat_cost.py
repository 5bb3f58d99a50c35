"""What one chat costs in a store of many snapshots, counted: snapshots and chats that are looked at."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chatcask.assistants.base import Platform
from chatcask.assistants.vscode.state.items import DATABASE, INDEX_KEY
from chatcask.catalog import catalog as module
from chatcask.repository.keys import PACKS
from chatcask.repository.keys import SNAPSHOTS as MANIFESTS
from chatcask.workbench import Machine, RestoreWishes, Workbench
from support.monitors import RecordingMonitor
from support.state_database import make_database
from support.transports import RecordingTransport
from support.worlds import World, chat

SNAPSHOTS, CHATS = 12, 15
SUBJECT = "aaaa-subject"


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A store in which one chat grows from snapshot to snapshot and the others stay."""
    world = World(tmp_path / "world")
    world.write({f"w{n % 3}/chatSessions/chat-{n}.jsonl": chat(1) for n in range(CHATS)})
    world.write({"w1/workspace.json": b'{"folder":"file:///home/ada/lamp"}'})
    entry = {"sessionId": SUBJECT, "title": "Lamp", "lastMessageDate": 5, "initialLocation": "panel"}
    index = json.dumps({"version": 1, "entries": {SUBJECT: entry}})
    make_database(world.storage / "w1" / DATABASE, {INDEX_KEY: index})
    for number in range(SNAPSHOTS):
        world.write({f"w1/chatSessions/{SUBJECT}.jsonl": chat(number + 1, title="Lamp")})
        world.take()
    return world


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The chats that the catalogue told of, by id; each row of its table counts."""
    sessions: list[str] = []
    real = module.file_of_rows

    def watching(row: tuple[object, ...]) -> object:
        file = real(row)
        sessions.append(file.session)
        return file

    monkeypatch.setattr(module, "file_of_rows", watching)
    return sessions


def _machine(world: World, cache: Path) -> Machine:
    return Machine(
        platform=Platform("linux", world.user_data_dir.parent, {}),
        origin="0" * 16,
        host="desk",
        program="test",
        clock=lambda: datetime(2027, 1, 1, tzinfo=UTC),
        cache_folder=cache,
        watcher=world.guard,
    )


def test_the_versions_of_a_chat_are_told_without_looking_at_others(
    world: World, told: list[str], tmp_path: Path
) -> None:
    machine, monitor = _machine(world, tmp_path / "cache"), RecordingMonitor()
    with Workbench.open(world.transport, machine) as bench:
        _, first = bench.chats.versions(SUBJECT, monitor)
    told.clear()
    recording = RecordingTransport(world.transport)
    with Workbench.open(recording, machine) as bench:
        file, again = bench.chats.versions(SUBJECT[:4], monitor)
        assert again == first
        assert len(again) == SNAPSHOTS
    assert file.session == SUBJECT
    assert set(told) == {SUBJECT}
    assert len(told) == SNAPSHOTS + 1, "once in each snapshot, and where it was found"
    assert [key for key in recording.keys("get") if key.startswith(PACKS)] == [], "no tree, no chat"
    assert monitor.problems == []


def test_a_restore_reads_no_manifest_again_and_again_to_find_the_fullest_version(
    world: World, told: list[str], tmp_path: Path
) -> None:
    machine, monitor = _machine(world, tmp_path / "cache"), RecordingMonitor()
    plans = []
    for removed in (False, True):
        if removed:
            world.remove(f"w1/chatSessions/{SUBJECT}.jsonl")
        recording = RecordingTransport(world.transport)
        with Workbench.open(recording, machine) as bench:
            wishes = RestoreWishes(folder=world.user_data_dir)
            plans.append(bench.editing.plan_restore(SUBJECT, wishes, monitor))
        manifests = [key for key in recording.keys("get") if key.startswith(MANIFESTS)]
        assert len(manifests) <= len(set(manifests)) + 2, "the newest is looked at by the finder too"
        assert set(told) == {SUBJECT}
    assert [plan.version.snapshot for plan in plans] == [plans[0].version.snapshot] * 2
    assert monitor.problems == []


def test_a_chat_that_is_long_gone_is_found_without_reading_others(
    world: World, told: list[str], tmp_path: Path
) -> None:
    world.remove(f"w1/chatSessions/{SUBJECT}.jsonl")
    for number in range(SNAPSHOTS):
        world.write({"w0/chatSessions/chat-0.jsonl": chat(number + 2)})
        world.take()
    machine, monitor = _machine(world, tmp_path / "cache"), RecordingMonitor()
    with Workbench.open(world.transport, machine) as bench:
        told.clear()
        plan = bench.editing.plan_restore(SUBJECT, RestoreWishes(folder=world.user_data_dir), monitor)
    assert plan.version.summary.turn_count == SNAPSHOTS
    assert set(told) == {SUBJECT}
