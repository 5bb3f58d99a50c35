"""A folder that VS Code wrote: any chat is deleted as VS Code does it, and comes back; all else stays."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from chatcask.ops.editing.cause import FindingKind
from chatcask.ops.editing.restoring import RestoreMode
from support import vscode_view
from support.restore_world import RestoreWorld, Subject

GENUINE = Path(__file__).parent.parent / "data" / "genuine"


def subjects() -> list[Subject]:
    found = []
    for place, _, sessions in vscode_view.places(GENUINE):
        found += [Subject(p.stem, place, p.suffix) for p in sorted(sessions.glob("*.json*"))]
    return found


@pytest.fixture(params=subjects(), ids=lambda subject: subject.session[:8])
def subject(request: pytest.FixtureRequest) -> Subject:
    found: Subject = request.param
    return found


@pytest.fixture
def world(tmp_path: Path) -> RestoreWorld:
    made = RestoreWorld(tmp_path, GENUINE)
    for path in made.user_data_dir.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return made


def entries(world: RestoreWorld, subject: Subject) -> dict[str, Any]:
    row = vscode_view.rows(world.storage(subject) / "state.vscdb")[vscode_view.INDEX]
    found: dict[str, Any] = json.loads(row[1])["entries"]
    return found


def test_there_are_five_chats_to_lose() -> None:
    assert len(subjects()) == 5


@pytest.mark.parametrize("mode", [RestoreMode.PLAIN, RestoreMode.REPLACE])
def test_a_deleted_chat_comes_back_and_every_other_byte_stays(
    mode: RestoreMode, world: RestoreWorld, subject: Subject
) -> None:
    before, seen, listed = world.folder_state(), world.view(), entries(world, subject)
    assert (subject.place, subject.session) in seen
    world.take()
    world.lose_both(subject)
    lost = world.folder_state()
    assert (subject.place, subject.session) not in world.view()

    world.restore(subject.session, mode)

    assert world.view() == seen
    assert entries(world, subject) == listed
    now = world.folder_state()
    database = (world.storage(subject) / "state.vscdb").relative_to(world.user_data_dir).as_posix()
    body = world.body(subject).relative_to(world.user_data_dir).as_posix()
    assert {name for name in now.keys() | lost.keys() if now.get(name) != lost.get(name)} == {database, body}
    assert now[body] == before[body]  # its bytes and its time
    rows, rows_before = now[database], before[database]
    assert list(rows) == list(lost[database])
    assert {k: v for k, v in rows.items() if k != vscode_view.INDEX} == {
        k: v for k, v in rows_before.items() if k != vscode_view.INDEX
    }
    for key in listed:
        if key != subject.session:
            text = json.dumps(listed[key], ensure_ascii=False, separators=(",", ":"))
            assert text in rows[vscode_view.INDEX][1].decode()
            assert text in rows_before[vscode_view.INDEX][1].decode()
    assert vscode_view.is_safe_to_use(world.sessions(subject), subject.session) == []

    world.undo()
    assert world.folder_state() == lost


def test_the_folder_as_it_is_needs_no_doctor(world: RestoreWorld) -> None:
    world.take()
    found = {finding.kind for finding in world.diagnose().findings}
    assert found <= {FindingKind.ORPHANED}
    assert world.fix().change.is_empty


def test_a_copy_is_a_chat_of_its_own(world: RestoreWorld, subject: Subject) -> None:
    seen = world.view()
    world.take()
    plan = world.restore(subject.session, RestoreMode.COPY)
    now = world.view()
    copy = now.pop((subject.place, plan.session))
    assert now == seen
    assert copy.turns == seen[subject.place, subject.session].turns
    text = (world.sessions(subject) / f"{plan.session}.jsonl").read_text()
    assert subject.session not in text
    assert subject.session.encode().hex() not in text
