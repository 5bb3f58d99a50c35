"""Every command on stores whose trees and files expand without end: a typed end, in bounded time."""

from __future__ import annotations

import resource
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chatcask.format.tree import Content, Entry, EntryKind
from chatcask.repository.chunk_writer import ChunkWriter
from chatcask.transport import LocalTransport
from chatcask_cli.demo import folder as fictional
from support.console import Console
from support.crafted_store import craft, doubling, expanding, folder, nested

_SECONDS = 60
_MEMORY = 3 << 30
_START = datetime(2026, 6, 1, 9, tzinfo=UTC)
_TYPED = {0, 1, 3, 13, 14, 15}
_CHAT = fictional.session_id("retry")
_WORKSPACE = "code/workspaces/79a6a3b84951b4ff7915177902d21849"
Change = Callable[[ChunkWriter], tuple[str, Entry]]


def _file(content: Content) -> Entry:
    return Entry("", EntryKind.FILE, 500, 0, content)


CRAFTED: dict[str, list[Change]] = {
    "doubling edits": [
        lambda writer: (f"{_WORKSPACE}/chatEditingSessions/{_CHAT}", folder("", doubling(writer)))
    ],
    "doubling workspaces": [lambda writer: ("code/workspaces", folder("", doubling(writer)))],
    "doubling root": [lambda writer: ("code", folder("", doubling(writer)))],
    "doubling chats": [lambda writer: (f"{_WORKSPACE}/chatSessions", folder("", doubling(writer)))],
    "nested edits": [lambda writer: (f"{_WORKSPACE}/chatEditingSessions/x", folder("", nested(writer)))],
    "nested root": [lambda writer: ("code", folder("", nested(writer)))],
    "expanding chat": [
        lambda writer: (f"{_WORKSPACE}/chatSessions/{_CHAT}.jsonl", _file(expanding(writer, 8))),
        lambda writer: (f"{_WORKSPACE}/transcripts/{_CHAT}.jsonl", _file(expanding(writer, 8))),
    ],
    "expanding tree": [
        lambda writer: (f"{_WORKSPACE}/chatSessions", folder("", expanding(writer, 8, piece=b"x")))
    ],
}


def _lines(console: Console) -> Iterator[tuple[str | Path, ...]]:
    out = console.home.parent
    yield "ls", "-r"
    yield "diff", "latest~1", "latest"
    yield "diff", "latest", "latest~1"
    yield "diff", "--session", _CHAT
    yield "sessions", "-v"
    yield "sessions", "--deleted"
    yield ("log",)
    yield "log", _CHAT
    yield "show", _CHAT
    yield "show", f"{_CHAT}@latest"
    yield "cat", f"latest:{_WORKSPACE}/chatSessions/{_CHAT}.jsonl"
    yield "stats", *()
    yield "check", "--read-data"
    yield "archive", out / "archive"
    yield "export", out / "bundle", "--all"
    yield "export", out / "documents", "--format", "md"
    yield "restore", "latest", "-o", out / "out"
    yield "restore", _CHAT, "--replace", "--with-edits"
    yield ("doctor",)
    yield "tag", "latest", "crafted"
    yield "forget", "latest~1", "--dry-run"
    yield "prune", *()
    yield "repair", "--dry-run"
    yield "repair", *()
    yield "snapshot", *()
    yield "undo", "--yes"
    yield "doctor", "--fix"
    yield "forget", "--keep-last", "1"
    yield "undelete", "--all"
    yield "prune", *()


@pytest.mark.slow
@pytest.mark.parametrize("name", CRAFTED)
def test_no_command_is_kept_busy(name: str, tmp_path: Path) -> None:
    console = Console(tmp_path)
    fictional.build_folder(console.editor, _START)
    assert console.run("snapshot").code == 0
    for change in CRAFTED[name]:
        craft(LocalTransport(console.store), change)
    wrong = []
    for line in _lines(console):
        began = time.monotonic()
        done = subprocess.run(
            console.command(*line),
            env=console.environment,
            cwd=console.home,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=4 * _SECONDS,
            check=False,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY)),
        )
        seconds, err = time.monotonic() - began, done.stderr.decode()
        told = "mistake in chatcask" in err or "Traceback" in err or "memory" in err
        if done.returncode not in _TYPED or told or seconds > _SECONDS or len(done.stdout) > 50_000_000:
            wrong.append(f"{line}: {done.returncode} in {seconds:.0f} s: {err[-400:]}")
    assert not wrong, "\n".join(wrong)
