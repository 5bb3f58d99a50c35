"""Proves that the bench of large stores builds one that every command accepts, and reports them all."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bench"))

import scale

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(os, "wait4"), reason="the bench runs on Linux and macOS"),
]


def test_the_table_has_a_row_of_figures_for_every_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scale.main(["--snapshots", "50", "--chunks", "20000", "--work", str(tmp_path)])
    report = capsys.readouterr().out
    assert report.startswith("50 snapshots, 20,000 chunks, ")
    rows = {}
    for line in report.splitlines():
        if line.startswith("| ") and "---" not in line:
            name, *figures = (cell.strip() for cell in line.strip("|").split("|"))
            rows[name] = figures
    header = rows.pop("")
    assert header == ["wall s", "CPU s", "peak MB"]
    names = scale.Scale(tmp_path, 50, 20_000).commands()
    assert list(rows) == ["(building the store)", *names]
    for command in ("log", "sessions", "snapshot", "diff", "check", "forget", "prune", "stats"):
        assert any(name.startswith(command) for name in names)
    assert all(float(figure) > 0 for figures in rows.values() for figure in figures)
    assert [path.name for path in tmp_path.iterdir()] == ["home"]


def test_numbers_that_make_no_store_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        scale.main(["--snapshots", "5", "--chunks", "4"])
    assert "at least one snapshot" in capsys.readouterr().err
