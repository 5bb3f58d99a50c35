"""Proves that the bench measures whole processes, checks what tools restore, and judges targets rightly."""

from __future__ import annotations

import json
import os
import random
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bench"))

import compare
import run as bench
from contenders import Contender
from figures import OPERATIONS, Result, Scene
from goals import IMPORTS, PYTHON, VERSION, WALK, goals
from measure import Command, CommandFailedError, Usage, measure, median, output_of, tree_bytes
from report import as_json, as_markdown
from yardstick import changed_bytes

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(os, "wait4"), reason="the bench runs on Linux and macOS"),
]

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


def _goals(results: list[Result], preset: str = "tiny") -> dict[str, tuple[float, bool]]:
    scene = replace(SCENE, preset=preset, days=10, delta_bytes=20)
    limits = {name: Usage(0.02, 0.02, 0) for name in (PYTHON, WALK, VERSION, IMPORTS)}
    return {goal.name: (round(goal.figure, 3), goal.met) for goal in goals(scene, limits, results)}


def test_goals_compare_with_the_other_tools_and_with_the_machine() -> None:
    ours = result("chatcask", cpu=1.0, first=90, last=100)
    restic = result("restic", cpu=4.0, first=100, last=130)
    borg = result("borg", cpu=2.0, first=80, last=100)
    judged = _goals([ours, restic, borg])
    assert judged["no change, CPU time, part of restic's"] == (0.25, True)
    assert judged["no change, CPU time, part of borg's"] == (0.5, False)
    assert judged["store after the first, part of restic's"] == (0.9, True)
    assert judged["store after the first, part of borg's"] == (1.125, False)
    assert judged["growth over the days, part of restic's"] == (0.333, True)
    assert judged["first snapshot, wall time, part of restic's"] == (0.25, False)
    assert judged["--version, wall time, parts of bare Python"] == (1.0, True)
    assert judged["no change, wall time, parts of walk + Python + imports"] == (100.0, False)
    assert not any(name.endswith(("MB", " s")) for name in judged)
    borg.failure = "not installed"
    assert not any("borg" in name for name in _goals([ours, restic, borg]))
    assert _goals([restic]) == {}


def test_seconds_and_megabytes_are_asked_for_where_the_folder_is_the_one_they_were_set_for() -> None:
    ours = result("chatcask", cpu=0.2, first=130_000_000, last=149_000_000)
    judged = _goals([ours], "large")
    assert judged["store after the first, MB"] == (130.0, True)
    assert judged["ten days add, MB"] == (19.0, True)
    assert judged["no change, CPU s"] == (0.2, True)
    assert judged["no change, wall s"] == (0.4, False)
    judged = _goals([ours], "many-small")
    assert judged["store after the first, MB"] == (130.0, False)
    assert "ten days add, MB" not in judged
    assert "no change, wall s" not in judged


def test_the_yardstick_takes_changed_files_whole_and_as_differences(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    (folder / "sub").mkdir(parents=True)
    noise = random.Random(3).randbytes(50_000)
    (folder / "sub" / "a").write_bytes(noise)
    (folder / "b").write_bytes(noise)
    yesterday = tmp_path / "yesterday"
    shutil.copytree(folder, yesterday)
    assert changed_bytes(folder, yesterday) == (0, 0)
    (folder / "sub" / "a").write_bytes(noise + b"more")
    whole, delta = changed_bytes(folder, yesterday)
    assert whole > 50_000
    assert 0 < delta < 200
    (folder / "new").write_bytes(noise)
    whole, delta = changed_bytes(folder, yesterday)
    assert whole == delta > 50_000
    assert changed_bytes(folder, yesterday) == (0, 0)


def _document(scale: float, **changed: float) -> dict[str, Any]:
    """Return a run on a machine that is `scale` times slower; `changed` multiplies chatcask's own figures."""
    results = []
    for name in ("chatcask", "restic", "borg"):
        own = changed if name == "chatcask" else {}
        times = {
            operation: Usage(scale * own.get("wall", 1.0), scale * own.get("cpu", 1.0), 10)
            for operation in OPERATIONS
        }
        results.append(Result(name, "1", times, int(100 * own.get("size", 1.0)), 300))
    return as_json(SCENE, {}, results)


def test_a_slower_machine_is_no_regression_and_slower_code_is() -> None:
    same = {change.name: round(change.ratio, 3) for change in compare.compare(_document(1), _document(3))}
    assert set(same.values()) == {1.0}
    worse = compare.compare(_document(1), _document(2, cpu=1.5, size=1.1))
    ratios = {change.name: round(change.ratio, 3) for change in worse}
    assert {ratio for name, ratio in ratios.items() if name.endswith("CPU s")} == {1.5}
    assert {ratio for name, ratio in ratios.items() if name.endswith("wall s")} == {1.0}
    assert ratios["store after the first, MB"] == 1.1


def test_the_comparison_is_a_table_and_an_exit_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, document in (("0.9.0", _document(1)), ("0.10.0", _document(1, cpu=2.0))):
        (tmp_path / f"{name}.json").write_text(json.dumps(document))
    new = tmp_path / "new.json"
    new.write_text(json.dumps(_document(1, cpu=3.0)))
    found = compare.newest_result(tmp_path / "0.10.0.json", tmp_path)
    assert found.name == "0.9.0.json"
    old = str(tmp_path / "0.10.0.json")
    assert compare.main([str(new), "--old", old, "--fail-above", "1.4"]) == 1
    assert compare.main([str(new), "--old", old, "--fail-above", "1.6"]) == 0
    assert "1.50 times what it was" in capsys.readouterr().out
    for scene in ({"days": 9}, {"preset": "huge"}):
        other = _document(1)
        other["scene"] |= scene
        new.write_text(json.dumps(other))
        with pytest.raises(SystemExit):
            compare.main([str(new), "--old", old])
        assert "different folders" in capsys.readouterr().err


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
    assert document["schema_version"] == 2


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

    def verify(self) -> list[Command]:
        return [self._command("find", str(self.store))]


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "_SETTLING_SECONDS", 0.0)


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
