"""Proves that the bench measures whole processes, checks what tools restore, and judges targets rightly."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bench"))

import run as bench
from contenders import Contender
from measure import Command, CommandFailedError, Usage, measure, median, output_of, tree_bytes
from report import DAYS, FIRST, NO_CHANGE, OPERATIONS, Result, Scene, as_json, as_markdown, targets

pytestmark = pytest.mark.skipif(not hasattr(os, "wait4"), reason="the bench runs on Linux and macOS")

SCENE = Scene("tiny", 1, 2, 10, 1_000_000, "a machine")


def python(program: str) -> Command:
    return Command((sys.executable, "-c", program))


def result(name: str, *, cpu: float, first: int, last: int) -> Result:
    usages = dict.fromkeys(OPERATIONS, Usage(2 * cpu, cpu, 50_000_000))
    return Result(name, f"{name} 1.0", usages, first, last)


def test_measure_adds_processes_and_counts_their_children(tmp_path: Path) -> None:
    work = "sum(range(3_000_000))"
    one = measure([python(work)])
    child = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {work!r}], check=True)"
    both = measure([python("pass"), python(child)])
    assert one.cpu_seconds > 0
    assert both.cpu_seconds > 0
    assert one.wall_seconds > 0
    hungry = measure([python("len(bytearray(200_000_000))")])
    assert hungry.peak_bytes > 150_000_000
    command = Command(("sh", "-c", "pwd; echo $WORD"), tmp_path, {"WORD": "beacon"})
    assert output_of(command).split() == [str(tmp_path), "beacon"]


@pytest.mark.parametrize("run", [lambda command: measure([command]), output_of])
def test_a_failed_command_says_what_it_printed(run: object) -> None:
    assert callable(run)
    with pytest.raises(CommandFailedError, match="lamp is out"):
        run(python("print('lamp is out'); raise SystemExit(3)"))
    with pytest.raises(CommandFailedError, match="no-such-program"):
        run(Command(("no-such-program",)))


def test_median_is_taken_of_each_figure() -> None:
    usages = [Usage(1, 9, 5), Usage(2, 8, 7), Usage(30, 1, 6)]
    assert median(usages) == Usage(2, 8, 6)


def test_targets_compare_with_the_better_of_both() -> None:
    ours = result("chatcask", cpu=1.0, first=90, last=100)
    restic = result("restic", cpu=4.0, first=100, last=130)
    borg = result("borg", cpu=5.0, first=120, last=140)
    goals = {goal.name: goal for goal in targets([ours, restic, borg])}
    assert [round(goal.ratio, 3) for goal in goals.values()] == [0.9, 0.25, 0.25, 0.5]
    assert all(goal.met for goal in goals.values())
    ours.first_bytes = 100
    assert not targets([ours, restic, borg])[0].met
    ours.usages[NO_CHANGE] = Usage(1, 1.01, 1)
    ours.usages[FIRST] = Usage(1, 4.0, 1)
    ours.last_bytes = ours.first_bytes + 16
    assert [goal.met for goal in targets([ours, restic, borg])] == [False] * 4
    del ours.usages[DAYS]
    assert len(targets([ours, restic, borg])) == 3
    assert targets([ours, restic]) == []
    borg.failure = "not installed"
    assert targets([ours, restic, borg]) == []


def test_the_report_shows_sound_tools_and_names_missing_ones() -> None:
    missing = Result("borg", "", failure="not installed")
    ours = result("chatcask", cpu=1.0, first=2_000_000, last=3_500_000)
    limits = {"cp -a": Usage(0.5, 0.25, 0)}
    text = as_markdown(SCENE, limits, [ours, missing])
    assert "2.00 (1.00)" in text
    assert "borg is missing: not installed" in text
    assert "0.50 (0.25)" in text
    assert [line.split() for line in text.splitlines() if "1.5 |" in line] == [
        ["|", "chatcask", "|", "2.0", "|", "3.5", "|", "1.5", "|"]
    ]
    document = json.loads(json.dumps(as_json(SCENE, limits, [ours, missing])))
    assert document["results"][0]["growth_bytes"] == 1_500_000
    assert document["results"][1]["failure"] == "not installed"
    assert document["schema_version"] == 1


class Copier(Contender):
    """A tool that copies the folder; it forgets the file named in `forgets`."""

    name = "copier"
    forgets = ""

    def version(self) -> str:
        return "copier 1.0"

    def create(self) -> list[Command]:
        return [self._command("mkdir", "-p", str(self.store))]

    def snapshot(self, number: int) -> list[Command]:
        return [self._command("cp", "-a", str(self.folder), str(self.store / str(number)))]

    def restore_all(self, number: int, output: Path) -> list[Command]:
        copy = self._command("cp", "-a", f"{self.store / str(number)}/.", str(output))
        remove = self._command("find", str(output), "-name", self.forgets or "none", "-delete")
        return [copy, remove]

    def restore_one(self, number: int, path: str, output: Path) -> list[Command]:
        return [self._command("cp", str(self.store / str(number) / path), str(output))]


def test_a_whole_run_measures_every_operation(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(bench, "CONTENDERS", (Copier,))
    scene, limits, (copier,) = bench.run("tiny", 3, 2, ["copier"], tmp_path)
    assert copier.failure == ""
    assert set(copier.usages) == set(OPERATIONS)
    assert copier.first_bytes == scene.folder_bytes
    # One first snapshot, five without change, two days: each a whole copy.
    assert len(list((tmp_path / "copier" / "store").iterdir())) == 8
    assert copier.growth > 6 * scene.folder_bytes
    assert "cp -a" in limits
    assert tree_bytes(tmp_path / "copier" / "store") == copier.last_bytes


def test_a_tool_that_loses_a_file_is_found_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(bench, "CONTENDERS", (Copier,))
    monkeypatch.setattr(Copier, "forgets", "workspace.json")
    _, _, (copier,) = bench.run("tiny", 3, 0, ["copier"], tmp_path)
    assert copier.failure == "3 files were not restored as they were"


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_the_command_writes_its_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = ["--json", str(tmp_path / "r.json"), "--markdown", str(tmp_path / "r.md")]
    bench.main(["--preset", "tiny", "--days", "1", "--tools", "git", "--work", str(tmp_path), *files])
    printed = capsys.readouterr()
    assert printed.out == (tmp_path / "r.md").read_text()
    (git,) = json.loads((tmp_path / "r.json").read_text())["results"]
    assert git["failure"] == ""
    assert git["growth_bytes"] > 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["r.json", "r.md"]
