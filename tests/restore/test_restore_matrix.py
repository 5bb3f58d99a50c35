"""Every way to lose a chat against every way to bring it back, judged by an independent view of VS Code."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from chatcask.advice import Advice, AdviceCode
from chatcask.errors import AmbiguousError, RestoreRefusedError
from chatcask.ops.editing.cause import FindingKind
from chatcask.ops.editing.restoring import RestoreMode
from support import vscode_view
from support.restore_world import NEW_ID, RestoreWorld, Subject

LOG, FLAT, WINDOW = "retry", "logbook", "regex"
"""A chat of each kind: a log and an older flat file of a workspace, and one of an empty window."""

CHATS = (LOG, FLAT, WINDOW)
LOGS = (LOG, WINDOW)

Damage = Callable[[RestoreWorld, Subject], Any]
SHUT: dict[str, tuple[Damage, tuple[str, ...]]] = {
    "torn": (RestoreWorld.tear, CHATS),
    "fused": (RestoreWorld.fuse, LOGS),
    "missing header": (RestoreWorld.behead, LOGS),
}
GONE: dict[str, tuple[Damage, tuple[str, ...]]] = {
    "lost file": (RestoreWorld.lose_file, CHATS),
    "lost entry": (RestoreWorld.lose_entry, CHATS),
    "both": (RestoreWorld.lose_both, CHATS),
    "emptied": (RestoreWorld.empty, CHATS),
}
OTHER: dict[str, tuple[Damage, tuple[str, ...]]] = {"other content": (RestoreWorld.write_other, CHATS)}


def cases(*groups: dict[str, tuple[Damage, tuple[str, ...]]]) -> pytest.MarkDecorator:
    every = [
        pytest.param(damage, name, id=f"{what}-{name}")
        for group in groups
        for what, (damage, names) in group.items()
        for name in names
    ]
    return pytest.mark.parametrize(("damage", "name"), every)


class Case:
    """A world in which one chat was saved and then damaged."""

    def __init__(self, folder: Path, template: RestoreWorld, damage: Damage, name: str) -> None:
        self.world = RestoreWorld(folder, template)
        self.subject = self.world.subject(name)
        self.whole = self.world.view()
        damage(self.world, self.subject)
        self.damaged = self.world.folder_state()
        self.damaged_view = self.world.view()

    @property
    def key(self) -> tuple[str, str]:
        return self.subject.place, self.subject.session

    def changed(self, *, bodies: tuple[str, ...]) -> None:
        """Nothing but the bodies named, and the list of their place, may differ from the damaged state."""
        now = self.world.folder_state()
        database = (self.world.storage(self.subject) / "state.vscdb").relative_to(self.world.user_data_dir)
        allowed = {database.as_posix()}
        differing = {
            name for name in now.keys() | self.damaged.keys() if now.get(name) != self.damaged.get(name)
        }
        assert {Path(name).stem for name in differing - allowed} <= set(bodies)
        before, after = self.damaged[database.as_posix()], now[database.as_posix()]
        assert list(before) == [key for key in after if key in before]
        for row in (before.keys() | after.keys()) - {vscode_view.INDEX, vscode_view.MARKS}:
            assert before.get(row) == after.get(row)
        assert after[vscode_view.INDEX][0] == "text"

    def usable(self, session: str) -> None:
        """The chat can be opened, left, and continued."""
        sessions = self.world.sessions(self.subject)
        assert vscode_view.is_safe_to_use(sessions, session) == []
        assert len(list(sessions.glob(f"{session}*"))) == 1
        log = sessions / f"{session}.jsonl"
        if log.exists():
            data, mtime_ns, before = (
                log.read_bytes(),
                log.stat().st_mtime_ns,
                vscode_view.opened(sessions, session),
            )
            vscode_view.append(sessions, session)
            assert vscode_view.opened(sessions, session) == before
            log.write_bytes(data)
            os.utime(log, ns=(mtime_ns, mtime_ns))

    def undone(self) -> None:
        self.world.undo()
        assert self.world.folder_state() == self.damaged
        assert not self.world.has_undo()


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> RestoreWorld:
    """A folder that was saved whole."""
    world = RestoreWorld(tmp_path_factory.mktemp("template"))
    world.take()
    return world


@cases(GONE)
def test_restore_brings_a_lost_chat_back_under_its_own_id(
    damage: Damage, name: str, tmp_path: Path, template: RestoreWorld
) -> None:
    case = Case(tmp_path, template, damage, name)
    assert case.world.view() != case.whole
    plan = case.world.restore(case.subject.session)
    assert plan.session == case.subject.session
    assert case.world.view() == case.whole
    case.changed(bodies=(case.subject.session,))
    case.usable(case.subject.session)
    case.undone()


@cases(SHUT, OTHER)
def test_restore_refuses_to_touch_another_version_and_describes_both(
    damage: Damage, name: str, tmp_path: Path, template: RestoreWorld
) -> None:
    case = Case(tmp_path, template, damage, name)
    with pytest.raises(RestoreRefusedError, match=r"there: \d+ turns?.*\n.*in snapshot") as refused:
        case.world.restore(case.subject.session)
    assert refused.value.advice == Advice(AdviceCode.COPY_OR_REPLACE)
    assert case.world.folder_state() == case.damaged
    assert not case.world.has_undo()


@cases(GONE, SHUT, OTHER)
def test_replace_puts_the_stored_version_in_place(
    damage: Damage, name: str, tmp_path: Path, template: RestoreWorld
) -> None:
    case = Case(tmp_path, template, damage, name)
    case.world.restore(case.subject.session, RestoreMode.REPLACE)
    assert case.world.view() == case.whole
    case.changed(bodies=(case.subject.session,))
    case.usable(case.subject.session)
    case.undone()


@cases(GONE, SHUT, OTHER)
def test_as_copy_adds_a_chat_and_changes_no_other(
    damage: Damage, name: str, tmp_path: Path, template: RestoreWorld
) -> None:
    case = Case(tmp_path, template, damage, name)
    case.world.restore(case.subject.session, RestoreMode.COPY)
    now = case.world.view()
    copy = now.pop((case.subject.place, NEW_ID))
    assert copy.turns == case.whole[case.key].turns
    assert copy.title == f"Restored: {case.whole[case.key].title}"
    assert now == case.damaged_view
    case.changed(bodies=(NEW_ID,))
    text = (case.world.sessions(case.subject) / f"{NEW_ID}.jsonl").read_text()
    assert case.subject.session not in text
    case.usable(NEW_ID)
    case.undone()


FOUND = {
    RestoreWorld.lose_file: {FindingKind.NO_FILE},
    RestoreWorld.lose_entry: {FindingKind.NOT_LISTED},
    RestoreWorld.empty: {FindingKind.EMPTIED},
    RestoreWorld.tear: {FindingKind.TORN},
    RestoreWorld.fuse: {FindingKind.FUSED},
    RestoreWorld.behead: {FindingKind.NO_HEADER},
}


@cases({k: v for k, v in (GONE | SHUT).items() if k != "both"})
def test_doctor_finds_the_cause_and_mends_it(
    damage: Damage, name: str, tmp_path: Path, template: RestoreWorld
) -> None:
    case = Case(tmp_path, template, damage, name)
    findings = [f for f in case.world.diagnose().findings if f.session == case.subject.session]
    assert {f.kind for f in findings} == FOUND[damage]
    assert all(f.can_fix and f.cause and (f.turns_on_disk or f.stored) for f in findings)
    assert {f.advice for f in findings} == {Advice(AdviceCode.FIX_CHAT, name=case.subject.session)}
    assert case.world.folder_state() == case.damaged
    case.world.fix(dry_run=True)
    assert case.world.folder_state() == case.damaged
    plan = case.world.fix()
    assert not plan.refused
    now = case.world.view()
    assert now == case.whole
    case.changed(bodies=(case.subject.session,))
    assert {finding.kind for finding in case.world.diagnose().findings} == {FindingKind.ORPHANED}
    case.usable(case.subject.session)
    case.undone()


@cases({"both": GONE["both"]}, OTHER)
def test_doctor_leaves_alone_what_is_gone_without_a_trace_or_in_order(
    damage: Damage, name: str, tmp_path: Path, template: RestoreWorld
) -> None:
    def without_trace(world: RestoreWorld, subject: Subject) -> None:
        damage(world, subject)
        (world.storage(subject) / "state.vscdb.backup").unlink()

    case = Case(tmp_path, template, without_trace, name)
    assert case.world.fix().change.is_empty
    assert case.world.folder_state() == case.damaged


@pytest.mark.parametrize("name", CHATS[:2])
@pytest.mark.parametrize("mode", list(RestoreMode))
def test_a_malformed_list_is_refused_by_restore(
    name: str, mode: RestoreMode, tmp_path: Path, template: RestoreWorld
) -> None:
    case = Case(tmp_path, template, RestoreWorld.break_index, name)
    assert not any(place == case.subject.place for place, _ in case.damaged_view)
    with pytest.raises(RestoreRefusedError, match="malformed") as refused:
        case.world.restore(case.subject.session, mode)
    assert refused.value.advice == Advice(AdviceCode.FIX_LIST_THEN_RESTORE)
    assert case.world.folder_state() == case.damaged


@pytest.mark.parametrize("name", CHATS[:2])
def test_doctor_mends_a_malformed_list_without_losing_an_entry(
    name: str, tmp_path: Path, template: RestoreWorld
) -> None:
    case = Case(tmp_path, template, RestoreWorld.break_index, name)
    findings = case.world.diagnose().findings
    assert FindingKind.MALFORMED_INDEX in {f.kind for f in findings}
    case.world.fix()
    assert case.world.view() == case.whole
    case.changed(bodies=())
    case.undone()


@pytest.mark.parametrize("mode", list(RestoreMode))
@pytest.mark.parametrize("name", CHATS[:2])
def test_a_folder_with_a_new_workspace_is_named_and_restored_into(
    name: str, mode: RestoreMode, tmp_path: Path, template: RestoreWorld
) -> None:
    case = Case(tmp_path, template, RestoreWorld.lose_both, name)
    new = case.world.move_folder(case.subject, made=datetime(2026, 7, 1, tzinfo=UTC))
    before = case.world.folder_state()
    with pytest.raises(AmbiguousError, match=rf"{new}.*newest") as refused:
        case.world.restore(case.subject.session, mode)
    assert refused.value.advice is not None
    assert refused.value.advice.code is AdviceCode.NAME_EITHER_WORKSPACE
    assert refused.value.advice.values["workspace"] == new == refused.value.candidates[1]
    assert case.world.folder_state() == before
    case.world.restore(case.subject.session, mode, workspace=new)
    session = NEW_ID if mode is RestoreMode.COPY else case.subject.session
    shown = case.world.view()[new, session]
    assert shown.turns == case.whole[case.key].turns
    case.world.undo()
    assert case.world.folder_state() == before


@pytest.mark.parametrize("name", CHATS[:2])
def test_doctor_brings_the_chats_of_a_moved_folder_over(
    name: str, tmp_path: Path, template: RestoreWorld
) -> None:
    case = Case(tmp_path, template, lambda *_: None, name)
    new = case.world.move_folder(case.subject, made=datetime(2026, 7, 1, tzinfo=UTC))
    before, seen = case.world.folder_state(), case.world.view()
    moved = [f for f in case.world.diagnose().findings if f.kind is FindingKind.MOVED]
    assert {f.session for f in moved} == {key for place, key in case.whole if place == case.subject.place}
    case.world.fix()
    now = case.world.view()
    expected = {(new, key): shown for (place, key), shown in seen.items() if place == case.subject.place}
    assert now == seen | expected
    case.world.undo()
    assert case.world.folder_state() == before
