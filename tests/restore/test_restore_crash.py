"""Restore, fix and undo that die at any step leave the old state or the new one, and undo still works."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chatcask.disk.durable import TEMPORARY_PREFIX
from chatcask.errors import NotFoundError, TransportError
from chatcask.ops.editing.restoring import RestoreMode
from chatcask.repository.keys import SnapshotReference
from chatcask.repository.repository import Repository
from support import vscode_view
from support.restore_world import Died, DyingOperations, FolderState, RestoreWorld, Subject
from support.transports import FaultyTransport, RecordingTransport

Act = Callable[[RestoreWorld, Subject, DyingOperations], Any]


def restore(world: RestoreWorld, subject: Subject, operations: DyingOperations) -> None:
    world.restore(subject.session, operations=operations)


def first(world: RestoreWorld) -> SnapshotReference:
    """Return the snapshot of the whole folder; later ones hold what was to be replaced."""
    with Repository.open(world.transport) as repository:
        return repository.snapshots()[0]


def replace(world: RestoreWorld, subject: Subject, operations: DyingOperations) -> None:
    world.restore(subject.session, RestoreMode.REPLACE, at=first(world), operations=operations)


def copy(world: RestoreWorld, subject: Subject, operations: DyingOperations) -> None:
    world.restore(subject.session, RestoreMode.COPY, operations=operations)


def fix(world: RestoreWorld, subject: Subject, operations: DyingOperations) -> None:
    world.fix(subject.session, operations=operations)


def restore_with_edits(world: RestoreWorld, subject: Subject, operations: DyingOperations) -> None:
    world.restore(subject.session, with_edits=True, operations=operations)


def lose_everything(world: RestoreWorld, subject: Subject) -> None:
    world.lose_both(subject)
    shutil.rmtree(world.storage(subject) / "chatEditingSessions")
    if not any(world.sessions(subject).iterdir()):
        world.sessions(subject).rmdir()


def lose_the_folder(world: RestoreWorld, subject: Subject) -> None:
    world.lose_both(subject)
    shutil.rmtree(world.sessions(subject))


CASES = {
    "restore a lost log": (restore, RestoreWorld.lose_both, "retry"),
    "restore a lost file": (restore, RestoreWorld.lose_file, "retry"),
    "restore an emptied flat file": (restore, RestoreWorld.empty, "logbook"),
    "restore into a folder that is gone": (restore, lose_the_folder, "regex"),
    "restore with edits": (restore_with_edits, lose_everything, "retry"),
    "replace another log": (replace, RestoreWorld.write_other, "retry"),
    "replace another flat file": (replace, RestoreWorld.write_other, "logbook"),
    "copy": (copy, RestoreWorld.write_other, "logbook"),
    "fix a torn log": (fix, RestoreWorld.tear, "retry"),
    "fix a torn flat file": (fix, RestoreWorld.tear, "logbook"),
    "fix a lost entry": (fix, RestoreWorld.lose_entry, "regex"),
}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return RestoreWorld(tmp_path_factory.mktemp("template")).user_data_dir


class Stage:
    """A world in the damaged state, again and again."""

    def __init__(self, folder: Path, template: Path, name: str) -> None:
        self.act, damage, chat = CASES[name]
        self._world = RestoreWorld(folder, template)
        self._subject = self._world.subject(chat)
        self._world.take()
        damage(self._world, self._subject)
        self._frozen = self._world.freeze()

    def world(self) -> tuple[RestoreWorld, Subject]:
        self._world.thaw(self._frozen)
        return self._world, self._subject


def without_leftovers(state: FolderState) -> FolderState:
    return {name: value for name, value in state.items() if TEMPORARY_PREFIX not in name}


def is_mixed(state: FolderState, old: FolderState, new: FolderState) -> list[str]:
    """Return the files that are neither as before nor as they were to become, by their bytes."""
    return [
        name
        for name, value in without_leftovers(state).items()
        if value != "folder" and _bytes(value) not in (_bytes(old.get(name)), _bytes(new.get(name)))
    ]


def _bytes(value: Any) -> Any:
    return value[0] if isinstance(value, tuple) else value


@pytest.mark.parametrize("name", CASES)
def test_a_death_at_every_step_leaves_old_or_new_and_undo_works(
    name: str, tmp_path: Path, template: Path
) -> None:
    stage = Stage(tmp_path, template, name)
    world, subject = stage.world()
    old, old_view = world.folder_state(), world.view()
    whole = DyingOperations()
    stage.act(world, subject, whole)
    new, new_view = world.folder_state(), world.view()
    assert new_view != old_view
    assert whole.count >= 1
    seen = []
    for dies_at in range(whole.count):
        world, subject = stage.world()
        with pytest.raises(Died):
            stage.act(world, subject, DyingOperations(dies_at))
        now = world.view()
        assert now in (old_view, new_view), dies_at
        seen.append(now)
        assert is_mixed(world.folder_state(), old, new) == []
        world.undo()
        assert world.folder_state() == old, dies_at
        with pytest.raises(NotFoundError):
            world.undo()
    assert seen[0] == old_view
    assert sorted(seen, key=lambda view: view == new_view) == seen, "it never goes back"


@pytest.mark.parametrize("name", ["replace another flat file", "restore with edits"])
def test_a_death_at_every_step_can_be_followed_by_another_try(
    name: str, tmp_path: Path, template: Path
) -> None:
    stage = Stage(tmp_path, template, name)
    world, subject = stage.world()
    whole = DyingOperations()
    stage.act(world, subject, whole)
    new_view = world.view()
    for dies_at in range(whole.count):
        world, subject = stage.world()
        with pytest.raises(Died):
            stage.act(world, subject, DyingOperations(dies_at))
        stage.act(world, subject, DyingOperations())
        assert world.view() == new_view
        assert without_leftovers(world.folder_state()) == world.folder_state()


@pytest.mark.parametrize("name", CASES)
def test_a_death_of_undo_leaves_old_or_new_and_undo_goes_on(
    name: str, tmp_path: Path, template: Path
) -> None:
    stage = Stage(tmp_path, template, name)
    world, subject = stage.world()
    old_view = world.view()
    stage.act(world, subject, DyingOperations())
    new_view, whole = world.view(), DyingOperations()
    world.undo(whole)
    assert whole.count >= 1
    for dies_at in range(whole.count):
        world, subject = stage.world()
        old = world.folder_state()
        stage.act(world, subject, DyingOperations())
        with pytest.raises(Died):
            world.undo(DyingOperations(dies_at))
        assert world.view() in (old_view, new_view)
        world.undo()
        assert world.folder_state() == old


@pytest.mark.parametrize("name", ["restore a lost log", "replace another log"])
def test_a_store_that_fails_at_any_write_leaves_the_old_state(
    name: str, tmp_path: Path, template: Path
) -> None:
    stage = Stage(tmp_path, template, name)
    world, subject = stage.world()
    recording = RecordingTransport(world.transport)
    world.restore(subject.session, RestoreMode.REPLACE, at=first(world), transport=recording)
    writes = len(recording.keys("put"))
    assert writes >= 2  # the safety snapshot and the undo record
    for dies_after in range(writes):
        world, subject = stage.world()
        old = world.folder_state()
        with pytest.raises(TransportError):
            faulty = FaultyTransport(world.transport, dies_after)
            world.restore(subject.session, RestoreMode.REPLACE, at=first(world), transport=faulty)
        assert world.folder_state() == old
        assert not world.has_undo()
        world.restore(subject.session, RestoreMode.REPLACE, at=first(world))
        world.undo()
        assert world.folder_state() == old


class FullDisk(DyingOperations):
    """Fails once, at the n-th step, and lives."""

    def __init__(self, fails_at: int) -> None:
        super().__init__()
        self._fails_at = fails_at

    def before(self, step: str, path: Path) -> None:
        self.count += 1
        if self.count == self._fails_at + 1:
            raise OSError(28, "No space left on device")


def test_a_disk_that_fails_puts_back_what_was_there(tmp_path: Path, template: Path) -> None:
    for name in ("replace another log", "restore with edits", "restore an emptied flat file"):
        stage = Stage(tmp_path / name, template, name)
        world, subject = stage.world()
        whole = FullDisk(-1)
        stage.act(world, subject, whole)
        new_view = world.view()
        for dies_at in range(whole.count):
            world, subject = stage.world()
            old = world.folder_state()
            with pytest.raises(Exception, match="No space left"):
                stage.act(world, subject, FullDisk(dies_at))
            assert world.folder_state() == old or world.view() == new_view
            world.undo()
            assert world.folder_state() == old


def test_a_process_that_is_killed_leaves_the_chat_lost_or_back(tmp_path: Path, template: Path) -> None:
    program = Path(__file__).parent.parent / "support" / "dying_restore.py"
    subject = RestoreWorld(tmp_path / "names", template).subject("retry")
    whole = vscode_view.view(template)
    lost = {key: shown for key, shown in whole.items() if key != (subject.place, subject.session)}
    found = []
    for dies_at in range(20):
        folder = tmp_path / str(dies_at)
        done = subprocess.run(
            [sys.executable, program, folder, template, str(dies_at)],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode in (0, 9), done.stderr
        now = vscode_view.view(folder / ".config" / "Code")
        assert now in (lost, whole)
        found.append((done.returncode, now == whole))
        if done.returncode == 0:
            break
    assert found[0] == (9, False)
    assert found[-1] == (0, True)
