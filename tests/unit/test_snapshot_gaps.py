"""What cannot be read is reported, carried over and read again later; the run goes on."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from chatcask.assistants import watched_file as reading
from chatcask.assistants.base import Source
from chatcask.assistants.vscode.places import folders
from chatcask.errors import EditorRunningError, InvalidInputError, NotFoundError
from chatcask.format.tree import Entry
from chatcask.ops.snapshot.capture_sources import Request
from chatcask.ops.snapshot.take import SnapshotResult
from support.worlds import ClosedGuard, StartingGuard, World

A, B = "w1/chatSessions/a.jsonl", "w1/chatSessions/b.jsonl"
posix_only = pytest.mark.skipif(os.name != "posix", reason="POSIX files")


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    world.write({A: b"first a\n", B: b"first b\n", "w2/chatSessions/c.json": b"{}"})
    return world


def _kinds(result: SnapshotResult) -> dict[str, str]:
    return {p.path.partition("/workspaces/")[2] or p.path: p.kind for p in result.snapshot.problems}


def _files(world: World, result: SnapshotResult) -> dict[str, bytes]:
    assert result.reference is not None
    return world.files_of(result.reference)


def _entries(world: World, result: SnapshotResult) -> dict[str, Entry]:
    assert result.reference is not None
    with world.open() as repository:
        root = repository.load(result.reference).root
        return {path.partition("/workspaces/")[2]: entry for path, entry in repository.walk(root)}


def _break_open(monkeypatch: pytest.MonkeyPatch, name: str, error: OSError) -> None:
    """Make opening one file fail; permissions cannot do that, since tests may run as root."""
    real = os.open

    def failing(path: str, flags: int, mode: int = 0o777) -> int:
        if os.path.basename(str(path)) == name:
            raise error
        return real(path, flags, mode)

    monkeypatch.setattr(reading.os, "open", failing)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (PermissionError(13, "Permission denied"), "unreadable"),
        (FileNotFoundError(2, "No such file or directory"), "vanished"),
        (OSError(5, "Input/output error"), "unreadable"),
    ],
)
def test_a_file_that_cannot_be_read_is_carried_over_and_read_again(
    world: World, monkeypatch: pytest.MonkeyPatch, error: OSError, kind: str
) -> None:
    world.take()
    world.write({A: b"second a\n", B: b"second b\n"})
    with monkeypatch.context() as patch:
        _break_open(patch, "a.jsonl", error)
        broken = world.take()
    assert _kinds(broken) == {A: kind}
    assert not broken.snapshot.complete
    assert world.monitor.problems[-1].path.endswith(A)
    assert _files(world, broken)[A] == b"first a\n"
    assert _files(world, broken)[B] == b"second b\n"
    assert _entries(world, broken)[A].carried
    healed = world.take()
    assert healed.snapshot.complete
    assert _files(world, healed)[A] == b"second a\n"
    assert not _entries(world, healed)[A].carried


def test_a_file_that_was_never_read_is_a_gap_and_nothing_else(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        _break_open(patch, "a.jsonl", PermissionError(13, "Permission denied"))
        result = world.take()
    assert A not in _files(world, result)
    assert B in _files(world, result)
    assert _kinds(result) == {A: "unreadable"}


def test_a_folder_that_cannot_be_listed_keeps_what_it_had(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = world.take()
    real = os.scandir

    def failing(path: str) -> object:
        if str(path).endswith(os.path.join("w1", "chatSessions")):
            raise PermissionError(13, "Permission denied")
        return real(path)

    with monkeypatch.context() as patch:
        patch.setattr(folders.os, "scandir", failing)
        broken = world.take()
    assert _kinds(broken) == {"w1/chatSessions": "unreadable"}
    assert _files(world, broken) == _files(world, first)
    assert broken.losses == ()
    world.remove(A)
    healed = world.take()
    assert healed.snapshot.complete
    assert A not in _files(world, healed)


def test_a_user_folder_that_cannot_be_listed_loses_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = world.take()
    real = os.scandir

    def failing(path: str) -> object:
        if str(path).endswith("User"):
            raise PermissionError(13, "Permission denied")
        return real(path)

    with monkeypatch.context() as patch:
        patch.setattr(folders.os, "scandir", failing)
        broken = world.take()
    assert not broken.snapshot.complete
    assert _files(world, broken) == _files(world, first)


def test_a_file_that_grows_while_read_is_kept_reported_and_read_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = world.storage / A
    real = reading.WatchedFile.readinto

    def growing(self: reading.WatchedFile, buffer: memoryview) -> int:
        count = real(self, buffer)
        if bytes(buffer[:5]) == b"first" and bytes(buffer[6:7]) == b"a" and path.stat().st_size < 20:
            with path.open("ab") as file:
                file.write(b"more and more\n")
        return count

    with monkeypatch.context() as patch:
        patch.setattr(reading.WatchedFile, "readinto", growing)
        result = world.take()
    assert _kinds(result) == {A: "changed"}
    assert _files(world, result)[A] == b"first a\nmore and more\n"
    world.date(path)
    again = world.take()
    assert again.snapshot.totals.files_extracted == 1
    assert again.snapshot.complete


def test_a_chat_of_no_bytes_is_kept_as_such(world: World) -> None:
    world.take()
    world.write({A: b""})
    assert _files(world, world.take())[A] == b""


@posix_only
def test_special_files_are_reported(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = world.storage / "w1" / "chatSessions"
    os.mkfifo(folder / "pipe.jsonl")
    (folder / "folder.jsonl").mkdir()
    monkeypatch.chdir(folder)  # a socket's path must be short
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("s.jsonl")
        result = world.take()
    assert _kinds(result) == {f"w1/chatSessions/{n}.jsonl": "special" for n in ("pipe", "folder", "s")}


@posix_only
def test_chats_on_a_disk_that_is_not_there_are_kept_and_not_alarmed(world: World) -> None:
    folder, disk = world.storage / "w1" / "chatSessions", world.user_data_dir.parent / "disk"
    folder.rename(disk)
    folder.symlink_to(disk)
    assert world.take().snapshot.complete
    disk.rename(disk.with_name("unplugged"))
    result = world.take()
    assert _kinds(result) == {"w1/chatSessions": "link"}
    assert _files(world, result)[A] == b"first a\n"
    assert result.losses == ()
    disk.with_name("unplugged").rename(disk)
    assert world.take().snapshot.complete


@posix_only
@pytest.mark.parametrize("seconds", [10_413_792_000, -10_413_792_000])
def test_a_date_that_cannot_be_stored_is_a_problem_of_that_file_alone(world: World, seconds: int) -> None:
    path = world.storage / A
    os.utime(path, (seconds, seconds))
    if path.stat().st_mtime != seconds:
        pytest.skip("this file system cannot hold such a date")
    for _ in range(2):
        result = world.take()
        assert _kinds(result) == {A: "date"}
        assert _files(world, result)[A] == b"first a\n"
        assert _files(world, result)[B] == b"first b\n"


@posix_only
def test_a_name_that_is_not_utf8_comes_back(world: World) -> None:
    folder = os.fsencode(world.storage / "w1" / "chatSessions")
    try:
        with open(os.path.join(folder, b"caf\xe9.jsonl"), "wb") as file:
            file.write(b"latin\n")
    except OSError:
        pytest.skip("this file system holds UTF-8 names only")
    result = world.take()
    assert _files(world, result)["w1/chatSessions/caf\udce9.jsonl"] == b"latin\n"
    assert result.snapshot.complete


def test_nothing_to_capture_is_said(world: World) -> None:
    with pytest.raises(NotFoundError, match="no editor"):
        world.take(requests=[])


def _running_from(world: World, start: int) -> None:
    world.guard = StartingGuard(start)


def test_a_running_editor_is_refused_and_nothing_is_written(world: World) -> None:
    _running_from(world, 1)
    before = list(world.transport.list(""))
    with pytest.raises(EditorRunningError, match="4711"):
        world.take()
    assert list(world.transport.list("")) == before


def test_an_editor_that_starts_at_any_moment_gets_nothing_committed(tmp_path: Path) -> None:
    """Whichever of the guard's answers is the first that says "running": no snapshot names the source."""
    moment, refused = 1, 0
    while True:
        world = World(tmp_path / str(moment))
        world.write({A: b"first a\n", B: b"b" * 5000})
        _running_from(world, moment)
        try:
            world.take()
        except EditorRunningError:
            refused += 1
            with world.open() as repository:
                assert repository.snapshots() == []
            moment += 1
            continue
        break
    assert refused > 8  # before, per folder, per file, per read, after, before commit


