"""One damaged or odd thing never keeps a person from the others: it is named, and the rest is done."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from chatcask.catalog.catalog import Catalog
from chatcask.monitor import NullMonitor
from chatcask.ops.editing.apply import apply
from chatcask.ops.editing.diagnose import Doctor, diagnose
from chatcask.ops.editing.plan_undo import UndoPlan, plan_undo
from chatcask.ops.editing.restoring import RestoreMode
from chatcask.repository.repository import Repository
from chatcask_cli.demo import folder as fictional
from support import vscode_view
from support.console import Console
from support.monitors import RecordingMonitor
from support.restore_world import START, RestoreWorld, Subject, all_versions
from support.transports import RecordingTransport


@pytest.fixture
def world(tmp_path: Path) -> RestoreWorld:
    return RestoreWorld(tmp_path)


def lose_packs(world: RestoreWorld, kept: set[str]) -> None:
    """Lose everything that was stored since `kept` was what there is."""
    for info in list(world.transport.list("packs/")):
        if info.key not in kept:
            world.transport.delete(info.key)


def packs(world: RestoreWorld) -> set[str]:
    return {info.key for info in world.transport.list("packs/")}


def test_the_doctor_reads_each_snapshot_once_however_many_chats_are_empty(world: RestoreWorld) -> None:
    subject = world.subject("retry")
    for number in range(4):
        world.write(subject, world.content(world.body(subject)) | {"creationDate": 1 + number})
        world.take()
    empty = b'{"kind":0,"v":{"version":3,"sessionId":"%s","requests":[]}}\n'
    for number in range(12):
        session = f"{number:08}-0000-4000-8000-00000000000a"
        (world.sessions(subject) / f"{session}.jsonl").write_bytes(empty % session.encode())
    transport = RecordingTransport(world.transport)
    with Repository.open(transport) as repository, Catalog(repository) as catalog:
        versions = all_versions(repository, catalog)
        diagnose(Doctor(world.guard, "linux", versions, NullMonitor()), world.source)
    read = [key for key in transport.keys("get") if key.startswith("snapshots/")]
    assert len(read) == len(set(read)) == 4


def test_a_link_that_leads_in_a_circle_hides_no_workspace(world: RestoreWorld) -> None:
    sound = world.diagnose()
    (world.user_data_dir / "User" / "workspaceStorage" / "circle").symlink_to("circle")
    found = world.diagnose()
    assert (found.chats, found.findings) == (sound.chats, sound.findings)
    (problem,) = found.problems
    assert problem.path.endswith("/circle")
    assert not found.is_sound


def test_a_chat_that_cannot_be_looked_at_is_no_chat_without_trouble(world: RestoreWorld) -> None:
    subject = world.subject("retry")
    world.body(subject).unlink()
    world.body(subject).symlink_to("/nowhere/else")
    found = world.diagnose()
    assert [problem.path for problem in found.problems if subject.session in problem.path]
    assert subject.session not in {finding.session for finding in found.findings}


def test_the_doctor_says_that_nothing_is_wrong_only_of_what_it_saw(tmp_path: Path) -> None:
    console = Console(tmp_path)
    fictional.build_folder(console.editor, START)
    (console.editor / "User" / "workspaceStorage" / "circle").symlink_to("circle")
    report = console.run("doctor")
    assert report.code == 3
    assert "circle" in report.text
    assert "nothing is wrong" not in report.text
    assert console.run("doctor", "--json").document["success"] is False


def plan(world: RestoreWorld, *skip: str) -> UndoPlan:
    with Repository.open(world.transport) as repository, Catalog(repository) as catalog:
        context = world.context(repository, catalog)
        made = plan_undo(context, [world.source], skip, NullMonitor())
        apply(context, made, NullMonitor())
        return made


def restored_twice(world: RestoreWorld) -> tuple[Subject, Subject]:
    """Restore two chats; what the second was before is only in the packs of its own safety snapshot."""
    one, other = world.subject("regex"), world.subject("retry")
    world.take()
    with Repository.open(world.transport) as repository:
        first = repository.snapshots()[0]
    world.lose_both(one)
    world.restore(one.session)
    world.write_other(other)
    kept = packs(world)
    world.restore(other.session, RestoreMode.REPLACE, at=first)
    lose_packs(world, kept)
    return one, other


def test_an_undo_whose_bytes_are_lost_is_named_and_the_one_before_is_done(world: RestoreWorld) -> None:
    one, other = restored_twice(world)
    now = world.body(other).read_bytes()
    made = plan(world)
    (passed,) = made.passed_over
    assert other.session in passed.kept.record.about[0]
    assert "no longer has" in passed.error.message
    assert one.session in made.kept.record.about[0]
    assert not world.body(one).exists()
    assert world.body(other).read_bytes() == now


def test_a_person_can_leave_a_restore_as_it_is_and_undo_the_one_before(world: RestoreWorld) -> None:
    one, other = world.subject("regex"), world.subject("retry")
    world.take()
    world.lose_both(one)
    world.lose_both(other)
    world.restore(one.session)
    world.restore(other.session)
    with Repository.open(world.transport) as repository, Catalog(repository) as catalog:
        last = plan_undo(world.context(repository, catalog), [world.source], (), NullMonitor())
    made = plan(world, last.kept.id[:12])
    assert made.passed_over == ()
    assert not world.body(one).exists()
    assert world.body(other).exists()


def test_a_database_in_use_keeps_no_other_place_from_being_mended(world: RestoreWorld) -> None:
    one = world.subject("retry")
    subjects = [world.subject(name) for name in ("regex", "leap", "lamp", "logbook")]
    other = next(subject for subject in subjects if subject.place != one.place)
    world.lose_entry(one)
    world.lose_entry(other)
    database = world.storage(one) / "state.vscdb"
    with closing(sqlite3.connect(database, isolation_level=None)) as busy:
        busy.execute("BEGIN IMMEDIATE")
        fixed = world.fix()
    assert [finding.session for finding in fixed.fixed] == [other.session]
    ((refused, why),) = fixed.refused
    assert refused.session == one.session
    assert str(database) in why
    assert (other.place, other.session) in world.view()
    world.undo()
    assert (other.place, other.session) not in world.view()


def test_a_damaged_newest_snapshot_is_named_and_the_version_before_comes_back(world: RestoreWorld) -> None:
    subject, whole = world.subject("retry"), world.view()
    world.take()
    kept = packs(world)
    vscode_view.append(world.sessions(subject), subject.session)
    world.take()
    lose_packs(world, kept)
    world.lose_both(subject)
    made = world.restore(subject.session)
    assert world.view() == whole
    assert any("may be a newer version" in warning.text for warning in made.warnings)


def test_what_is_damaged_is_named_once_however_many_chats_are_asked_about(world: RestoreWorld) -> None:
    world.take()
    kept = packs(world)
    vscode_view.append(world.sessions(world.subject("retry")), world.subject("retry").session)
    world.take()
    lose_packs(world, kept)
    monitor = RecordingMonitor()
    with Repository.open(world.transport) as repository, Catalog(repository) as catalog:
        versions = all_versions(repository, catalog, monitor)
        for name in ("retry", "fog", "regex"):
            assert versions.best(world.subject(name).session) is not None
    assert len(monitor.problems) == len({problem.path for problem in monitor.problems}) > 0


def test_one_product_with_two_folders_is_ambiguous(tmp_path: Path) -> None:
    console = Console(tmp_path)
    fictional.build_folder(console.editor, START)
    assert console.run("snapshot").code == 0
    session = fictional.session_id("retry")
    fictional.lose_chat(console.editor, session)
    other = console.home / ".var" / "app" / "com.visualstudio.code" / "config" / "Code"
    other.mkdir(parents=True)
    refused = console.run("restore", session, "--product", "code")
    assert refused.code == 15
    assert str(console.editor) in refused.err
    assert str(other) in refused.err
    assert "--user-data-dir" in refused.err
    assert (console.run("restore", session, "--user-data-dir", console.editor)).code == 0
