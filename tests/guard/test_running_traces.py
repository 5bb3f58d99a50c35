"""Proves what the guard makes of a lock file, a socket and an open database, with real ones."""

from __future__ import annotations

import errno
import hashlib
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chatcask.assistants.base import Platform, Source
from chatcask.assistants.vscode.guard.machine_guard import MachineGuard
from chatcask.assistants.vscode.guard.main_socket import is_main_pipe
from chatcask.assistants.vscode.guard.processes import LinuxProcesses, Process
from chatcask.errors import EditorRunningError
from support.fake_editor import Machine, dead_pid, install, needs_linux, new_dir, program
from support.short_folder import short_folder

pytestmark = needs_linux


@pytest.fixture
def machine() -> Iterator[Machine]:
    with short_folder() as folder, Machine(folder) as machine:
        yield machine


def _lock(machine: Machine, text: str) -> None:
    (machine.default_dir / "code.lock").write_text(text)


# A lock file


def test_a_lock_of_a_live_editor_counts(machine: Machine, tmp_path: Path) -> None:
    # By its command line it uses another folder, so that the lock alone speaks for this one.
    pid = machine.start(f"--user-data-dir={new_dir(tmp_path / 'other')}")
    _lock(machine, str(pid))
    found = machine.guard().running(machine.source())
    assert found is not None
    assert (found.reason, found.pid) == ("lock", pid)


def test_a_lock_of_a_dead_process_is_stale(machine: Machine) -> None:
    _lock(machine, str(dead_pid()))
    assert machine.guard().running(machine.source()) is None


def test_a_lock_whose_number_now_belongs_to_another_program_is_stale(
    machine: Machine, tmp_path: Path
) -> None:
    for pid in (
        os.getpid(),
        machine.start(executable=program(tmp_path / "bin" / "sleep")),
        machine.start("--type=renderer"),
        machine.start("--type=renderer", executable=program(tmp_path / "bin" / "code")),
        machine.start("out/cli.js", environment={"ELECTRON_RUN_AS_NODE": "1"}),
    ):
        _lock(machine, str(pid))
        assert machine.guard().running(machine.source()) is None


def test_a_lock_of_a_program_with_an_editors_name_counts_whatever_lies_beside_it(
    machine: Machine, tmp_path: Path
) -> None:
    pid = machine.start(executable=program(tmp_path / "bin" / "code"))
    assert machine.guard().running(machine.source()) is None
    _lock(machine, str(pid))
    found = machine.guard().running(machine.source())
    assert found is not None
    assert (found.reason, found.pid) == ("lock", pid)


@pytest.mark.parametrize("text", ["", "\n", "no number", "-1", "12 34", "9" * 40, "0"])
def test_a_lock_without_a_usable_number_says_nothing(machine: Machine, text: str) -> None:
    _lock(machine, text)
    assert machine.guard().running(machine.source()) is None


def test_a_lock_that_is_no_file_says_nothing(machine: Machine) -> None:
    lock = machine.default_dir / "code.lock"
    os.mkfifo(lock)
    assert machine.guard().running(machine.source()) is None
    lock.unlink()
    lock.mkdir()
    assert machine.guard().running(machine.source()) is None


