"""What commands import, as whole processes: what slips in costs every run that does not need it."""

from __future__ import annotations

import ast
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


def _with_code(imported: set[str]) -> set[str]:
    """Our modules among the imported, without first files of rooms that only say what they offer."""
    found = set()
    for name in imported:
        if name.startswith("chatcask"):
            path = PROJECT / ("cli" if name.startswith("chatcask_cli") else "store") / name.replace(".", "/")
            text = (path / "__init__.py" if path.is_dir() else path.with_suffix(".py")).read_text("utf-8")
            if any(not isinstance(node, ast.Expr) for node in ast.parse(text).body):
                found.add(name)
    return found


_GUARD = "chatcask.assistants.vscode.guard"
_KNOWS_CHATS = ("chatcask.chats", "chatcask.assistants.vscode.reading", "chatcask.catalog")


def _within(imported: set[str], *places: str) -> set[str]:
    """The imported modules that are one of the places or lie in one."""
    return {name for name in imported if any(f"{name}.".startswith(f"{place}.") for place in places)}


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


def test_an_unchanged_run_knows_no_chats_and_writes_no_chunks(home: Path) -> None:
    snapshot = ("snapshot", "--user-data-dir", str(home / "Code"), "--json")
    _imported(home, "init")
    _imported(home, *snapshot)
    imported = _imported(home, *snapshot)
    assert not _within(imported, *_KNOWS_CHATS)
    assert not _within(imported, "chatcask.repository.chunk_writer", "chatcask.repository.block_stream")
    assert not _within(
        imported, "chatcask.ops.snapshot.losses", "chatcask.ops.files", "chatcask.format.chunker"
    )
    assert imported.isdisjoint({"pyfastcdc", "rich", "asyncio", "concurrent.futures", "email"})
    if sys.platform == "linux":
        assert "psutil" not in imported
    settings = _within(imported, "chatcask.settings", "chatcask_cli.shell.configuration")
    # Whose process looks like an editor's is asked only where some program on this machine does.
    owners = _within(imported, *(f"{_GUARD}.{name}" for name in ("owned", "owner", "server_owner")))
    assert len(_with_code(imported - settings - owners)) <= 61
    assert len(settings) <= 6


def test_a_config_file_costs_its_parser_and_only_where_there_is_one(home: Path) -> None:
    """An unchanged run with a file imports what it does without one, and one module of ours more."""
    snapshot = ("snapshot", "--user-data-dir", str(home / "Code"), "--json")
    _imported(home, "init")
    _imported(home, *snapshot)
    without = _imported(home, *snapshot)
    assert not any(name.partition(".")[0] == "tomllib" for name in without)
    config = home / "config" / "chatcask" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text('display.color = "never"\n')
    added = _imported(home, *snapshot) - without
    assert {name for name in added if name.startswith("chatcask")} == {"chatcask.settings.file"}
    assert {name.partition(".")[0] for name in added} <= {"chatcask", "tomllib", "string", "_string"}


def test_writing_plain_files_knows_no_chats(home: Path) -> None:
    snapshot = ("snapshot", "--user-data-dir", str(home / "Code"), "--json")
    _imported(home, "init")
    _imported(home, *snapshot)
    imported = _imported(home, "restore", "latest", "--output", str(home / "out"))
    assert not _within(imported, *_KNOWS_CHATS, "chatcask.repository.chunk_writer")
    assert not _within(imported, "chatcask.ops.snapshot", "chatcask.ops.editing")
