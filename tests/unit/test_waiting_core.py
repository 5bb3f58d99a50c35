"""What the waiting program decides, with a system and a clock of the test's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from chatcask_wait import waiting
from chatcask_wait.waiting import Waiting

_HOUR = 3600.0


class _System:
    """Reports what the test has written down; each step may move the clock first."""

    def __init__(self, steps: list[tuple[float, list[int | str | None]]]) -> None:
        self.code = 0
        self.now = 1_800_000_000.0
        self.started: list[list[str]] = []
        self.asked: list[float | None] = []
        self._steps = steps

    def watch(self, folder: str, name: str) -> bool:
        return True

    def unwatch(self, folder: str, name: str) -> None:
        raise AssertionError

    def follow(self, pid: int) -> int | None:
        return 1000 + pid

    def start(self, command: list[str]) -> int:
        self.started.append(command)
        return len(self.started)

    def wait(self, seconds: float | None) -> Iterator[int | str | None]:
        self.asked.append(seconds)
        later, reported = self._steps.pop(0) if self._steps else (0.0, [None])
        self.now += later
        yield from reported


def _run(
    system: _System, monkeypatch: pytest.MonkeyPatch, *roots: Path, every: float = _HOUR
) -> list[list[str]]:
    monkeypatch.setattr(waiting.time, "time", lambda: system.now)
    names = [str(root) for root in roots]
    Waiting(system, names, ["save"], every=every, anyway=[""], once=False).run()
    return system.started


def test_a_machine_that_slept_through_the_night_saves_in_the_morning(monkeypatch: pytest.MonkeyPatch) -> None:
    system = _System([(9 * _HOUR, [1])])
    assert _run(system, monkeypatch) == [["save"], ["save"]]
    assert system.asked == [_HOUR, _HOUR]


def test_a_clock_that_was_set_back_does_not_stop_it(monkeypatch: pytest.MonkeyPatch) -> None:
    system = _System([(-400 * _HOUR, [1]), (_HOUR, [2])])
    assert len(_run(system, monkeypatch)) == 3


def test_without_a_timer_it_sleeps_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    system = _System([(9 * _HOUR, [1])])
    assert _run(system, monkeypatch, every=0) == [["save"]]
    assert system.asked == [None, None]


def test_the_hour_does_not_start_what_is_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    system = _System([(_HOUR, []), (_HOUR, []), (10.0, [1])])
    assert len(_run(system, monkeypatch)) == 2


def test_an_end_is_for_the_folder_of_its_process(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    code, cursor = tmp_path / "Code", tmp_path / "Cursor"
    for pid, root in enumerate((code, cursor), start=1):
        root.mkdir()
        (root / "code.lock").write_text(str(pid))
    system = _System([(1.0, [1, 1002])])
    started = _run(system, monkeypatch, code, cursor)
    assert started[1:] == [["save", "--when-closed=120", "--user-data-dir", str(cursor)]]
