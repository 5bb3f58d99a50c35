"""Every command where the machine gives too little: no room, no output, no memory, no time."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from chatcask_cli.demo.folder import add_a_day, build_folder, lose_chat, session_id
from chatcask_cli.shell.app import COMMANDS
from support.console import Console

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="limits and devices are those of Linux"),
]

_START = datetime(2026, 6, 1, 9, tzinfo=UTC)
_CHAT = session_id("retry")
_TYPED = {0, 1, 3, 4, 10, 13, 14, 15, 130}


def _lines(place: Path) -> Iterator[list[str | Path]]:
    """Yield each command so that it has something to do."""
    (place / "other").mkdir(exist_ok=True)
    yield ["init", place / "new-store"]
    yield ["sources"]
    yield ["snapshot"]
    yield ["log"]
    yield ["sessions"]
    yield ["show", _CHAT]
    yield ["ls", "-r"]
    yield ["cat", "latest:code/workspaces/79a6a3b84951b4ff7915177902d21849/workspace.json"]
    yield ["diff", "latest~1", "latest"]
    yield ["archive", place / "archive"]
    yield ["restore", _CHAT]
    yield ["restore", "latest", "-o", place / "out"]
    yield ["undo", "--yes"]
    yield ["doctor"]
    yield ["check", "--read-data"]
    yield ["repair"]
    yield ["forget", "latest~1"]
    yield ["prune"]
    yield ["undelete", "--all"]
    yield ["tag", "latest", "beacon"]
    yield ["pin", _CHAT]
    yield ["export", place / "bundle", "--all"]
    yield ["import", place / "theirs"]
    yield ["stats"]
    yield ["demo", "--keep", place / "demo"]
    for name in ("wait", "auto", "losses", "upkeep", "config"):
        yield [name, "--help"]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template")
    console = Console(folder)
    build_folder(console.editor, _START)
    console.run("snapshot")
    add_a_day(console.editor, _START.replace(hour=0, day=2), 1)
    console.run("snapshot")
    console.run("export", folder / "theirs", "--all")
    lose_chat(console.editor, _CHAT)
    return folder


@pytest.fixture
def console(template: Path, tmp_path: Path) -> Console:
    place = tmp_path / "place"
    shutil.copytree(template, place)
    return Console(place)


def test_every_command_is_tried(tmp_path: Path) -> None:
    assert {str(line[0]) for line in _lines(tmp_path)} == set(COMMANDS)


def _start(console: Console, line: list[str | Path], **how: Any) -> subprocess.Popen[bytes]:
    how = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **how}
    return subprocess.Popen(
        console.command(*line), env=console.environment, cwd=console.home, stdin=subprocess.DEVNULL, **how
    )


def _wrong(console: Console, line: list[str | Path], codes: set[int], **how: Any) -> str | None:
    """Run a command; say what is wrong with its end."""
    with _start(console, line, **how) as process:
        _, err = process.communicate(timeout=120)
    text = (err or b"").decode()
    if "mistake in chatcask" in text or "Traceback" in text or "Exception ignored" in text:
        return f"{line[0]}: {process.returncode} {text[-600:]}"
    if process.returncode not in codes:
        return f"{line[0]}: ended with {process.returncode}: {text[-600:]}"
    return None


def _none_wrong(console: Console, codes: set[int], **how: Any) -> None:
    found = [_wrong(console, line, codes, **how) for line in _lines(console.home.parent)]
    assert not any(found), "\n".join(filter(None, found))


def test_output_that_is_full(console: Console) -> None:
    with Path("/dev/full").open("wb") as full:
        _none_wrong(console, _TYPED, stdout=full)


def test_output_that_is_full_is_no_success(console: Console) -> None:
    with Path("/dev/full").open("wb") as full:
        for line in (["log"], ["sessions"], ["show", _CHAT], ["ls", "-r"], ["stats"]):
            assert _wrong(console, line, {1}, stdout=full) is None


def test_no_output_at_all(console: Console) -> None:
    _none_wrong(console, _TYPED, preexec_fn=lambda: os.close(1))


def test_no_standard_streams_at_all(console: Console) -> None:
    def close() -> None:
        for number in range(3):
            os.close(number)

    _none_wrong(console, _TYPED, preexec_fn=close)


def test_a_reader_that_has_left(console: Console) -> None:
    for line in _lines(console.home.parent):
        reading, writing = os.pipe()
        os.close(reading)
        assert _wrong(console, line, _TYPED, stdout=writing) is None
        os.close(writing)


@pytest.mark.parametrize("size", [0, 4096, 65536])
def test_files_that_may_not_grow(console: Console, size: int) -> None:
    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    _none_wrong(console, _TYPED, preexec_fn=limit)
    assert console.run("check", "--read-data").code == 0


@pytest.mark.parametrize("megabytes", [110, 140, 180])
def test_little_memory(console: Console, megabytes: int) -> None:
    size = megabytes << 20

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (size, size))

    # Below what Python itself needs nothing can be said; a library of C may then end the process.
    _none_wrong(console, {*_TYPED, -signal.SIGABRT, -signal.SIGSEGV, 127}, preexec_fn=limit)
    assert console.run("check", "--read-data").code == 0


@pytest.mark.parametrize("seconds", [0.02, 0.06, 0.1, 0.15, 0.2, 0.3])
def test_an_interrupt_at_the_start(console: Console, seconds: float) -> None:
    found = []
    for line in _lines(console.home.parent):
        with _start(console, line) as process:
            time.sleep(seconds)
            process.send_signal(signal.SIGINT)
            err = process.communicate(timeout=60)[1].decode()
        if "mistake" in err or "chatcask" in err.partition("Traceback")[2]:
            found.append(f"{line[0]}: {process.returncode} {err[-600:]}")
    assert not found, "\n".join(found)


def test_six_snapshots_at_once_beside_a_doctor(console: Console) -> None:
    lines = [*([["snapshot"]] * 6), ["doctor"], ["sources"]]

    def run(line: list[str | Path]) -> str | None:
        return _wrong(console, line, {0})

    for _ in range(3):
        with ThreadPoolExecutor(len(lines)) as threads:
            assert not any(threads.map(run, lines))