def test_one_running_editor_does_not_stop_the_others_and_is_carried_over(tmp_path: Path) -> None:
    running = World(tmp_path / "one")
    running.write({A: b"first a\n"})
    closed = World(tmp_path / "two")
    closed.write({B: b"first b\n"})
    both = [Request(running.source), Request(closed.source)]
    first = running.take(requests=both)
    running.write({A: b"second a\n"})
    closed.write({B: b"second b\n"})

    class OneRuns(StartingGuard):
        def running(self, source):  # type: ignore[no-untyped-def]
            return super().running(source) if source.id == running.source.id else None

        def watch(self, source):  # type: ignore[no-untyped-def]
            assert source.id == closed.source.id

    running.guard = OneRuns(0)
    second = running.take(requests=both)
    assert [s.source.id for s in second.skipped] == [running.source.id]
    assert not second.snapshot.complete
    states = {state.id: state for state in second.snapshot.sources}
    assert not states[running.source.id].captured
    assert states[running.source.id].reason == "editor_running"
    assert states[running.source.id].seen_at == first.snapshot.taken_at
    assert states[closed.source.id].seen_at == second.snapshot.taken_at
    assert second.reference is not None
    assert running.files_of(second.reference) == {A: b"first a\n"}
    assert closed.files_of(second.reference, running.transport) == {B: b"second b\n"}


