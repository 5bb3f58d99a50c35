"""A plan is carried out only on what it was made for, with the guard at its side, and is read back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chatcask.advice import Advice, AdviceCode
from chatcask.assistants.base import RunningEditor, Source
from chatcask.assistants.vscode.state.database import StateDatabaseError
from chatcask.assistants.vscode.writing.file_steps import EditorFolderError, FileOperations
from chatcask.catalog.catalog import Catalog
from chatcask.errors import RestoreRefusedError
from chatcask.monitor import NullMonitor
from chatcask.ops.editing.apply import apply
from chatcask.ops.editing.plan_restore import plan_restore
from chatcask.ops.editing.restoring import RestoreMode, RestoreOptions
from chatcask.ops.editing.undo_log import kept_undos
from chatcask.repository.repository import Repository
from support import vscode_view
from support.restore_world import ORIGIN, DyingOperations, RestoreWorld, all_versions
from support.worlds import ClosedGuard


@pytest.fixture
def world(tmp_path: Path) -> RestoreWorld:
    made = RestoreWorld(tmp_path)
    made.take()
    return made


class Journal(ClosedGuard):
    """Writes down full checks; a watch is no full check, as the real one may rely on an older answer."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[str] = []

    def running(self, source: Source) -> RunningEditor | None:
        self.events.append("check")
        return None


class Steps(FileOperations):
    """Writes down each step on the editor's folder into the same journal."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def before(self, step: str, path: Path) -> None:
        self._journal.events.append(step)


@pytest.mark.parametrize("name", ["retry", "logbook"])
def test_the_guard_is_asked_before_during_and_after(world: RestoreWorld, name: str) -> None:
    subject = world.subject(name)
    world.empty(subject)
    world.guard = journal = Journal()
    world.restore(subject.session, operations=Steps(journal))
    events = journal.events
    assert events[0] == events[-1] == "check"
    write, replace, commit = (events.index(step) for step in ("write", "replace", "commit"))
    assert events[write + 1 : replace] == ["check"]
    assert commit == replace + 1, "nothing stands between the file and the list"
    assert "remove" not in events[:commit]


def apply_after(world: RestoreWorld, session: str, mode: RestoreMode, change: Path, data: bytes) -> None:
    """Plan, let somebody else write a file, then carry the plan out."""
    with Repository.open(world.transport) as repository, Catalog(repository) as catalog:
        context, monitor = world.context(repository, catalog), NullMonitor()
        versions, options = all_versions(repository, catalog), RestoreOptions("linux", mode)
        plan = plan_restore(context, versions, versions.choose(session), world.source, options, monitor)
        change.parent.mkdir(exist_ok=True)
        change.write_bytes(data)
        apply(context, plan, monitor)


def test_a_file_that_changed_since_the_plan_is_left_alone(world: RestoreWorld) -> None:
    subject = world.subject("retry")
    world.tear(subject)
    with pytest.raises(RestoreRefusedError, match="not what it was"):
        apply_after(world, subject.session, RestoreMode.REPLACE, world.body(subject), b"newer")
    assert world.body(subject).read_bytes() == b"newer"
    assert not world.has_undo()


def test_a_file_that_appeared_since_the_plan_is_left_alone(world: RestoreWorld) -> None:
    subject = world.subject("retry")
    world.lose_both(subject)
    lost = world.view()
    with pytest.raises(RestoreRefusedError, match="not what it was"):
        apply_after(world, subject.session, RestoreMode.PLAIN, world.body(subject), b"newer")
    assert world.body(subject).read_bytes() == b"newer"
    assert world.view() == lost
    assert not world.has_undo()


def test_a_list_that_changed_since_the_plan_is_left_alone(world: RestoreWorld) -> None:
    subject = world.subject("retry")
    world.lose_both(subject)
    with Repository.open(world.transport) as repository, Catalog(repository) as catalog:
        context, monitor = world.context(repository, catalog), NullMonitor()
        versions = all_versions(repository, catalog)
        version, options = versions.choose(subject.session), RestoreOptions("linux")
        plan = plan_restore(context, versions, version, world.source, options, monitor)
        world.change_index(subject, lambda index: index["entries"].clear())
        before = world.folder_state()
        with pytest.raises(StateDatabaseError, match="changed by somebody else"):
            apply(context, plan, monitor)
    assert world.folder_state() == before
    assert not world.has_undo()


class LyingDisk(FileOperations):
    """Reports success and keeps other bytes."""

    def replace(self, source: Path, target: Path) -> None:
        super().replace(source, target)
        target.write_bytes(target.read_bytes()[:-2] + b" \n")


def test_what_was_written_is_read_back(world: RestoreWorld) -> None:
    subject = world.subject("retry")
    world.lose_both(subject)
    lost = world.folder_state()
    with pytest.raises(EditorFolderError, match="does not hold") as failed:
        world.restore(subject.session, operations=LyingDisk())
    assert failed.value.advice == Advice(AdviceCode.UNDO_WRITE)
    world.undo()
    assert world.folder_state() == lost


def test_the_record_says_what_will_change_before_it_does(world: RestoreWorld) -> None:
    subject = world.subject("logbook")
    world.write_other(subject)
    world.lose_entry(subject)
    with Repository.open(world.transport) as repository:
        first = repository.snapshots()[0]
    with pytest.raises(BaseException, match="write"):
        world.restore(subject.session, RestoreMode.REPLACE, at=first, operations=DyingOperations(0))
    with Repository.open(world.transport) as repository:
        (kept,) = kept_undos(repository, {ORIGIN}, NullMonitor())
        record = kept.record
        assert kept_undos(repository, {"0" * 16}, NullMonitor()) == []
        safety = repository.load(repository.snapshots()[-1])
        assert record.safety == repository.snapshots()[-1].id
        assert [tag.startswith("safety-") for tag in safety.tags] == [True]
        log, flat = sorted(record.files, key=lambda file: file.path, reverse=True)
        assert log.before is None
        assert log.after is not None
        assert flat.after is None
        assert flat.before is not None
        assert repository.reader.read_all(flat.before.content) == world.body(subject).read_bytes()
    (row,) = record.rows
    assert row.before is not None
    assert row.after is not None
    stored = vscode_view.rows(world.storage(subject) / "state.vscdb")[vscode_view.INDEX]
    assert (row.before.is_text, row.before.data) == (True, stored[1])
    assert json.loads(row.after.data)["entries"][subject.session]["isEmpty"] is False


def test_a_damaged_record_does_not_count(world: RestoreWorld) -> None:
    subject = world.subject("retry")
    world.lose_both(subject)
    lost = world.folder_state()
    world.restore(subject.session)
    (key,) = [info.key for info in world.transport.list("undo/")]
    data = world.transport.get(key)
    world.transport.put("undo/" + "a" * 64, data)
    world.transport.put("undo/" + "b" * 64, data[:-5])
    world.transport.put("undo/" + "c" * 64, b"CASKUNDO")
    with Repository.open(world.transport) as repository:
        assert [kept.key for kept in kept_undos(repository, {ORIGIN}, NullMonitor())] == [key]
    world.undo()
    assert world.folder_state() == lost
