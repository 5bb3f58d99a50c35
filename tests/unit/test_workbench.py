"""A workbench: one store and one machine for one thread, with nothing of the command line."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

import pytest

from chatcask import ChatFilter, Platform, SnapshotOptions
from chatcask.errors import InvalidInputError, StoreExistsError, StoreNotFoundError, WrongThreadError
from chatcask.workbench import Machine, SourceChoice, Workbench, choose_requests
from chatcask_cli.demo import folder as fictional
from chatcask_cli.demo.machine import NoEditorRuns
from support.monitors import RecordingMonitor

NOW = datetime(2026, 6, 1, 18, 0, tzinfo=UTC)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    fictional.build_folder(tmp_path / ".config" / "Code", NOW.replace(hour=9))
    return Machine(
        platform=Platform("linux", home=tmp_path, environment={}),
        origin="0123456789abcdef",
        host="here",
        program="a test",
        clock=lambda: NOW,
        zone=UTC,
        watcher=NoEditorRuns(),
    )


def test_a_chat_is_saved_listed_and_read(tmp_path: Path, machine: Machine) -> None:
    monitor = RecordingMonitor()
    with pytest.raises(StoreNotFoundError):
        Workbench.open(tmp_path / "store", machine)
    with Workbench.create(tmp_path / "store", machine) as bench:
        bench.snapshots.take(choose_requests(machine, SourceChoice(), monitor), SnapshotOptions(), monitor)
        listed = bench.chats.listed(bench.snapshots.find("latest"), ChatFilter(), monitor)
        assert len(listed) == 7
        chosen = bench.chats.find(listed[0].file.session, monitor)
        assert bench.chats.read(chosen).chat.title == listed[0].summary.title
    with pytest.raises(StoreExistsError):
        Workbench.create(tmp_path / "store", machine)
    assert not monitor.problems


def test_a_store_is_not_made_inside_an_editors_folder(tmp_path: Path, machine: Machine) -> None:
    place = tmp_path / ".config" / "Code" / "store"
    with pytest.raises(InvalidInputError):
        Workbench.create(place, machine)
    assert not place.exists()


def test_another_thread_is_told_that_the_workbench_is_not_its_own(machine: Machine) -> None:
    told: list[str] = []

    def use(name: str) -> None:
        try:
            getattr(bench, name)
        except WrongThreadError as error:
            told.append(error.kind)

    with Workbench.in_memory(machine) as bench:
        for name in ("repository", "catalog"):
            thread = Thread(target=use, args=(name,))
            thread.start()
            thread.join()
    assert told == ["wrong_thread"] * 2
