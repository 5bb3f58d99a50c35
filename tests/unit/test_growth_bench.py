"""Proves that the bench of growth measures every command, knows a law when it sees one, and draws."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bench"))

import growth
from chatcask.assistants.vscode.reading.parse import parse_chat
from chatcask.chats.parsed import ParseState
from growth_law import law
from measure import Usage
from thin_folder import change_one, make_folder

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(os, "wait4"), reason="the bench runs on Linux and macOS"),
]


@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        ([0.2, 0.2, 0.21], "nothing seen"),
        ([0.2, 0.29, 1.2, 10.2], "all of it, 0.01 s per thousand"),
        ([0.2, 0.3, 0.52, 1.2], "its power 0.5"),
        ([0.2, 9.0], "too few points"),
    ],
)
def test_a_law_is_read_from_a_few_points(figures: list[float], expected: str) -> None:
    amounts = [1_000.0, 10_000.0, 100_000.0, 1_000_000.0][: len(figures)]
    assert law(list(zip(amounts, figures, strict=True))).startswith(expected)


def test_thin_chats_are_chats_and_one_of_them_grows(tmp_path: Path) -> None:
    make_folder(tmp_path, 260)
    chats = sorted(tmp_path.rglob("chatSessions/*.jsonl"))
    assert len(chats) == 260
    assert len(list(tmp_path.rglob("workspace.json"))) == 2
    change_one(tmp_path)
    parsed = [parse_chat(path.read_bytes(), path.name) for path in chats]
    assert all(one.state is ParseState.SOUND and one.chat for one in parsed)
    assert [len(one.chat.turns) for one in parsed if one.chat][:2] == [2, 1]


def test_every_series_measures_its_commands_and_reports_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    series = {
        "files": growth.Series("files", "files", ("3", "6"), growth.with_files),
        "bytes": growth.Series("bytes", "MB of chats", ("tiny",), growth.with_bytes),
        "snapshots": growth.Series(
            "snapshots", "snapshots", ("2", "4"), lambda step, work: growth.with_store(int(step), 40, work)
        ),
    }
    monkeypatch.setattr(growth, "SERIES", series)
    kept = tmp_path / "figures.json"
    growth.main(["--series", ",".join(series), "--work", str(tmp_path), "--json", str(kept)])
    report = capsys.readouterr().out
    for name in ("no change", "one chat changed", "restore one file", "check --read-data", "log"):
        assert f"| {name} " in report
    document = json.loads(kept.read_text())
    assert [point["amount"] for point in document["files"]] == [3.0, 6.0]
    assert all(usage["cpu_seconds"] > 0 for point in document["files"] for usage in point["usages"].values())
    growth.main(["--draw", str(kept)])
    assert capsys.readouterr().out == report
    assert [path.name for path in tmp_path.iterdir()] == ["figures.json"]


def test_a_chart_shows_every_command(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    from charts import draw

    usages = {"log": Usage(1, 1, 30_000_000), "check": Usage(2, 2, 40_000_000)}
    for _ in range(2):
        draw(tmp_path / "a.svg", "snapshots", [(10.0, usages), (100.0, usages)])
        text = (tmp_path / "a.svg").read_text()
        assert ">check<" in text
        assert ">snapshots<" in text
    assert len(text) < 60_000
