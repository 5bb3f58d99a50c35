"""Every transport keeps the same contract; writes are checked from outside, past the transport."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from chatcask.advice import Advice, AdviceCode
from chatcask.errors import (
    InvalidInputError,
    ObjectExistsError,
    ObjectNotFoundError,
    ReadOnlyError,
    StoreLockedError,
    TransportError,
)
from chatcask.transport import LocalTransport, MemoryTransport, ReadOnlyTransport, Transport
from support.transports import FaultInjectedError, FaultyTransport, RecordingTransport

Raw = Callable[[str], bytes | None]


class Place:
    """A transport under test and a way to look at its bytes that does not go through it."""

    def __init__(self, transport: Transport, raw: Raw) -> None:
        self.transport = transport
        self.raw = raw


def _local(folder: Path) -> Place:
    root = folder / "store"

    def raw(key: str) -> bytes | None:
        path = root / key
        return path.read_bytes() if path.is_file() else None

    return Place(LocalTransport(root), raw)


def _memory(_: Path) -> Place:
    transport = MemoryTransport()

    def raw(key: str) -> bytes | None:
        found = transport._objects.get(key)
        return found[0] if found else None

    return Place(transport, raw)


def _wrapped(wrap: Callable[[Transport], Transport]) -> Callable[[Path], Place]:
    def make(folder: Path) -> Place:
        place = _local(folder)
        return Place(wrap(place.transport), place.raw)

    return make


PLACES = {
    "local": _local,
    "memory": _memory,
    "recording": _wrapped(RecordingTransport),
    "faulty": _wrapped(lambda inner: FaultyTransport(inner, 10_000)),
}


FOLDERS = sorted(PLACES.keys() - {"memory"})
"""Places with a folder at the bottom, the wrappers around one too."""


@pytest.fixture(params=PLACES)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    return PLACES[request.param](tmp_path)


def test_put_joins_its_parts_and_get_gives_them_back(place: Place) -> None:
    place.transport.put("packs/ab/abcd", b"one", b"", b"two")
    assert place.raw("packs/ab/abcd") == b"onetwo"
    assert place.transport.get("packs/ab/abcd") == b"onetwo"


def test_put_replaces_and_may_store_nothing(place: Place) -> None:
    place.transport.put("config", b"longer than what comes")
    place.transport.put("config", b"new")
    assert place.raw("config") == b"new"
    place.transport.put("config")
    assert place.transport.get("config") == b""


@pytest.mark.parametrize(
    ("start", "length", "expected"),
    [
        (0, 3, b"012"),
        (4, 3, b"456"),
        (8, 100, b"89"),
        (10, 1, b""),
        (50, 4, b""),
        (7, None, b"789"),
        (3, 0, b""),
    ],
)
def test_get_reads_ranges(place: Place, start: int, length: int | None, expected: bytes) -> None:
    place.transport.put("config", b"0123456789")
    assert place.transport.get("config", start, length) == expected


def test_get_of_what_is_not_there_says_so(place: Place) -> None:
    place.transport.put("index/aa", b"x")
    for key in ("config", "index/bb", "index/aa/below"):
        with pytest.raises(ObjectNotFoundError, match=key):
            place.transport.get(key)


def test_put_new_refuses_an_existing_key_and_leaves_it(place: Place) -> None:
    place.transport.put_new("config", b"first")
    with pytest.raises(ObjectExistsError):
        place.transport.put_new("config", b"second")
    assert place.raw("config") == b"first"


def test_put_new_has_one_winner_among_many_threads(place: Place) -> None:
    won: list[int] = []
    start = threading.Barrier(8)

    def run(number: int) -> None:
        start.wait()
        try:
            place.transport.put_new("config", str(number).encode() * 100)
        except ObjectExistsError:
            return
        won.append(number)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    assert place.raw("config") == str(won[0]).encode() * 100


def test_list_is_sorted_by_whole_key_and_knows_sizes(place: Place) -> None:
    keys = [
        "config",
        "index/aa",
        "index/ab",
        "packs/aa/aaaa",
        "packs/ab/ab00",
        "snapshots/a-b/x",
        "snapshots/a/x",
    ]
    for key in reversed(keys):
        place.transport.put(key, key.encode())
    listed = list(place.transport.list(""))
    assert [info.key for info in listed] == sorted(keys)
    assert [info.size for info in listed] == [len(key) for key in sorted(keys)]
    assert [info.key for info in place.transport.list("packs/")] == ["packs/aa/aaaa", "packs/ab/ab00"]
    assert list(place.transport.list("nothing/")) == []


def test_delete_removes_and_forgives(place: Place) -> None:
    place.transport.put("index/aa", b"x")
    place.transport.delete("index/aa")
    place.transport.delete("index/aa")
    assert place.raw("index/aa") is None
    assert list(place.transport.list("")) == []


@pytest.mark.parametrize(
    "key", ["", "/config", "../config", "a/../b", "a//b", "a/", "C:\\x", "a b", ".hidden", "x" * 201, "ä"]
)
def test_keys_that_could_leave_the_place_are_refused(place: Place, key: str) -> None:
    with pytest.raises(InvalidInputError):
        place.transport.put(key, b"x")
    with pytest.raises(InvalidInputError):
        place.transport.get(key)
    assert list(place.transport.list("")) == []


def test_nothing_that_was_not_finished_is_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = _local(tmp_path)
    place.transport.put("config", b"before")

    def full(descriptor: int, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(TransportError, match="No space left") as caught:
        place.transport.put("index/aa", b"x")
    assert caught.value.advice == Advice(AdviceCode.FREE_STORE_SPACE)
    monkeypatch.undo()
    assert [info.key for info in place.transport.list("")] == ["config"]
    assert list((tmp_path / "store" / "tmp").iterdir()) == []


def test_local_files_are_private_synced_and_renamed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[str] = []
    real_sync, real_replace = os.fsync, Path.replace

    def sync(descriptor: int) -> None:
        steps.append(f"sync {os.readlink(f'/proc/self/fd/{descriptor}').removeprefix(str(tmp_path))}")
        real_sync(descriptor)

    def replace(self: Path, target: Path) -> Path:
        steps.append("rename")
        return real_replace(self, target)

    if not Path("/proc/self/fd").exists():
        monkeypatch.setattr(os, "readlink", lambda path: "?")
    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(Path, "replace", replace)
    transport = LocalTransport(tmp_path / "store")
    transport.put("packs/ab/abcd", b"x")
    renamed = steps.index("rename")
    assert steps[renamed - 1].startswith("sync /store/tmp/")
    assert steps[renamed + 1] == "sync /store/packs/ab"
    assert {"sync ", "sync /store", "sync /store/packs"} <= set(steps[:renamed])
    stored = tmp_path / "store" / "packs" / "ab" / "abcd"
    if os.name == "posix":
        assert stored.stat().st_mode & 0o777 == 0o600
        assert stored.parent.stat().st_mode & 0o777 == 0o700


def test_put_new_works_where_hard_links_do_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    transport = LocalTransport(tmp_path / "store")
    transport.put_new("config", b"first")
    with pytest.raises(ObjectExistsError):
        transport.put_new("config", b"second")
    assert transport.get("config") == b"first"
    assert list((tmp_path / "store" / "tmp").iterdir()) == []


def test_put_new_shows_nothing_before_all_where_hard_links_do_not_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A crash at the rename must not leave an empty object, nor may a reader find one meanwhile."""
    place = _local(tmp_path)
    seen: list[bytes | None] = []

    def no_links(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    def crash(self: Path, target: Path) -> Path:
        seen.append(place.raw("config"))
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "link", no_links)
    with monkeypatch.context() as crashing:
        crashing.setattr(Path, "replace", crash)
        with pytest.raises(TransportError, match="Input/output"):
            place.transport.put_new("config", b"whole")
    assert seen == [None]
    assert place.raw("config") is None
    assert list(place.transport.list("")) == []
    place.transport.put_new("config", b"whole")
    assert place.raw("config") == b"whole"


