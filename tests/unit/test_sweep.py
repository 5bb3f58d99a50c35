"""What killed writers leave in a store's `tmp/`: prune removes it after a day, and nothing else there."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from chatcask.errors import TransportError
from chatcask.monitor import NullMonitor
from chatcask.ops.retention.prune import preview_prune, prune
from chatcask.repository.repository import Repository
from chatcask.transport import LocalTransport
from chatcask.transport.exclusive import exclusive
from support.transports import RecordingTransport
from support.worlds import SMALL, START

pytestmark = pytest.mark.slow

DAY = timedelta(days=1)
_WRITE = """
import os, stat, sys, time
from pathlib import Path
from chatcask.transport import LocalTransport

def wait(descriptor):
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        print("written", flush=True)
        time.sleep(600)

os.fsync = wait
LocalTransport(Path(sys.argv[1])).put("packs/ab/abcd", b"half a pack")
"""


@pytest.fixture
def place(tmp_path: Path) -> LocalTransport:
    place = LocalTransport(tmp_path / "store")
    Repository.create(place, SMALL)
    return place


def temporaries(place: LocalTransport) -> set[str]:
    return set(os.listdir(place.root / "tmp"))


def leave(place: LocalTransport, name: str, age: timedelta) -> Path:
    path = place.root / "tmp" / name
    path.write_bytes(b"half a pack")
    seconds = path.stat().st_mtime - age.total_seconds()
    os.utime(path, (seconds, seconds))
    return path


def kill_a_writer(place: LocalTransport) -> Path:
    """Kill a process in the middle of a put; return what it leaves."""
    before = temporaries(place)
    command = [sys.executable, "-c", _WRITE, str(place.root)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline().strip() == b"written"
        writer.kill()
    [name] = temporaries(place) - before
    return place.root / "tmp" / name


def run_prune(place: LocalTransport) -> None:
    with Repository.open(place) as repository:
        prune(repository, NullMonitor())


def test_prune_removes_it_through_a_wrapper_too(place: LocalTransport) -> None:
    leave(place, "ab" * 12, DAY + timedelta(minutes=1))
    with Repository.open(RecordingTransport(place)) as repository:
        prune(repository, NullMonitor())
    assert temporaries(place) == set()


def test_prune_removes_what_a_killed_writer_left_once_it_is_old(place: LocalTransport) -> None:
    path = kill_a_writer(place)
    with exclusive(place, "prune", holder="me", wait_seconds=0):
        run_prune(place)
    assert temporaries(place) == {path.name, "prune.lock"}
    old = path.stat().st_mtime - DAY.total_seconds() - 60
    os.utime(path, (old, old))
    os.utime(place.root / "tmp" / "prune.lock", (old, old))
    with Repository.open(place) as repository:
        preview_prune(repository, START, NullMonitor())
    assert path.exists()
    run_prune(place)
    assert temporaries(place) == {"prune.lock"}


def test_only_old_files_with_a_writers_name_go(place: LocalTransport) -> None:
    old = leave(place, "0123456789abcdef01234567", DAY + timedelta(minutes=1))
    kept = {
        leave(place, "123456789abcdef012345678", DAY - timedelta(minutes=10)),
        leave(place, "23456789abcdef0123456789", timedelta(0)),
        leave(place, "prune.lock", 9 * DAY),
        leave(place, "0123456789ABCDEF01234567", 9 * DAY),
        leave(place, "0123456789abcdef012345670", 9 * DAY),
        leave(place, "notes", 9 * DAY),
    }
    (place.root / "tmp" / "3456789abcdef0123456789a").mkdir()
    assert place.sweep(DAY) == 1
    assert not old.exists()
    assert temporaries(place) == {path.name for path in kept} | {"3456789abcdef0123456789a"}
    assert place.sweep(DAY) == 0


def test_age_is_by_the_clock_of_the_file_system(
    place: LocalTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A file server whose clock is two days behind: what it wrote just now is young.
    behind = 2 * DAY
    young = leave(place, "0123456789abcdef01234567", behind)
    old = leave(place, "123456789abcdef012345678", behind + DAY + timedelta(minutes=1))
    real = os.open

    def dated(path: str | Path, flags: int, mode: int = 0o777) -> int:
        descriptor = real(path, flags, mode)
        if flags & os.O_CREAT and stat.S_ISREG(os.fstat(descriptor).st_mode):
            seconds = os.fstat(descriptor).st_mtime - behind.total_seconds()
            os.utime(path, (seconds, seconds))
        return descriptor

    monkeypatch.setattr(os, "open", dated)
    assert place.sweep(DAY) == 1
    assert young.exists()
    assert not old.exists()


def test_sweeping_writes_nothing_where_nothing_is_left(tmp_path: Path) -> None:
    place = LocalTransport(tmp_path / "store")
    assert place.sweep(DAY) == 0
    assert not place.root.exists()


def test_a_folder_that_cannot_be_read_is_named(place: LocalTransport) -> None:
    folder = place.root / "tmp"
    folder.rmdir()
    folder.write_bytes(b"")
    with pytest.raises(TransportError, match="tmp"):
        place.sweep(DAY)
