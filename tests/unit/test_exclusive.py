"""The lock between prunes of one folder: named, waited for, gone with its process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from chatcask.errors import (
    StoreLockedError,
)
from chatcask.transport import LocalTransport
from chatcask.transport.exclusive import exclusive
from support.place_clock import ClockedTransport

pytestmark = pytest.mark.slow

_HOLD = """
import sys
from pathlib import Path
from chatcask.transport import LocalTransport
from chatcask.transport.exclusive import exclusive
with exclusive(LocalTransport(Path(sys.argv[1])), "prune", holder="process of Ada", wait_seconds=0):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def place() -> ClockedTransport:
    return ClockedTransport()


def test_a_lock_names_its_holder_and_ends_with_its_process(tmp_path: Path) -> None:
    transport = LocalTransport(tmp_path / "store")
    command = [sys.executable, "-c", _HOLD, str(transport.root)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline().strip() == b"held"
        waits: list[float] = []
        with (
            pytest.raises(StoreLockedError, match="process of Ada"),
            exclusive(transport, "prune", holder="me", wait_seconds=0, sleep=waits.append),
        ):
            pytest.fail("two hold the lock")
        assert waits == []
        holder.kill()
    with exclusive(transport, "prune", holder="me", wait_seconds=5):
        assert list(transport.list("")) == []


def test_a_lock_is_waited_for(tmp_path: Path) -> None:
    transport = LocalTransport(tmp_path / "store")
    command = [sys.executable, "-c", _HOLD, str(transport.root)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()

        def let_go(_: float) -> None:
            holder.kill()
            holder.wait()

        with exclusive(transport, "prune", holder="me", wait_seconds=60, sleep=let_go):
            assert holder.returncode is not None


def test_places_without_locks_need_none(place: ClockedTransport) -> None:
    with (
        exclusive(place, "prune", holder="me", wait_seconds=0),
        exclusive(place, "prune", holder="you", wait_seconds=0),
    ):
        assert list(place.list("")) == []
