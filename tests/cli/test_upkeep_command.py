"""`chatcask upkeep`, and that runs by themselves do it once a day and never beside a restore."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from chatcask import NullMonitor, Platform
from chatcask.jobs import read_record
from chatcask.jobs.changing import changing, is_changing
from chatcask.retention import RetentionPolicy
from chatcask.workbench import Machine, UpkeepWishes, Workbench
from chatcask_cli.demo import folder as fictional
from support.console import Console

START = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
def console(tmp_path: Path) -> Console:
    console = Console(tmp_path)
    fictional.build_folder(console.editor, START)
    for number in range(3):
        fictional.add_a_day(console.editor, START.replace(hour=0) + timedelta(days=number + 1), number)
        assert console.run("snapshot").code == 0
    return console


def _memory(console: Console) -> Path:
    return console.home / ".local" / "share" / "chatcask"


def _snapshots(console: Console) -> int:
    return len(console.run("log", "--json").document["snapshots"])


def test_by_hand_it_does_what_is_settled(console: Console) -> None:
    keep_one = {"CHATCASK_RETENTION_KEEP_LAST": "1", "CHATCASK_UPKEEP_READ_DATA": "100%"}
    planned = console.run("upkeep", "--dry-run", "--json", **keep_one).document
    assert planned["dry_run"] is True
    assert len(planned["forgotten"]) == 2
    assert _snapshots(console) == 3
    plain = console.run("upkeep", "--json").document
    assert (plain["success"], plain["forgotten"], plain["damage"]) == (True, [], 0)
    done = console.run("upkeep", "--json", **keep_one).document
    assert done["forgotten"] == planned["forgotten"]
    assert done["bytes_waiting"] is not None
    assert done["bytes_read"] > 0
    assert _snapshots(console) == 1
    less = console.run(
        "upkeep", "--json", CHATCASK_UPKEEP_PRUNE="false", CHATCASK_UPKEEP_READ_DATA="0%"
    ).document
    assert (less["bytes_deleted"], less["bytes_read"], less["left_out"]) == (None, None, [])


@pytest.mark.skipif(os.name == "nt", reason="the place of the record")
def test_runs_by_themselves_do_it_once_a_day(console: Console) -> None:
    off = {"CHATCASK_UPKEEP_AUTOMATIC": "false", "CHATCASK_NOTIFICATIONS_DESKTOP": "false"}
    assert console.run("snapshot", "--automatic", **off).code == 0
    assert read_record(_memory(console)).upkeep == {}
    assert console.run("snapshot", "--automatic").code == 0
    first = read_record(_memory(console)).upkeep
    assert first["success"] is True
    assert console.run("snapshot", "--automatic").code == 0
    assert read_record(_memory(console)).upkeep == first
    path = _memory(console) / "automatic" / "runs.json"
    document = json.loads(path.read_text())
    document["upkeep"]["ended"] = "2026-01-01T00:00:00Z"
    path.write_text(json.dumps(document))
    assert console.run("snapshot", "--automatic").code == 0
    assert read_record(_memory(console)).upkeep["ended"] != "2026-01-01T00:00:00Z"


def test_damage_is_found_and_said(console: Console) -> None:
    for pack in (path for path in (console.store / "packs").rglob("*") if path.is_file()):
        data = bytearray(pack.read_bytes())
        data[len(data) // 2] ^= 1
        pack.chmod(0o600)
        pack.write_bytes(data)
    outcome = console.run("upkeep", CHATCASK_UPKEEP_READ_DATA="100%")
    assert outcome.code == 14
    assert "chatcask check" in outcome.err


def test_without_a_store_there_is_nothing_to_do(console: Console, tmp_path: Path) -> None:
    assert console.run("upkeep", "--store", tmp_path / "none").code == 10


class _Clock:
    def __init__(self, step: timedelta) -> None:
        self.now, self.step = START, step

    def __call__(self) -> datetime:
        self.now += self.step
        return self.now


def _bench(tmp_path: Path, clock: _Clock) -> Workbench:
    machine = Machine(
        Platform("linux", tmp_path, {}), "0" * 16, "host", "test", clock, memory_folder=tmp_path / "memory"
    )
    return Workbench.in_memory(machine)


_WISHES = UpkeepWishes(RetentionPolicy(), prune=True, share=1.0, time_limit=timedelta(minutes=10))


def test_nothing_is_done_beside_a_restore(tmp_path: Path) -> None:
    with _bench(tmp_path, _Clock(timedelta(0))) as bench:
        memory = bench.machine.memory_folder
        with changing(memory):
            assert is_changing(memory)
            with changing(memory):  # a second restore is not kept from its work
                result = bench.upkeep.daily(_WISHES, "test", NullMonitor())
        assert [(step.step, step.kind) for step in result.left_out] == [
            ("forget", "restoring"),
            ("prune", "restoring"),
            ("check", "restoring"),
        ]
        assert not is_changing(memory)
        result = bench.upkeep.daily(_WISHES, "test", NullMonitor())
        assert result.left_out == []
        assert result.forgotten is not None
        assert result.prune is not None
        assert result.check is not None
    assert not is_changing(None)


def test_no_step_begins_after_the_time(tmp_path: Path) -> None:
    with _bench(tmp_path, _Clock(timedelta(minutes=7))) as bench:
        result = bench.upkeep.daily(_WISHES, "test", NullMonitor())
    assert result.forgotten is not None
    assert [(step.step, step.kind) for step in result.left_out] == [("prune", "time"), ("check", "time")]


def test_a_step_that_cannot_be_done_leaves_the_others(tmp_path: Path) -> None:
    wishes = UpkeepWishes(RetentionPolicy(last=-1), prune=True, share=0.0, time_limit=timedelta(minutes=10))
    with _bench(tmp_path, _Clock(timedelta(0))) as bench:
        result = bench.upkeep.daily(wishes, "test", NullMonitor())
    assert [(step.step, step.kind) for step in result.left_out] == [("forget", "usage")]
    assert result.prune is not None
    assert result.check is None
