"""Readers beside forget, undelete and prune: they work, and never call damaged what was let go."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest

from chatcask import ChatFilter, Platform, SnapshotOptions
from chatcask.errors import DamagedError, ForgottenError, NotFoundError
from chatcask.format.config import Config
from chatcask.monitor import NullMonitor
from chatcask.ops.retention.forget import apply_forget, plan_forget_by_name
from chatcask.ops.retention.prune import prune
from chatcask.ops.retention.undelete import UndeletePlan, apply_undelete
from chatcask.repository.repository import Repository
from chatcask.transport import MemoryTransport, Transport
from chatcask.workbench import (
    ExportWishes,
    Machine,
    RestoreWishes,
    SourceChoice,
    Workbench,
    choose_requests,
)
from chatcask_cli.demo import folder as fictional
from chatcask_cli.demo.machine import NoEditorRuns, StoryClock
from support.console import Console
from support.monitors import RecordingMonitor
from support.place_clock import ClockedTransport, InterruptedTransport

_START = datetime(2026, 6, 1, 9, tzinfo=UTC)
_CONFIG = Config(store_id="0" * 32, created_at="2026-06-01T09:00:00Z")
_QUIET = NullMonitor()
_MOMENTS = 20
"""Before so many of a reader's calls, spread over all of them, somebody else acts."""


