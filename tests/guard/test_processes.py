"""Proves what the process tables tell of real processes, and that both tell the same."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from chatcask.assistants.vscode.guard.machine_guard import MachineGuard
from chatcask.assistants.vscode.guard.processes import LinuxProcesses
from chatcask.assistants.vscode.guard.psutil_processes import PsutilProcesses
from support.fake_editor import Machine, dead_pid, needs_linux, program


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    with Machine(tmp_path) as machine:
        yield machine


def test_own_process_and_ancestors() -> None:
    table = PsutilProcesses()
    own = table.process(os.getpid())
    assert own is not None
    assert own.arguments
    assert own.executable is not None
    assert os.path.samefile(own.executable, os.path.realpath(sys.executable))
    assert table.is_ancestor(os.getppid())
    assert not table.is_ancestor(os.getpid())


def test_a_dead_process_is_none() -> None:
    for pid in (dead_pid(), 2**31 - 1, 2**70):
        assert PsutilProcesses().process(pid) is None


def test_own_program_is_selected_by_its_file() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", "print(1, flush=True); input()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "LIGHTHOUSE": "lit"},
    ) as child:
        assert child.stdout is not None
        child.stdout.readline()
        found = {
            p.pid: p for p in PsutilProcesses().select(lambda path: "python" in path.lower(), frozenset())
        }
        assert (found[child.pid].environment or {})["LIGHTHOUSE"] == "lit"
        child.communicate(b"\n")


@needs_linux
def test_both_tables_describe_a_process_alike(machine: Machine) -> None:
    pid = machine.start("--new-window", f"--user-data-dir={machine.default_dir}")
    assert PsutilProcesses().process(pid) == LinuxProcesses().process(pid)


@needs_linux
@pytest.mark.parametrize(
    ("arguments", "reason"), [([], "process"), (["--type=utility"], "state_db"), (["--type=zygote"], None)]
)
def test_the_guard_works_on_it(machine: Machine, arguments: list[str], reason: str | None) -> None:
    database = machine.source().user / "globalStorage" / "state.vscdb"
    database.parent.mkdir(parents=True)
    database.touch()
    with database.open("rb") as file:
        held = [file.fileno()] if reason == "state_db" else []
        machine.start(*arguments, pass_fds=held)
        machine.start(executable=program(machine.folder / "bin" / "lighthouse"))
        found = MachineGuard(machine.platform, processes=PsutilProcesses()).running(machine.source())
    assert (found.reason if found else None) == reason


def test_a_process_that_is_just_being_started_is_looked_at_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its program shows before its arguments, and those before its environment."""
    folder = tmp_path / "4711"
    (folder / "fd").mkdir(parents=True)
    (folder / "exe").symlink_to("/usr/share/code/code")
    for name in ("cmdline", "environ", "comm"):
        (folder / name).touch()
    later = [
        ("cmdline", b"/usr/share/code/code\0--type=renderer\0"),
        ("environ", b"HOME=/home/ada\0"),
    ]

    def sleep(seconds: float) -> None:
        name, data = later.pop(0)
        (folder / name).write_bytes(data)

    monkeypatch.setattr(time, "sleep", sleep)
    found = LinuxProcesses(str(tmp_path)).process(4711)
    assert found is not None
    assert found.arguments == ("/usr/share/code/code", "--type=renderer")
    assert found.environment == {"HOME": "/home/ada"}
    assert later == []


def test_a_process_without_arguments_is_not_waited_for_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "4711"
    folder.mkdir()
    (folder / "exe").symlink_to("/usr/share/code/code")
    for name in ("cmdline", "environ", "comm"):
        (folder / name).touch()
    waits: list[float] = []
    monkeypatch.setattr(time, "sleep", waits.append)
    found = LinuxProcesses(str(tmp_path)).process(4711)
    assert found is not None
    assert found.arguments == ()
    assert sum(waits) < 0.1


class _Between(LinuxProcesses):
    """One process that opens and closes files while it is looked at: what each look at it finds."""

    def __init__(self, looks: list[tuple[dict[str, str], int | None]]) -> None:
        super().__init__()
        self._looks = looks

    def _pids(self) -> list[int]:
        return [1]

    def _open_files(self, pid: int) -> dict[str, str]:
        return self._looks[0][0]

    def _way_of_opening(self, pid: int, number: str) -> int | None:
        return self._looks.pop(0)[1] if len(self._looks) > 1 else self._looks[0][1]


_STATE = "/code/User/state.vscdb"
_MARKED = {"3": "/memfd:chatcask-reads (deleted)", "4": _STATE}


@pytest.mark.parametrize(
    ("looks", "expected"),
    [
        ([(_MARKED, os.O_RDONLY)], None),
        ([({"4": _STATE}, os.O_RDONLY), (_MARKED, os.O_RDONLY)], None),  # the mark was made meanwhile
        (
            [(_MARKED, None), ({"3": _MARKED["3"]}, None)],
            None,
        ),  # closed meanwhile
        ([(_MARKED, None), (_MARKED, None), (_MARKED, os.O_RDONLY)], None),
        ([(_MARKED, os.O_RDWR)], 1),
        ([(_MARKED, None), (_MARKED, os.O_RDWR)], 1),
        ([({"4": _STATE}, os.O_RDONLY)], 1),
        ([(_MARKED, None)], 1),
    ],
)
def test_a_reader_between_two_files_is_no_holder(
    looks: list[tuple[dict[str, str], int | None]], expected: int | None
) -> None:
    assert _Between(looks).holder("/code", "state.vscdb", lambda _: True) == expected
