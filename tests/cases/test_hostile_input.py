"""Titles without valid text, dates beyond a calendar, a forged store, and many runs at once end well."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from blake3 import blake3

from chatcask_cli.demo import folder as fictional
from support.console import Console
from support.restore_world import START
from support.worlds import chat

ODD = "eeeeeeee-0000-4000-8000-000000000001"


@pytest.fixture
def console(tmp_path: Path) -> Console:
    console = Console(tmp_path)
    fictional.build_folder(console.editor, START)
    return console


def some_chat(console: Console, session: str) -> Path:
    return next((console.editor / "User" / "workspaceStorage").glob("*/chatSessions")) / f"{session}.jsonl"


def test_a_title_with_half_a_surrogate_pair_is_kept_missed_and_restored(console: Console) -> None:
    path = some_chat(console, ODD)
    text = chat(1, session=ODD, title="Deploy MARK").decode().replace("MARK", "\\ud83d")
    path.write_text(text)
    assert console.run("snapshot").code == 0
    path.unlink()
    lost = console.run("snapshot", "--alarm-exit")
    assert lost.code == 4
    assert "Deploy \N{REPLACEMENT CHARACTER}" in lost.text
    assert console.run("snapshot", "--alarm-exit").code == 0
    assert "Deploy \N{REPLACEMENT CHARACTER}" in console.run("restore", ODD).text
    assert path.is_file()
    for command in (("log",), ("log", ODD), ("sessions",), ("doctor",), ("restore", ODD, "--as-copy")):
        done = console.run(*command)
        assert done.code == 0
        assert "\\ud83d" not in done.text
        done.out.decode()


@pytest.mark.skipif(os.name != "posix", reason="dates of files are free there only")
@pytest.mark.parametrize("seconds", [0, -86_400, 9_223_372_036, 9_223_372_037, 10_413_792_000])
def test_a_file_of_any_date_is_saved_and_all_others_too(
    console: Console, tmp_path: Path, seconds: int
) -> None:
    path = some_chat(console, fictional.session_id("retry"))
    path = next((console.editor / "User" / "workspaceStorage").glob(f"*/chatSessions/{path.name}"))
    os.utime(path, (seconds, seconds))
    done = console.run("snapshot", "--json")
    problems = done.document["errors"]
    assert done.code == (3 if problems else 0)
    assert all(path.name in row["path"] for row in problems)
    assert bool(problems) == (seconds * 10**9 >= 2**63)
    assert console.run("check").code == 0
    assert console.run("restore", "latest", "--output", tmp_path / "out").code == 0
    (back,) = (tmp_path / "out").rglob(path.name)
    assert back.read_bytes() == path.read_bytes()
    assert problems or back.stat().st_mtime == seconds
    again = console.run("snapshot", "--json")
    assert again.code == done.code
    assert again.document["losses"] == []


def test_the_id_of_a_foreign_store_is_never_a_path(console: Console, tmp_path: Path) -> None:
    assert console.run("snapshot").code == 0
    config = console.store / "config"
    document = json.loads(config.read_text())
    del document["checksum"]
    document["store_id"] = str(tmp_path / "outside" / "deep")
    text = json.dumps(document, sort_keys=True, separators=(",", ":"))
    document["checksum"] = blake3(text.encode()).hexdigest()
    config.write_text(json.dumps(document))
    for command in (("sessions",), ("check",), ("snapshot",), ("doctor",)):
        assert console.run(*command).code == 14
    assert not (tmp_path / "outside").exists()


def test_six_snapshots_of_one_folder_at_once_all_end_well(console: Console) -> None:
    assert console.run("init").code == 0
    runs = [
        subprocess.Popen(
            console.command("snapshot", "--json"),
            env=console.environment,
            cwd=console.home,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for _ in range(6)
    ]
    ended = [(run.communicate(timeout=120), run.returncode) for run in runs]
    assert [code for _, code in ended] == [0] * 6, ended
    assert console.run("check").code == 0
