"""What commands import, as whole processes: what slips in costs every run that does not need it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parent.parent.parent


def _imported(home: Path, *arguments: str) -> set[str]:
    """Run a command and return the modules that were there at its end, without those of a bare Python."""
    program = (
        "import atexit, sys\n"
        "bare = set(sys.modules)\n"
        "atexit.register(lambda: print('\\n'.join(set(sys.modules) - bare), file=sys.stderr))\n"
        f"sys.argv[1:] = {list(arguments)!r}\n"
        "from chatcask_cli.__main__ import main\n"
        "main()\n"
    )
    environment = os.environ | {
        "HOME": str(home),
        "XDG_CACHE_HOME": str(home / "cache"),
        "XDG_CONFIG_HOME": str(home / "config"),
        "CHATCASK_STORE": str(home / "store"),
        "PYTHONPATH": os.pathsep.join(str(PROJECT / name) for name in ("store", "cli")),
    }
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    return set(done.stderr.split())


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with an editor's folder of one chat."""
    chats = tmp_path / "Code" / "User" / "workspaceStorage" / "w1" / "chatSessions"
    chats.mkdir(parents=True)
    (chats / "a.jsonl").write_bytes(b'{"kind":0,"v":{"requests":[]}}\n')
    os.utime(chats / "a.jsonl", (1_780_000_000, 1_780_000_000))
    return tmp_path


def test_the_version_needs_hardly_more_than_python(home: Path) -> None:
    imported = _imported(home, "--version")
    assert {name for name in imported if name.startswith("chatcask")} == {
        "chatcask",
        "chatcask._version",
        "chatcask_cli",
        "chatcask_cli.__main__",
    }
    assert imported.isdisjoint({"typing", "re", "enum", "dataclasses", "typer", "pathlib"})


def test_a_quiet_run_knows_no_chats_and_writes_no_chunks(home: Path) -> None:
    snapshot = ("snapshot", "--user-data-dir", str(home / "Code"), "--json")
    _imported(home, "init")
    _imported(home, *snapshot)
    imported = _imported(home, *snapshot)
    unneeded = {name for name in imported if name.startswith("chatcask.sessions.")}
    assert unneeded == set()
    for name in ("chunk_writer", "block_stream", "catalog", "ops.losses", "ops.restore", "format.chunker"):
        assert f"chatcask.{name}" not in imported
    assert imported.isdisjoint({"pyfastcdc", "rich", "asyncio", "concurrent.futures", "email"})
    if sys.platform == "linux":
        assert "psutil" not in imported
    assert len({name for name in imported if name.startswith("chatcask")}) <= 66


def test_writing_plain_files_knows_no_chats(home: Path) -> None:
    snapshot = ("snapshot", "--user-data-dir", str(home / "Code"), "--json")
    _imported(home, "init")
    _imported(home, *snapshot)
    imported = _imported(home, "restore", "latest", "--output", str(home / "out"))
    assert {name for name in imported if name.startswith("chatcask.sessions.")} == set()
    for name in ("chunk_writer", "catalog", "ops.snapshot", "ops.plan_restore"):
        assert f"chatcask.{name}" not in imported
