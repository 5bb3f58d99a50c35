"""The record of runs by themselves: bounded, durable, for ever readable, and never in anybody's way."""

from __future__ import annotations

import multiprocessing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from chatcask.errors import StoreLockedError
from chatcask.jobs import (
    LOCKS_FOLDER,
    AutomaticRun,
    Record,
    SourceOutcome,
    add_run,
    alone,
    keep_upkeep,
    read_record,
    remove_record,
)
from chatcask.jobs.record import KEPT_RUNS

NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


def _run(minute: int, *sources: SourceOutcome) -> AutomaticRun:
    started = NOON + timedelta(minutes=minute)
    return AutomaticRun(started, started + timedelta(seconds=1), "snapshot", 0, "ab" * 32, 2, "", sources)


def _code(saved_at: datetime | None, reason: str = "") -> SourceOutcome:
    return SourceOutcome("code", "Visual Studio Code", "/home/ada/.config/Code", saved_at, reason)


def test_what_was_recorded_is_read(tmp_path: Path) -> None:
    runs = [_run(0, _code(NOON)), AutomaticRun(NOON, NOON, "snapshot", 14, message="Ünlesbar \ud800")]
    for run in runs:
        add_run(tmp_path, run)
    assert read_record(tmp_path).runs == tuple(reversed(runs))


def test_when_a_source_was_saved_outlives_the_runs(tmp_path: Path) -> None:
    add_run(tmp_path, _run(0, _code(NOON)))
    for minute in range(1, KEPT_RUNS + 5):
        add_run(tmp_path, _run(minute, _code(None, "running")))
    record = read_record(tmp_path)
    assert len(record.runs) == KEPT_RUNS
    assert record.saved == {"code": _code(NOON, "running")}
    assert (tmp_path / LOCKS_FOLDER / "runs.json").stat().st_size < 150_000


def test_an_upkeep_is_kept_beside_the_runs(tmp_path: Path) -> None:
    keep_upkeep(tmp_path, {"at": "2026-06-01T12:00:00Z", "freed": 12})
    add_run(tmp_path, _run(0))
    assert read_record(tmp_path).upkeep == {"at": "2026-06-01T12:00:00Z", "freed": 12}


@pytest.mark.parametrize("content", [b"", b"[]", b'{"runs": [1]}', b'{"runs": 3}', b"[" * 100_000, b"\xff"])
def test_a_file_that_is_none_holds_nothing_and_is_replaced(tmp_path: Path, content: bytes) -> None:
    (tmp_path / LOCKS_FOLDER).mkdir()
    (tmp_path / LOCKS_FOLDER / "runs.json").write_bytes(content)
    assert read_record(tmp_path) == Record()
    add_run(tmp_path, _run(0))
    assert len(read_record(tmp_path).runs) == 1


def test_where_nothing_can_be_written_nothing_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    add_run(tmp_path / "file", _run(0))
    add_run(None, _run(0))
    assert read_record(None) == read_record(tmp_path / "file") == Record()


def _add(folder: Path, minute: int) -> None:
    for offset in range(5):
        add_run(folder, _run(minute + offset))


def test_several_processes_record_at_once(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_add, args=(tmp_path, 10 * number)) for number in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert len(read_record(tmp_path).runs) == 20


def test_removing_leaves_nothing(tmp_path: Path) -> None:
    add_run(tmp_path, _run(0))
    remove_record(tmp_path)
    assert list(tmp_path.iterdir()) == []
    remove_record(tmp_path)


def test_one_waits_for_the_other_and_no_longer_than_it_said(tmp_path: Path) -> None:
    pauses: list[float] = []
    with alone(tmp_path, ["code", "cursor"], 0):
        with pytest.raises(StoreLockedError), alone(tmp_path, ["cursor"], 0.0, sleep=pauses.append):
            pass
        with alone(tmp_path, ["codium"], 0):
            pass
    with alone(tmp_path, ["cursor", "code"], 0):
        pass
