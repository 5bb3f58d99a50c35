"""A project folder that was renamed, moved or cloned again: what proves where it is, and what is done."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from chatcask.advice import AdviceCode
from chatcask.assistants.vscode.places.renamed_folders import folder_now
from chatcask.assistants.vscode.places.workspace_ids import folder_id, uri_of_folder
from chatcask.errors import AmbiguousError, NotFoundError
from chatcask.ops.editing.cause import FindingKind
from chatcask.ops.editing.finding import ChatFinding
from support.project_world import ProjectWorld
from support.restore_world import RestoreWorld


class Renamed:
    """A project that really is on this disk, with the chats of the made-up lighthouse."""

    def __init__(self, folder: Path, template: RestoreWorld) -> None:
        self.world = ProjectWorld(folder, template)
        self.storage, self.project = self.world.storages, self.world.project
        self.old, self.open = self.world.workspace, self.world.open
        self.session = self.world.subject("retry").session

    def findings(self) -> list[ChatFinding]:
        return [f for f in self.world.diagnose().findings if f.place.workspace == self.old]


@pytest.fixture
def case(tmp_path: Path, template: RestoreWorld) -> Renamed:
    return Renamed(tmp_path, template)


@pytest.mark.parametrize("to", ["projects/lamp", "elsewhere/lamp"])
def test_a_renamed_folder_that_the_editor_knows_gets_the_chats(
    case: Renamed, to: str, tmp_path: Path
) -> None:
    now = tmp_path / to
    now.parent.mkdir(exist_ok=True)
    case.project.rename(now)
    new = case.open(now)
    findings = case.findings()
    assert {f.kind for f in findings} == {FindingKind.MOVED}
    assert {f.target.workspace for f in findings if f.target} == {new}
    assert all(f.folder_now == now and "together with its old path" in f.evidence for f in findings)
    before = case.world.folder_state()
    case.world.fix(case.old[:8])
    view = case.world.view()
    assert {session for place, session in view if place == new} == {f.session for f in findings}
    assert {session for place, session in view if place == case.old} == {f.session for f in findings}
    assert case.findings() == []
    case.world.undo()
    assert case.world.folder_state() == before


def test_a_folder_renamed_twice_is_found_where_it_is_now(case: Renamed, tmp_path: Path) -> None:
    first = case.project.rename(tmp_path / "projects" / "lamp")
    case.open(first)
    new = case.open(first.rename(tmp_path / "projects" / "lantern"))
    assert {f.target.workspace for f in case.findings() if f.target} == {new}


def test_a_folder_whose_parent_was_renamed_is_found(case: Renamed, tmp_path: Path) -> None:
    (tmp_path / "projects").rename(tmp_path / "work")
    (finding,) = case.findings()
    assert finding.folder_now == tmp_path / "work" / "beacon"


def test_a_renamed_folder_that_was_not_opened_yet_is_named(case: Renamed, tmp_path: Path) -> None:
    case.world.take()
    now = case.project.rename(tmp_path / "projects" / "lamp")
    (finding,) = case.findings()
    assert (finding.kind, finding.folder_now, finding.chats) == (FindingKind.RENAMED, now, 3)
    assert finding.advice.code is AdviceCode.OPEN_THEN_FIX
    with pytest.raises(NotFoundError, match="has not opened yet") as caught:
        case.world.restore(case.session)
    assert caught.value.advice is not None
    assert caught.value.advice.code is AdviceCode.OPEN_RENAMED_FOLDER
    case.world.restore(case.session, workspace=case.old)


def test_restore_says_where_a_renamed_folder_is_before_it_writes(case: Renamed, tmp_path: Path) -> None:
    case.world.take()
    new = case.open(case.project.rename(tmp_path / "projects" / "lamp"))
    before = case.world.folder_state()
    with pytest.raises(AmbiguousError) as caught:
        case.world.restore(case.session)
    assert new in caught.value.candidates
    assert case.world.folder_state() == before
    shutil.rmtree(case.storage / case.old)
    plan = case.world.restore(case.session)
    assert plan.place.workspace == new
    assert any("was renamed" in note.text for note in plan.warnings)


def test_a_folder_cloned_again_at_the_same_path_is_certain(case: Renamed) -> None:
    new = case.world.clone_again()
    assert {f.target.workspace for f in case.findings() if f.target} == {new}


def test_a_namesake_elsewhere_is_likely_and_no_more(case: Renamed, tmp_path: Path) -> None:
    """Copied to another disk: nothing proves it, the name speaks for it."""
    for parent in ("one", "two"):
        (tmp_path / parent / "beacon").mkdir(parents=True)
        case.open(tmp_path / parent / "beacon")
    shutil.rmtree(case.project)
    findings = case.findings()
    moved = [f for f in findings if f.kind is FindingKind.MOVED]
    assert moved
    assert all(not f.can_fix and len(f.candidates) == 2 and "same name" in f.evidence for f in moved)
    assert all(f.advice.code is AdviceCode.SNAPSHOT_THEN_RESTORE_INTO for f in moved)


def test_nothing_is_proved_by_a_folder_of_another_inode(tmp_path: Path) -> None:
    old, other = tmp_path / "old", tmp_path / "other"
    old.mkdir()
    other.mkdir()
    workspace = str(folder_id(old, "linux"))
    uri = uri_of_folder(str(old), "linux")
    assert folder_now(workspace, uri, [], "linux") is None
    old.rename(tmp_path / "new")
    assert folder_now(workspace, uri, [], "linux") == tmp_path / "new"
    assert folder_now("0" * 32, uri, [], "linux") is None
    assert folder_now(workspace, "vscode-remote://ssh-remote%2Bhost/old", [], "linux") is None
