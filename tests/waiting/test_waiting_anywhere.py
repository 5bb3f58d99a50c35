"""The waiting program on whatever system this is: Python stands for the editor and for what saves."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.waiter import PROGRAM, until

_NOTE = "import sys\nwith open(sys.argv[1], 'a') as file:\n    print(sys.argv[-1], file=file)\n"


@pytest.fixture
def runs(tmp_path: Path) -> Iterator[Path]:
    """The file in which the runs are noted, of a program that waits for two folders."""
    runs, note = tmp_path / "runs", tmp_path / "note it.py"
    note.write_text(_NOTE)
    (tmp_path / "Code").mkdir()
    roots = ["--root", str(tmp_path / "Code"), "--root", str(tmp_path / "later" / "Cursor")]
    command = [sys.executable, "-I", "-S", str(note), str(runs), "all"]
    waiting = subprocess.Popen([sys.executable, "-I", "-S", str(PROGRAM), *roots, "--", *command])
    until(lambda: _lines(runs) == ["all"], 60)
    yield runs
    assert waiting.poll() is None
    waiting.terminate()
    waiting.wait()


def _lines(runs: Path) -> list[str]:
    return runs.read_text().splitlines() if runs.exists() else []


def _opened(root: Path) -> subprocess.Popen[bytes]:
    editor = subprocess.Popen([sys.executable, "-I", "-S", "-c", "import time; time.sleep(600)"])
    (root / "code.lock").write_text(str(editor.pid))
    time.sleep(1.0)
    return editor


@pytest.mark.parametrize("orderly", [True, False])
def test_an_end_starts_a_run(runs: Path, tmp_path: Path, orderly: bool) -> None:
    code = tmp_path / "Code"
    editor = _opened(code)
    assert _lines(runs) == ["all"]
    if orderly:
        (code / "code.lock").unlink()
    editor.kill()
    editor.wait()
    until(lambda: str(code) in _lines(runs), 60)


def test_a_folder_that_is_made_later_is_noticed(runs: Path, tmp_path: Path) -> None:
    cursor = tmp_path / "later" / "Cursor"
    cursor.mkdir(parents=True)
    time.sleep(1.0)
    editor = _opened(cursor)
    assert str(cursor) not in _lines(runs)
    editor.kill()
    editor.wait()
    until(lambda: str(cursor) in _lines(runs), 60)
