"""A bar where a person looks and the work takes a while; nothing anywhere else."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from chatcask.monitor import Problem
from chatcask_cli.shell import progress
from chatcask_cli.shell.output import Output
from chatcask_cli.shell.progress import PlainMonitor, TerminalMonitor, monitor_for


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@contextmanager
def looking(monkeypatch: pytest.MonkeyPatch) -> Iterator[Terminal]:
    """Let standard error be a terminal. Not a fixture: the test runner replaces the stream after those."""
    stream = Terminal()
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", stream)
        patch.setenv("TERM", "xterm")
        yield stream


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def test_long_work_gets_a_bar_that_goes_away(monkeypatch: pytest.MonkeyPatch, clock: list[float]) -> None:
    with looking(monkeypatch) as terminal:
        with monitor_for(Output(), show_progress=True) as monitor:
            assert isinstance(monitor, TerminalMonitor)
            monitor.phase("restoring", 1000)
            monitor.advance(10)
            assert terminal.getvalue() == ""
            clock[0] += 5
            monitor.advance(500)
            assert "restoring" in terminal.getvalue()
            assert "\x1b[?25l" in terminal.getvalue()  # the cursor is hidden while the bar stands
        assert "\x1b[?25h" in terminal.getvalue()  # and comes back


def test_short_work_draws_nothing(monkeypatch: pytest.MonkeyPatch, clock: list[float]) -> None:
    with looking(monkeypatch) as terminal, monitor_for(Output(), show_progress=True) as monitor:
        monitor.phase("restoring", 1000)
        for _ in range(100):
            monitor.advance(10)
        assert terminal.getvalue() == ""


@pytest.mark.parametrize(
    ("output", "wanted"),
    [(Output(as_json=True), True), (Output(verbosity=-1), True), (Output(), False)],
)
def test_nobody_asked_for_a_bar(monkeypatch: pytest.MonkeyPatch, output: Output, wanted: bool) -> None:
    with looking(monkeypatch):
        assert type(monitor_for(output, show_progress=wanted)) is PlainMonitor


def test_a_pipe_gets_problems_and_no_bar(capsys: pytest.CaptureFixture[str], clock: list[float]) -> None:
    with monitor_for(Output(), show_progress=True) as monitor:
        assert type(monitor) is PlainMonitor
        monitor.phase("restoring", 1000)
        clock[0] += 5
        monitor.advance(1000)
        monitor.problem(Problem("a.jsonl", "unreadable", "Permission denied"))
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "a.jsonl: Permission denied\n"