class Place:
    """A store of four days on a machine whose clock the story sets."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = StoryClock(_START)
        editor = folder / ".config" / "Code"
        self.machine = Machine(
            platform=Platform("linux", home=folder, environment={}),
            origin="0123456789abcdef",
            host="here",
            program="a test",
            clock=self.clock,
            zone=UTC,
            watcher=NoEditorRuns(),
        )
        fictional.build_folder(editor, _START)
        self.chat = fictional.session_id("retry")
        inner = ClockedTransport()
        Repository.create(inner, _CONFIG)
        for day in range(1, 5):
            self.clock.moment = _START + timedelta(days=day)
            with Workbench.open(inner, self.machine) as bench:
                self.take(bench)
            fictional.add_a_day(editor, _START.replace(hour=0) + timedelta(days=day), day)
        self._held = {info.key: inner.get(info.key) for info in inner.list("")}

    def take(self, bench: Workbench) -> None:
        requests = choose_requests(self.machine, SourceChoice(), _QUIET)
        bench.snapshots.take(requests, SnapshotOptions(), _QUIET)

    def store(self) -> ClockedTransport:
        """Return the store as it was made."""
        copy = ClockedTransport(MemoryTransport())
        for key, data in self._held.items():
            copy.put(key, data)
        return copy


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return Place(tmp_path_factory.mktemp("place"))


def _check(bench: Workbench, place: Place, monitor: RecordingMonitor) -> None:
    assert bench.upkeep.check(1.0, monitor).damage == ()


def _list(bench: Workbench, place: Place, monitor: RecordingMonitor) -> None:
    assert bench.chats.everywhere(bench.snapshots.newest_of_each(monitor), ChatFilter(), monitor)
    bench.chats.deleted_everywhere(bench.snapshots.newest_of_each(monitor), ChatFilter(), monitor)


def _log(bench: Workbench, place: Place, monitor: RecordingMonitor) -> None:
    assert bench.snapshots.newest()[1] == []
    assert bench.chats.versions(place.chat, monitor)[1]


def _show(bench: Workbench, place: Place, monitor: RecordingMonitor) -> None:
    assert bench.chats.read(bench.chats.find(place.chat, monitor)).chat.turns
    assert bench.chats.read(bench.chats.find(f"{place.chat}@latest~2", monitor)).chat.turns


def _diff(bench: Workbench, place: Place, monitor: RecordingMonitor) -> None:
    comparison = bench.snapshots.compare("latest~2", "latest", monitor)
    assert comparison.files()
    assert comparison.chats()


def _write_files(bench: Workbench, place: Place, monitor: RecordingMonitor) -> None:
    found = bench.snapshots.path("latest~2")
    output = place.folder / "out"
    assert not bench.snapshots.write_files(found, output, monitor, overwrite=True).problems


def _export(bench: Workbench, place: Place, monitor: RecordingMonitor) -> None:
    selection = bench.bundles.select(ExportWishes(every=True), monitor)
    assert bench.bundles.export(selection, BytesIO().write, monitor).snapshots


def _measure(bench: Workbench, place: Place, monitor: RecordingMonitor) -> None:
    assert bench.upkeep.stats(3, monitor).snapshots


def _plan_restore(bench: Workbench, place: Place, monitor: RecordingMonitor) -> None:
    bench.editing.plan_restore(place.chat, RestoreWishes(), monitor)


def _run(bench: Workbench, place: Place, monitor: RecordingMonitor) -> None:
    place.take(bench)


READERS = [_check, _list, _log, _show, _diff, _write_files, _export, _measure, _plan_restore, _run]


def _forget(transport: Transport, count: int = 2) -> None:
    with Repository.open(transport) as repository:
        plan = plan_forget_by_name(repository, repository.snapshots()[1 : 1 + count])
        apply_forget(repository, plan, allow_losing_chats=True, monitor=_QUIET)


def forget(transport: ClockedTransport) -> None:
    _forget(transport)


def forget_and_prune(transport: ClockedTransport) -> None:
    _forget(transport)
    with Repository.open(transport) as repository:
        prune(repository, _QUIET)


def undelete(transport: ClockedTransport) -> None:
    with Repository.open(transport) as repository:
        for reference in repository.forgotten():
            apply_undelete(repository, UndeletePlan(reference))


def forgotten(transport: ClockedTransport) -> None:
    """Forget before the reader begins."""
    _forget(transport)


ACTS: dict[str, tuple[Callable[[ClockedTransport], None] | None, Callable[[ClockedTransport], None]]] = {
    "forget": (None, forget),
    "forget and prune": (None, forget_and_prune),
    "undelete": (forgotten, undelete),
}


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.__name__.strip("_"))
def test_a_reader_beside_another_process_meets_no_damage(
    place: Place, reader: Callable[..., None], act: str
) -> None:
    before, meanwhile = ACTS[act]
    place.clock.moment = _START + timedelta(days=9)
    calls, number = 2, 0
    while number < calls:
        number += max(1, calls // _MOMENTS)
        store = place.store()
        if before is not None:
            before(store)
        busy = InterruptedTransport(store, number, lambda store=store: meanwhile(store))
        monitor = RecordingMonitor()
        # The snapshot that was named may not be there, and that is said.
        with suppress(NotFoundError), Workbench.open(busy, place.machine) as bench:
            reader(bench, place, monitor)
        assert monitor.problems == [], number
        calls = busy.calls


def test_a_check_beside_a_forget_whose_space_is_freed_meanwhile(place: Place) -> None:
    """A laptop slept in the middle of the check: what was forgotten then is deleted for good."""

    def act(store: ClockedTransport) -> None:
        _forget(store)
        for _ in range(3):
            with Repository.open(store) as repository:
                prune(repository, _QUIET)
            store.pass_time(timedelta(days=2))

    calls, number = 2, 0
    while number < calls:
        number += 1
        store = place.store()
        busy = InterruptedTransport(store, number, lambda store=store: act(store))
        with Workbench.open(busy, place.machine) as bench:
            _check(bench, place, RecordingMonitor())
        calls = busy.calls


def test_a_snapshot_that_is_deleted_for_good_is_said_to_be_forgotten(place: Place) -> None:
    store = place.store()
    with Repository.open(store) as repository:
        reference = repository.snapshots()[1]
        _forget(store)
        assert repository.load(reference).taken_at
        store.delete(reference.forgotten_key)
        with pytest.raises(ForgottenError, match="was forgotten") as raised:
            repository.load(reference)
    assert raised.value.kind == "forgotten"
    assert isinstance(raised.value, DamagedError), "who passes over what cannot be read passes over it too"


@pytest.mark.slow
def test_real_processes_beside_each_other_meet_no_damage(tmp_path: Path) -> None:
    console = Console(tmp_path)
    fictional.build_folder(console.editor, _START)
    console.run("snapshot")
    failures: list[str] = []
    ended = threading.Event()

    def read() -> None:
        while not ended.is_set():
            for line in (("check", "--read-data"), ("log",), ("sessions",), ("diff", "latest~1"), ("stats",)):
                done = console.run(*line)
                if done.code not in (0, 15) or "damage" in done.err:
                    failures.append(f"{line}: {done.code} {done.text[-300:]} {done.err[-300:]}")

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for day in range(1, 9):
            fictional.add_a_day(console.editor, _START.replace(hour=0) + timedelta(days=day), day)
            console.run("snapshot")
            console.run("forget", "--keep-last", "2")
            console.run("undelete", "--all") if day % 2 else console.run("prune")
    finally:
        ended.set()
        reader.join()
    assert failures == []