def test_a_source_that_was_not_asked_for_stays_in_the_snapshot(tmp_path: Path) -> None:
    one, two = World(tmp_path / "one"), World(tmp_path / "two")
    one.write({A: b"a\n"})
    two.write({B: b"b\n"})
    one.take(requests=[Request(one.source), Request(two.source)])
    later = one.take(requests=[Request(two.source)])
    assert later.snapshot.complete
    assert {s.id: s.reason for s in later.snapshot.sources} == {one.source.id: "not_asked", two.source.id: ""}
    assert later.unchanged


def test_a_run_that_is_overtaken_does_not_take_the_other_back(tmp_path: Path) -> None:
    """Another process commits the other editor's chats while this one is at work."""
    one, two = World(tmp_path / "one"), World(tmp_path / "two")
    one.write({A: b"first a\n"})
    two.write({B: b"first b\n"})
    one.take(requests=[Request(one.source), Request(two.source)])
    one.write({A: b"second a\n"})
    two.write({B: b"second b\n"})

    class Overtaken(ClosedGuard):
        done = False

        def watch(self, source: Source) -> None:
            if not self.done:
                self.done = True
                one.guard = ClosedGuard()
                one.take(requests=[Request(two.source)])

    one.guard = Overtaken()
    last = one.take(requests=[Request(one.source)])
    assert last.reference is not None
    assert one.files_of(last.reference) == {A: b"second a\n"}
    assert two.files_of(last.reference, one.transport) == {B: b"second b\n"}
    with one.open() as repository:
        assert len(repository.snapshots()) == 3
        assert repository.snapshots()[-1] == last.reference


def test_picked_workspaces_leave_the_others_as_they_were(world: World) -> None:
    world.take()
    world.write({A: b"second a\n", "w2/chatSessions/c.json": b"{2}"})
    result = world.take(requests=[Request(world.source, frozenset({"w2"}))])
    files = _files(world, result)
    assert files[A] == b"first a\n"
    assert files["w2/chatSessions/c.json"] == b"{2}"
    missing = world.take(requests=[Request(world.source, frozenset({"w9"}))])
    assert [p.kind for p in missing.snapshot.problems] == ["vanished"]
    assert _files(world, missing) == files


def test_a_change_within_one_tick_of_the_clock_is_seen(world: World) -> None:
    """Same size, same time, other bytes: the time lies too near to the run that saw it."""
    path = world.storage / A
    world.take()
    moment = int((world.clock.now + timedelta(minutes=10)).timestamp() * 1_000_000_000)
    path.write_bytes(b"racing 1")
    os.utime(path, ns=(moment, moment))
    world.take()
    path.write_bytes(b"racing 2")
    os.utime(path, ns=(moment, moment))
    assert _files(world, world.take())[A] == b"racing 2"


def test_a_clock_that_goes_back_does_not_hide_the_latest_snapshot(world: World) -> None:
    first = world.take()
    world.clock.now -= timedelta(days=400)
    world.write({A: b"second a\n"})
    second = world.take()
    assert first.reference is not None
    assert second.reference is not None
    with world.open() as repository:
        assert repository.snapshots() == [first.reference, second.reference]
        assert second.snapshot.parent == first.reference.id


