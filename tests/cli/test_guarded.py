"""The command line keeps the promise: real editors run, real system calls are watched."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chatcask_cli.demo import folder as fictional
from support.console import Console
from support.fake_editor import Machine, install, needs_linux

pytestmark = needs_linux
START = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    with Machine(tmp_path / "machine") as machine:
        yield machine


def test_a_running_editor_is_refused_with_its_process(console: Console, machine: Machine) -> None:
    program = install(machine.folder / "share" / "code")
    pid = machine.start(f"--user-data-dir={console.editor}", executable=program)
    outcome = console.run("snapshot")
    assert outcome.code == 13
    assert str(pid) in outcome.err
    assert "Close the editor" in outcome.err or "close the editor" in outcome.err
    assert not console.store.exists()
    document = console.run("snapshot", "--json").document
    assert (document["code"], document["kind"]) == (13, "editor_running")
    (source,) = console.run("sources", "--json").document["sources"]
    assert (source["running"], source["pid"], source["reason"]) == (True, pid, "process")
    machine.stop(pid)
    assert console.run("snapshot").code == 0


def test_other_editors_go_on_and_the_running_one_is_named(console: Console, machine: Machine) -> None:
    insiders = console.home / ".config" / "Code - Insiders"
    fictional.build_folder(insiders, START)
    program = install(machine.folder / "share" / "code")
    pid = machine.start(f"--user-data-dir={console.editor}", executable=program)
    outcome = console.run("snapshot", "--json")
    assert outcome.code == 3
    document = outcome.document
    assert document["complete"] is False
    assert [(s["source"], s["pid"]) for s in document["skipped"]] == [("code", pid)]
    assert [row["path"] for row in console.run("ls", "--json").document["entries"]] == ["code-insiders"]


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
@pytest.mark.parametrize("command", [["snapshot"], ["snapshot", "--dry-run"], ["sources"]], ids=" ".join)
def test_no_system_call_names_a_chat_path_while_the_editor_runs(
    console: Console, machine: Machine, command: list[str], tmp_path: Path
) -> None:
    def touched() -> tuple[int, list[str]]:
        log = tmp_path / "trace"
        done = subprocess.run(
            ["strace", "-f", "-q", "-s", "4096", "-e", "trace=%file", "-o", log, *console.command(*command)],
            env=console.environment,
            cwd=console.home,
            capture_output=True,
            timeout=120,
            check=False,
        )
        lines = log.read_text(errors="replace").splitlines()
        assert any("chatcask_cli" in line for line in lines), "the detector saw nothing at all"
        return done.returncode, [line for line in lines if str(console.editor / "User") in line]

    program = install(machine.folder / "share" / "code")
    pid = machine.start(f"--user-data-dir={console.editor}", executable=program)
    code, calls = touched()
    assert calls == []
    assert code == (0 if command == ["sources"] else 13)
    machine.stop(pid)
    code, calls = touched()
    assert code == 0
    assert calls, "the detector has to see what a closed editor allows"


def test_a_long_chat_passes_in_little_memory(console: Console) -> None:
    """Half a gigabyte in one chat: memory does not grow with it."""
    folder = next((console.editor / "User" / "workspaceStorage").iterdir()) / "chatSessions"
    line = b"the lamp of the lighthouse turns once in ten seconds, and the log says so " * 100
    with (folder / "long.jsonl").open("wb") as file:
        for number in range(500_000_000 // len(line) + 1):
            file.write(b'{"kind":1,"k":["customTitle"],"v":"%d"}' % number + line[:-40] + b"\n")
    size = (folder / "long.jsonl").stat().st_size
    assert size > 490_000_000
    script = (
        "import resource, subprocess, sys; code = subprocess.call(sys.argv[1:]);"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss); sys.exit(code)"
    )
    for command in (["snapshot", "-q"], ["restore", "latest", "--output", console.home / "out", "-q"]):
        done = subprocess.run(
            [sys.executable, "-c", script, *console.command(*command)],
            env=console.environment,
            cwd=console.home,
            capture_output=True,
            timeout=300,
            check=True,
        )
        assert int(done.stdout) * 1024 < 200_000_000, command
    (restored,) = (console.home / "out").rglob("long.jsonl")
    assert restored.stat().st_size == size


_FULL_DISK = """
set -u
mount -t tmpfs -o size=256k tmpfs "$SMALL"
chatcask() { "$PYTHON" -m chatcask_cli "$@"; }
chatcask init -q
chatcask snapshot -q; echo "first $?"
head -c 600000 /dev/urandom > "$CHATS/noise.jsonl"
chatcask snapshot -q; echo "full $?"
chatcask ls -r > /dev/null; echo "reads $?"
chatcask restore latest --output "$SMALL/../out" -q; echo "restores $?"
ls "$SMALL/store/tmp" | wc -l | sed 's/^/left /'
mount -o remount,size=4m "$SMALL"
chatcask snapshot -q; echo "next $?"
chatcask ls -r | grep -c noise.jsonl | sed 's/^/kept /'
"""


_APART = ("unshare", "-rmpf", "--mount-proc")
"""With processes of its own too: of those outside little can be read, so any editor there is in doubt."""


def _can_mount() -> bool:
    if shutil.which("unshare") is None:
        return False
    return subprocess.run([*_APART, "true"], capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not _can_mount(), reason="this machine lets nobody mount a small file system")
def test_a_full_disk_is_said_and_harms_nothing(console: Console, tmp_path: Path) -> None:
    """A real file system of a few pages, in a mount namespace of its own."""
    small = tmp_path / "small"
    chats = console.editor / "User" / "workspaceStorage" / ("e" * 32) / "chatSessions"
    for folder in (small, chats):
        folder.mkdir(parents=True)
    names = {"SMALL": small, "CHATS": chats, "CHATCASK_STORE": small / "store", "PYTHON": sys.executable}
    done = subprocess.run(
        [*_APART, "bash", "-c", _FULL_DISK],
        env={**console.environment, **{name: str(value) for name, value in names.items()}},
        cwd=console.home,
        capture_output=True,
        timeout=120,
        check=False,
    )
    error = done.stderr.decode()
    said = ["first 0", "full 1", "reads 0", "restores 0", "left 0", "next 0", "kept 1"]
    assert done.stdout.decode().splitlines() == said, error
    assert "No space left" in error
    assert "free some space" in error
    assert "Traceback" not in error


def test_an_import_leaves_out_folders_that_an_editor_uses(
    console: Console, machine: Machine, tmp_path: Path
) -> None:
    copies = tmp_path / "copies"
    shutil.copytree(console.editor, copies / "old" / "Code")
    shutil.copytree(console.editor, copies / "in use")
    program = install(machine.folder / "share" / "code")
    pid = machine.start(f"--user-data-dir={copies / 'in use'}", executable=program)
    for inside in ("in use", "in use/User/workspaceStorage"):
        refused = console.run("import", copies / inside)
        assert refused.code == 13
        assert str(pid) in refused.err
    done = console.run("import", copies, "--json")
    assert done.code == 3
    assert [Path(copy["folder"]).parent.name for copy in done.document["copies"]] == ["old"]
    assert "in use" in done.err
    machine.stop(pid)
    assert len(console.run("import", copies, "--json").document["copies"]) == 2
