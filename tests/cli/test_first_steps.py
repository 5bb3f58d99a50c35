"""The first steps of a new user: a store that makes itself, a tag that moves, times that tell their zone."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from chatcask_cli.demo import folder as fictional
from chatcask_cli.shell.output import time_text
from support.console import Console

START = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
def console(tmp_path: Path) -> Console:
    return Console(tmp_path)


@pytest.fixture
def filled(console: Console) -> Console:
    fictional.build_folder(console.editor, START)
    return console


def test_a_first_snapshot_makes_its_store_where_the_user_said(filled: Console, tmp_path: Path) -> None:
    store = tmp_path / "elsewhere" / "store"
    done = filled.run("snapshot", "--store", str(store), "--user-data-dir", str(filled.editor))
    assert done.code == 0
    assert f"made a store at {store}" in done.text
    assert filled.run("check", "--store", str(store)).code == 0


@pytest.mark.parametrize("command", [("init",), ("snapshot", "--user-data-dir", "EDITOR")])
def test_a_store_is_not_made_among_other_things(
    filled: Console, tmp_path: Path, command: tuple[str, ...]
) -> None:
    (folder := tmp_path / "papers").mkdir()
    (folder / "letter.txt").write_text("Dear Grace")
    words = [word.replace("EDITOR", str(filled.editor)) for word in command]
    done = filled.run(*words, "--store", str(folder))
    assert done.code == 2
    assert "not an empty folder" in done.err
    assert [path.name for path in folder.iterdir()] == ["letter.txt"]


def test_init_takes_the_folder_as_a_word(console: Console, tmp_path: Path) -> None:
    assert console.run("init", str(tmp_path / "mine")).code == 0
    assert (tmp_path / "mine" / "config").is_file()
    assert console.run("init", str(tmp_path / "mine")).code != 0


def test_no_store_is_answered_by_what_helps(console: Console, tmp_path: Path) -> None:
    done = console.run("sessions", "--store", str(tmp_path / "none"))
    assert done.code == 10
    assert "chatcask snapshot" in done.err
    assert "chatcask doctor" in done.err


def test_a_tag_names_one_snapshot(filled: Console) -> None:
    take = ("snapshot", "--user-data-dir", str(filled.editor), "--tag", "release", "--json")
    first, second = (json.loads(filled.run(*take).out)["snapshot"] for _ in range(2))
    rows = json.loads(filled.run("log", "--json").out)["snapshots"]
    assert {row["snapshot"]: row["tags"] for row in rows} == {first: [], second: ["release"]}
    moved = json.loads(filled.run("tag", first, "release", "--json").out)
    assert moved["moved_from"] == [second]
    rows = json.loads(filled.run("log", "--json").out)["snapshots"]
    assert {row["snapshot"]: row["tags"] for row in rows} == {first: ["release"], second: []}


def test_a_demo_is_not_kept_in_a_folder_that_holds_something(console: Console, tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    assert console.run("demo", "--keep", str(tmp_path / "kept")).code == 0
    again = console.run("demo", "--keep", str(tmp_path / "kept"))
    assert again.code == 2
    assert "new or empty" in again.err


def test_the_kept_demo_goes_on_with_plain_commands(console: Console, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    console.run("demo", "--keep", str(kept))
    where = ("--store", str(kept / "store"), "--user-data-dir", str(kept / "Code"), "--json")
    done = json.loads(console.run("snapshot", *where).out)
    assert done["bytes_new"] < 10_000, "the same source, so nothing is stored twice"
    assert done["losses"] == []


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        (UTC, "2026-06-01 09:00 UTC"),
        (timezone(timedelta(hours=2)), "2026-06-01 11:00 +02:00"),
        (timezone(-timedelta(hours=3, minutes=30)), "2026-06-01 05:30 -03:30"),
    ],
)
def test_times_tell_their_offset(zone: timezone, expected: str) -> None:
    assert time_text(START, zone) == expected


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_behind_the_output_is_no_mistake_of_the_program(filled: Console) -> None:
    filled.run("snapshot", "--user-data-dir", str(filled.editor))
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "chatcask_cli", "log"],
            stdout=full,
            stderr=subprocess.PIPE,
            env=filled.environment,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert "No space left" in done.stderr
    assert "mistake" not in done.stderr
    assert "Traceback" not in done.stderr


def test_a_command_that_spares_its_imports_is_one_that_is_started_afresh(filled: Console) -> None:
    """What most tests run is what a user runs: output, errors, exit codes and what is left behind."""
    filled.run("snapshot")
    for command in (
        ["--version"],
        ["log", "--json"],
        ["sessions", "--json"],
        ["show", "nowhere"],
        ["log", "--no"],
        [],
    ):
        assert filled.run(*command) == filled.run_afresh(*command), command
    assert filled.run("snapshot").code == filled.run_afresh("snapshot").code == 0
    assert filled.run("check").text == filled.run_afresh("check").text
