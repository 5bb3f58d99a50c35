"""The demo tells one story: on every machine, on every day, and out of a folder of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

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