def test_a_damaged_latest_snapshot_is_named_and_passed_over(world: World) -> None:
    first = world.take()
    world.write({A: b"second a\n"})
    second = world.take()
    assert first.reference is not None
    assert second.reference is not None
    world.transport.put(second.reference.key, world.transport.get(second.reference.key)[:-7])
    world.write({B: b"third b\n"})
    third = world.take()
    assert third.snapshot.parent == first.reference.id
    assert [p.kind for p in third.snapshot.problems] == ["damaged_snapshot"]
    assert second.reference.key in third.snapshot.problems[0].path
    assert _files(world, third) == {A: b"second a\n", B: b"third b\n", "w2/chatSessions/c.json": b"{}"}


def test_tags_and_options_reach_the_manifest(world: World) -> None:
    change: Callable = lambda options: replace(options, tags=("before-update",))  # noqa: E731
    result = world.take(change=change)
    assert result.snapshot.tags == ("before-update",)


@pytest.mark.parametrize("tag", ["", "latest", "deadbeef", "two words", "a/b", "latest~1", "\ud800", "@{1}"])
def test_a_tag_that_could_be_taken_for_something_else_is_refused_first(world: World, tag: str) -> None:
    before = list(world.transport.list(""))
    with pytest.raises(InvalidInputError, match="not a tag"):
        world.take(change=lambda options: replace(options, tags=("sound", tag)))
    assert world.guard.asked == 0
    assert list(world.transport.list("")) == before


def test_a_run_of_some_workspaces_claims_no_more_than_it_saw(world: World) -> None:
    """A file that changed within the clock's tick stays suspect until somebody looks at it again."""
    path = world.storage / A
    moment = int((world.clock.now + timedelta(minutes=10, seconds=1)).timestamp() * 1_000_000_000)
    path.write_bytes(b"racing 1")
    os.utime(path, ns=(moment, moment))
    first = world.take()
    path.write_bytes(b"racing 2")
    os.utime(path, ns=(moment, moment))
    some = world.take(requests=[Request(world.source, frozenset({"w2"}))])
    (state,) = some.snapshot.sources
    assert (state.captured, state.reason) == (False, "some_workspaces")
    assert state.seen_at == first.snapshot.taken_at
    assert some.snapshot.complete
    whole = world.take()
    assert _files(world, whole)[A] == b"racing 2"
    (state,) = whole.snapshot.sources
    assert (state.captured, state.reason, state.seen_at) == (True, "", whole.snapshot.taken_at)


def test_runs_of_the_same_workspaces_read_no_file_twice(world: World) -> None:
    """All that the snapshot has was looked at, so its time may be trusted, if not for the whole source."""
    only = [Request(world.source, frozenset({"w1"}))]
    first = world.take(requests=only)
    again = world.take(requests=only)
    assert [result.snapshot.sources[0].seen_at for result in (first, again)] == [
        first.snapshot.taken_at,
        again.snapshot.taken_at,
    ]
    assert again.snapshot.totals.files_extracted == 0
    assert not again.snapshot.sources[0].captured
    other = world.take(requests=[Request(world.source, frozenset({"w2"}))])
    assert other.snapshot.sources[0].seen_at == again.snapshot.taken_at


@pytest.mark.parametrize("how", ["deleted", "cut", "emptied"])
@pytest.mark.parametrize("which", ["each", "all"])
def test_a_store_that_lost_packs_is_filled_again_from_the_editors_folder(
    world: World, how: str, which: str
) -> None:
    first = world.take()
    packs = [info.key for info in world.transport.list("packs/")]
    for lost in [packs] if which == "all" else [[pack] for pack in packs]:
        for key in lost:
            data = world.transport.get(key)
            world.transport.delete(key)
            if how != "deleted":
                world.transport.put(key, data[:-7] if how == "cut" else b"")
        result = world.take()
        assert {problem.path: problem.kind for problem in result.snapshot.problems}["packs"] == "damaged_pack"
        assert _files(world, result) == {A: b"first a\n", B: b"first b\n", "w2/chatSessions/c.json": b"{}"}
        assert result.losses == ()
        assert _files(world, first) == _files(world, result), "what was lost of older snapshots is back too"
    again = world.take()
    assert again.snapshot.totals.bytes_stored == 0