def test_put_new_has_one_winner_where_hard_links_do_not_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    for attempt in range(5):
        test_put_new_has_one_winner_among_many_threads(_local(tmp_path / str(attempt)))


@pytest.mark.parametrize("name", FOLDERS)
def test_a_lock_is_held_by_one_through_every_wrapper(name: str, tmp_path: Path) -> None:
    place, other = PLACES[name](tmp_path), _local(tmp_path)
    with place.transport.lock("prune", "Ada"):
        with pytest.raises(StoreLockedError, match="Ada"), other.transport.lock("prune", "Grace"):
            pytest.fail("two hold the lock")
        with place.transport.lock("another", "Grace"):
            assert list(place.transport.list("")) == []
    with other.transport.lock("prune", "Grace"), pytest.raises(StoreLockedError, match="Grace"):
        place.transport.lock("prune", "Ada").__enter__()


@pytest.mark.parametrize("name", FOLDERS)
def test_what_killed_writers_left_is_swept_through_every_wrapper(name: str, tmp_path: Path) -> None:
    place = PLACES[name](tmp_path)
    place.transport.put("config", b"x")
    left = tmp_path / "store" / "tmp" / ("ab" * 12)
    left.write_bytes(b"half a pack")
    assert place.transport.sweep(timedelta(days=1)) == 0
    os.utime(left, (1_600_000_000, 1_600_000_000))
    now = tmp_path / "store" / "tmp"
    assert place.transport.sweep(timedelta(days=1)) == 1
    assert list(now.iterdir()) == []
    assert place.raw("config") == b"x"


