"""The demo tells one story: on every machine, on every day, and out of a folder of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from chatcask_cli.commands import demo
from chatcask_cli.shell.app import app
from support.console import Console

PROJECT = Path(__file__).parent.parent.parent


@pytest.fixture
def console(tmp_path: Path) -> Console:
    return Console(tmp_path)


def test_the_tour_of_the_readme_is_what_the_demo_prints(console: Console) -> None:
    text = (PROJECT / "README.md").read_text(encoding="utf-8")
    tour = text.partition("## A tour of a minute")[2].partition("```console\n")[2].partition("```")[0]
    for zone in ("UTC", "Pacific/Apia"):
        outcome = console.run("demo", TZ=zone)
        assert outcome.code == 0, outcome.err
        assert outcome.text.strip() == tour.strip(), "put this into README.md"


def test_the_demo_looks_at_nothing_of_the_real_machine(console: Console) -> None:
    """Not at the home folder, not at the store, not into the cache; and it leaves nothing there."""
    (console.home / ".config" / "Code" / "User").mkdir(parents=True)
    before = sorted(console.home.rglob("*"))
    program = (
        "import sys\n"
        "seen = []\n"
        "def hook(event, arguments):\n"
        "    if event in ('open', 'os.listdir', 'os.scandir', 'os.mkdir', 'sqlite3.connect'):\n"
        "        seen.append(str(arguments[0]))\n"
        "sys.addaudithook(hook)\n"
        "from chatcask_cli.shell.app import run\n"
        "sys.argv[1:] = ['demo', '--quiet']\n"
        "code = run()\n"
        f"ours = {str(console.home)!r}, {str(console.store)!r}\n"
        "assert not [path for path in seen if path.startswith(ours)]\n"
        "sys.exit(code)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=console.environment,
        cwd=console.home.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert sorted(console.home.rglob("*")) == before
    assert not console.store.exists()


@pytest.mark.parametrize(
    "day",
    [
        *(f"2026-11-{day}" for day in ("01", "22", "25", "28", "30")),
        *("2028-02-28", "2028-02-29", "2027-12-31", "2028-01-01", "2026-03-29", "2026-10-25"),
    ],
)
def test_the_story_is_the_same_on_every_day_of_the_calendar(
    day: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ends of months and years, leap days, and days on which clocks are changed."""
    monkeypatch.setattr(demo, "FIRST_DAY", datetime.fromisoformat(f"{day}T09:00:00+00:00"))
    assert app(["demo", "--json"], standalone_mode=False) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["identical"] is True
    assert len(told["snapshots"]) == 2
    (loss,) = told["losses"]
    assert (loss["kind"], loss["title"], loss["before"]) == ("vanished", "Retry for the beacon client", 3)
