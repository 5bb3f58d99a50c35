"""A restore never touches the folder of an editor that runs, whenever it is started."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chatcask.assistants.base import RunningEditor, Source
from chatcask.errors import EditorRunningError
from chatcask.ops.editing.restoring import RestoreMode
from chatcask_cli.demo import folder as fictional
from support.restore_world import DyingOperations, RestoreWorld
from support.worlds import ClosedGuard


class StartingEditor(ClosedGuard):
    """An editor that starts when the guard is asked for the n-th time, by a full check or a watch."""

    def __init__(self, starts_at: int) -> None:
        super().__init__()
        self._starts_at = starts_at

    @property
    def questions(self) -> int:
        return self.asked + self.watched

    @property
    def runs(self) -> bool:
        """Whether the guard has been asked since the editor started, and so has said that it runs."""
        return self.questions >= self._starts_at

    def running(self, source: Source) -> RunningEditor | None:
        self.asked += 1
        if not self.runs:
            return None
        return RunningEditor(
            source.product, source.user_data_dir, "process", 4711, "Code (process 4711) runs"
        )

    def watch(self, source: Source) -> None:
        self.watched += 1
        if self.runs:
            raise EditorRunningError(
                "Code (process 4711) runs",
                product=source.product.name,
                user_data_dir=source.user_data_dir,
                reason="process",
                pid=4711,
            )


class Watched(DyingOperations):
    """Proves at each step that the guard has not said that the editor runs."""

    def __init__(self, guard: StartingEditor) -> None:
        super().__init__()
        self._guard = guard

    def before(self, step: str, path: Path) -> None:
        assert not self._guard.runs, f"{step} {path} while the editor runs"
        super().before(step, path)


def restore(world: RestoreWorld, operations: Watched) -> None:
    world.restore(fictional.session_id("retry"), operations=operations)


def replace(world: RestoreWorld, operations: Watched) -> None:
    world.restore(fictional.session_id("logbook"), RestoreMode.REPLACE, operations=operations)


def fix(world: RestoreWorld, operations: Watched) -> None:
    world.fix(operations=operations)


def undo(world: RestoreWorld, operations: Watched) -> None:
    world.undo(operations=operations)


Act = Callable[[RestoreWorld, Watched], Any]
NEVER = 10**9


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return RestoreWorld(tmp_path_factory.mktemp("template")).user_data_dir


def damaged(folder: Path, template: Path, act: Act) -> RestoreWorld:
    world = RestoreWorld(folder, template)
    world.take()
    retry, logbook = world.subject("retry"), world.subject("logbook")
    world.lose_both(retry)
    world.lose_entry(logbook)
    world.tear(logbook)
    if act is undo:
        world.restore(fictional.session_id("retry"))
    return world


@pytest.mark.parametrize("act", [restore, replace, fix, undo])
def test_an_editor_that_starts_at_any_moment_finds_nothing_half_written(
    act: Act, tmp_path: Path, template: Path
) -> None:
    world = damaged(tmp_path, template, act)
    old_view, frozen, old = world.view(), world.freeze(), world.folder_state()
    world.guard = guard = StartingEditor(NEVER)
    act(world, Watched(guard))
    new_view, questions = world.view(), guard.questions
    assert old_view != new_view
    # Every moment at the end, where things happen, and a few before.
    for starts_at in [*range(1, questions - 24, 12), *range(max(1, questions - 24), questions + 1)]:
        world.thaw(frozen)
        world.guard = guard = StartingEditor(starts_at)
        with pytest.raises(EditorRunningError):
            act(world, Watched(guard))
        assert world.view() in (old_view, new_view)
        world.guard = ClosedGuard()
        if act is not undo and world.has_undo():
            world.undo()
            assert world.folder_state() == old
        elif act is not undo:
            assert world.folder_state() == old
        else:
            act(world, Watched(StartingEditor(NEVER)))
            assert world.view() == new_view


@pytest.mark.parametrize("act", [restore, replace, fix, undo])
def test_a_running_editor_is_refused_before_anything_is_read(
    act: Act, tmp_path: Path, template: Path
) -> None:
    world = damaged(tmp_path, template, act)
    old, guard = world.folder_state(), StartingEditor(1)
    world.guard = guard
    looked = []
    watched_folder = str(world.user_data_dir / "User")

    def look(event: str, arguments: tuple[Any, ...]) -> None:
        is_look = event in ("open", "os.scandir", "os.listdir", "sqlite3.connect")
        if is_look and watched_folder in str(arguments[0]):
            looked.append((event, arguments[0]))

    active = True
    sys.addaudithook(lambda event, arguments: look(event, arguments) if active else None)
    try:
        with pytest.raises(EditorRunningError):
            act(world, Watched(guard))
    finally:
        active = False
    world.guard = ClosedGuard()
    assert looked == []
    assert guard.questions == 1
    assert world.folder_state() == old