def test_a_lock_that_cannot_be_read_counts_as_running(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    _lock(machine, "1")
    lock, real = machine.default_dir / "code.lock", os.open

    def denied(path: object, *arguments: int) -> int:
        if path == lock:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return real(path, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "open", denied)
    found = machine.guard().running(machine.source())
    assert found is not None
    assert found.reason == "unsure"


# A socket


def _listening(path: Path) -> socket.socket:
    server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    server.bind(str(path))
    server.listen(1)
    return server


def _runtime_name(source: Source) -> str:
    digest = hashlib.sha256(str(source.user_data_dir).encode()).hexdigest()[:8]
    return f"vscode-{digest}-1.13-main.sock"


@pytest.fixture
def runtime(machine: Machine) -> Path:
    folder = machine.folder / "run"
    folder.mkdir()
    machine.platform = Platform("linux", machine.home, {"XDG_RUNTIME_DIR": str(folder)})
    return folder


def _sockets(source: Source, runtime: Path) -> list[Path]:
    name = _runtime_name(source)
    (runtime / "snap.code").mkdir()
    return [source.user_data_dir / "1.13-main.sock", runtime / name, runtime / "snap.code" / name]


def test_a_live_socket_counts_in_every_place(machine: Machine, runtime: Path) -> None:
    for path in _sockets(machine.source(), runtime):
        with _listening(path) as server:
            found = machine.guard().running(machine.source())
            assert found is not None
            assert found.reason == "socket"
            assert str(path) in found.description
            connection, _ = server.accept()
            with connection:
                assert connection.recv(1) == b""  # closed without a word
        path.unlink()


def test_a_dead_socket_does_not_count(machine: Machine, runtime: Path) -> None:
    for path in _sockets(machine.source(), runtime):
        _listening(path).close()
        assert path.is_socket()
    assert machine.guard().running(machine.source()) is None


def test_a_socket_with_a_full_queue_counts(machine: Machine) -> None:
    path = machine.default_dir / "1.13-main.sock"
    with _listening(path) as server:
        server.listen(0)
        waiting: list[socket.socket] = []
        try:
            while len(waiting) < 8:
                client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
                client.settimeout(0)
                waiting.append(client)
                client.connect(str(path))
        except BlockingIOError:
            found = machine.guard().running(machine.source())
            assert found is not None
            assert found.reason == "socket"
        else:
            pytest.fail("the queue never filled")
        finally:
            for client in waiting:
                client.close()


def test_the_socket_of_another_folder_does_not_count(machine: Machine, runtime: Path, tmp_path: Path) -> None:
    other = machine.source(new_dir(tmp_path / "other"))
    with _listening(runtime / _runtime_name(other)):
        assert machine.guard().running(machine.source()) is None
        assert machine.guard().running(other) is not None


def test_files_that_look_like_sockets_do_not_count(machine: Machine, runtime: Path) -> None:
    for path in _sockets(machine.source(), runtime):
        path.write_text("")
    (machine.default_dir / "2-main.sock").mkdir()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as datagram:
        datagram.bind(str(machine.default_dir / "3-main.sock"))
        assert machine.guard().running(machine.source()) is None


def test_a_windows_pipe_is_known_by_the_hash_of_the_folder() -> None:
    digest = hashlib.sha256(rb"C:\Users\ada\AppData\Roaming\Code").hexdigest()[:8]
    assert is_main_pipe(f"{digest}-1.130.0-main-sock", [digest])
    assert not is_main_pipe("00000000-1.130.0-main-sock", [digest])
    assert not is_main_pipe(f"{digest}-1.130.0-shared-sock", [digest])


# An open database


@pytest.mark.parametrize(
    "name",
    ["globalStorage/state.vscdb", "workspaceStorage/0a1b/state.vscdb", "globalStorage/state.vscdb-journal"],
)
def test_a_state_database_open_in_any_process_counts(machine: Machine, tmp_path: Path, name: str) -> None:
    path = machine.source().user / name
    path.parent.mkdir(parents=True)
    path.touch()
    with path.open("rb") as file:
        # A helper that outlived its main process, and a program that has nothing to do with editors.
        for executable in (None, program(tmp_path / "bin" / "sleep")):
            pid = machine.start("--type=utility", executable=executable, pass_fds=[file.fileno()])
            found = machine.guard().running(machine.source())
            assert found is not None
            assert (found.reason, found.pid) == ("state_db", pid)
            machine.stop(pid)
        # This process holds it, too, but reading is what it is there for.
        assert machine.guard().running(machine.source()) is None


def test_databases_elsewhere_and_other_files_do_not_count(machine: Machine, tmp_path: Path) -> None:
    beside = Path(f"{machine.default_dir}2/User/globalStorage/state.vscdb")
    log = machine.default_dir / "logs" / "main.log"
    sleep = program(tmp_path / "bin" / "sleep")
    for path in (beside, log):
        path.parent.mkdir(parents=True)
        with path.open("wb") as file:
            machine.start(executable=sleep, pass_fds=[file.fileno()])
    assert machine.guard().running(machine.source()) is None


def test_a_database_below_a_linked_folder_is_seen(machine: Machine, tmp_path: Path) -> None:
    folder = new_dir(tmp_path / "disk" / "Code")
    (tmp_path / "link").symlink_to(folder)
    (folder / "User" / "state.vscdb").touch()
    with (folder / "User" / "state.vscdb").open("rb") as file:
        machine.start(executable=program(tmp_path / "bin" / "sleep"), pass_fds=[file.fileno()])
    assert machine.guard().running(machine.source(tmp_path / "link")) is not None


READER = """
import sys
from chatcask.assistants.vscode.state.reader_mark import mark_as_reader
if "mark" in sys.argv:
    assert mark_as_reader() is not None
files = [open(sys.argv[1], mode) for mode in sys.argv[2].split(",")]
print(flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize(
    ("arguments", "is_running"),
    [(["rb", "mark"], False), (["rb"], True), (["r+b", "mark"], True), (["rb,r+b", "mark"], True)],
)
def test_another_run_that_reads_a_database_is_no_editor(
    machine: Machine, arguments: list[str], is_running: bool
) -> None:
    path = machine.source().user / "globalStorage" / "state.vscdb"
    path.parent.mkdir(parents=True)
    path.touch()
    with subprocess.Popen(
        [sys.executable, "-c", READER, path, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        other.stdout.readline()
        found = machine.guard().running(machine.source())
        assert (found is not None) is is_running
        if found is not None:
            assert (found.reason, found.pid) == ("state_db", other.pid)
        other.communicate()


def test_a_marked_reader_hides_no_editor(machine: Machine, tmp_path: Path) -> None:
    path = machine.source().user / "globalStorage" / "state.vscdb"
    path.parent.mkdir(parents=True)
    path.touch()
    command = [sys.executable, "-c", READER, path, "rb", "mark"]
    with (
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other,
        path.open("rb") as file,
    ):
        assert other.stdout is not None
        other.stdout.readline()
        pid = machine.start(executable=program(tmp_path / "bin" / "sleep"), pass_fds=[file.fileno()])
        found = machine.guard().running(machine.source())
        assert found is not None
        assert found.pid == pid
        other.communicate()


# Asking again


class Clock:
    """A clock that stands still unless it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class CountingProcesses(LinuxProcesses):
    """The real table; counts how often it is asked."""

    asked = 0

    def select(self, is_program: Callable[[str], bool], names: frozenset[str]) -> Iterator[Process]:
        self.asked += 1
        return super().select(is_program, names)


def test_watching_checks_in_full_at_most_four_times_a_second(machine: Machine) -> None:
    clock, processes = Clock(), CountingProcesses()
    guard = MachineGuard(machine.platform, processes=processes, clock=clock)
    source = machine.source()
    for _ in range(100):
        guard.watch(source)
    assert processes.asked == 1
    clock.now += 0.24
    guard.watch(source)
    assert processes.asked == 1
    clock.now += 0.01
    guard.watch(source)
    assert processes.asked == 2


def test_each_source_is_watched_by_itself(machine: Machine, tmp_path: Path) -> None:
    processes = CountingProcesses()
    guard = MachineGuard(machine.platform, processes=processes, clock=Clock())
    guard.watch(machine.source())
    guard.watch(machine.source(new_dir(tmp_path / "other")))
    assert processes.asked == 2


def test_an_editor_that_starts_while_capturing_is_seen_and_stays_seen(machine: Machine) -> None:
    clock = Clock()
    guard = MachineGuard(machine.platform, clock=clock)
    source = machine.source()
    guard.require_closed(source)
    guard.watch(source)
    pid = machine.start()
    clock.now += 0.25
    for _ in range(2):  # the second time no time has passed, and a refusal is not forgotten
        with pytest.raises(EditorRunningError):
            guard.watch(source)
    machine.stop(pid)
    guard.watch(source)


def test_a_full_check_that_fails_ends_the_trust_in_an_earlier_one(machine: Machine) -> None:
    guard = MachineGuard(machine.platform, clock=Clock())
    source = machine.source()
    guard.watch(source)
    machine.start()
    guard.watch(source)  # no time has passed, so nothing is looked at
    for ask in (guard.require_closed, guard.watch):
        with pytest.raises(EditorRunningError):
            ask(source)


# What cannot be known


class Blind(LinuxProcesses):
    """A table that cannot look."""

    def _pids(self) -> list[int]:
        raise PermissionError(errno.EACCES, "Permission denied", "/proc")


def test_a_machine_that_shows_no_processes_counts_as_running(machine: Machine) -> None:
    found = MachineGuard(machine.platform, processes=Blind()).running(machine.source())
    assert found is not None
    assert found.reason == "unsure"


def test_a_folder_that_is_gone_is_not_running(machine: Machine) -> None:
    source = machine.source()
    (machine.default_dir / "User").rmdir()
    machine.default_dir.rmdir()
    assert machine.guard().running(source) is None


def test_ancestors_are_found_through_real_parents(machine: Machine) -> None:
    table = LinuxProcesses()
    assert table.is_ancestor(os.getppid())
    assert not table.is_ancestor(machine.start())
    assert not table.is_ancestor(os.getpid())


def test_the_guard_costs_no_import_of_psutil(tmp_path: Path) -> None:
    program_text = (
        "import sys, pathlib\n"
        "import chatcask.assistants.vscode.guard.machine_guard as r\n"
        "import chatcask.assistants.vscode.places.locate as l\n"
        "p = l.Platform('linux', pathlib.Path(sys.argv[1]), {})\n"
        "r.MachineGuard(p).running(l.source_for(pathlib.Path(sys.argv[1]), None, p))\n"
        "assert not {'psutil', 'sqlite3', 'asyncio'} & set(sys.modules), sys.modules.keys()\n"
    )
    subprocess.run([sys.executable, "-c", program_text, str(tmp_path)], check=True, timeout=60)


def test_a_look_at_the_process_table_asks_little_of_it(machine: Machine) -> None:
    """Of a process that is no candidate nothing is read but two links and its open files."""
    processes = LinuxProcesses()
    described: list[int] = []
    real = processes.process
    processes.process = lambda pid: described.append(pid) or real(pid)  # type: ignore[method-assign,func-returns-value]
    cursor = machine.start(executable=install(machine.folder / "cursor", "cursor", "Cursor"))
    assert MachineGuard(machine.platform, processes=processes).running(machine.source()) is None
    assert cursor in described
    assert os.getpid() not in described
    assert os.getppid() not in described