def test_memory_has_no_lock_and_nothing_to_sweep() -> None:
    transport = MemoryTransport()
    with transport.lock("prune", "Ada"), transport.lock("prune", "Grace"):
        assert transport.sweep(timedelta(0)) == 0


def test_faulty_dies_at_the_given_write_and_stays_dead() -> None:
    inner = MemoryTransport()
    faulty = FaultyTransport(inner, 1)
    faulty.put("config", b"x")
    with pytest.raises(FaultInjectedError):
        faulty.put("index/aa", b"x")
    with pytest.raises(FaultInjectedError):
        faulty.get("config")
    with pytest.raises(FaultInjectedError):
        faulty.delete("config")
    assert [info.key for info in inner.list("")] == ["config"]


def test_faulty_can_recover_like_a_disk_that_was_cleared() -> None:
    faulty = FaultyTransport(MemoryTransport(), 0, recover=True)
    with pytest.raises(FaultInjectedError):
        faulty.put("config", b"x")
    faulty.put("config", b"x")
    assert faulty.get("config") == b"x"


def test_recording_notes_every_call_in_order() -> None:
    recording = RecordingTransport(MemoryTransport())
    recording.put("index/aa", b"x")
    recording.put_new("config", b"x")
    recording.get("config", 0, 1)
    list(recording.list("index/"))
    recording.delete("index/aa")
    assert recording.calls == [
        ("put", "index/aa"),
        ("put_new", "config"),
        ("get", "config"),
        ("list", "index/"),
        ("delete", "index/aa"),
    ]
    assert recording.keys("put") == ["index/aa"]


def test_read_only_reads_and_refuses_every_write() -> None:
    inner = MemoryTransport()
    inner.put("config", b"x")
    closed = ReadOnlyTransport(inner)
    assert closed.get("config") == b"x"
    assert [info.key for info in closed.list("")] == ["config"]
    for write in (
        lambda: closed.put("config", b"y"),
        lambda: closed.put_new("new", b"y"),
        lambda: closed.delete("config"),
        lambda: closed.lock("prune", "Ada"),
        lambda: closed.sweep(timedelta(0)),
    ):
        with pytest.raises(ReadOnlyError, match="reading only"):
            write()
    assert inner.get("config") == b"x"
