"""Undo brings back exactly what was there, and spares what the editor has done since."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from chatcask.errors import DamagedError, NotFoundError
from chatcask.ops.editing.restoring import RestoreMode
from chatcask.repository.repository import Repository
from support import vscode_view
from support.restore_world import NEW_ID, RestoreWorld


@pytest.fixture
def world(tmp_path: Path) -> RestoreWorld:
    made = RestoreWorld(tmp_path)
    made.take()
    return made


def test_nothing_to_undo_is_said(world: RestoreWorld) -> None:
    with pytest.raises(NotFoundError, match="no restore to undo"):
        world.undo()


def test_restores_are_taken_back_one_after_the_other(world: RestoreWorld) -> None:
    one, other = world.subject("retry"), world.subject("regex")
    world.lose_both(one)
    world.lose_both(other)
    states = [world.folder_state()]
    world.restore(one.session)
    states.append(world.folder_state())
    world.restore(other.session)
    for state in reversed(states):
        world.undo()
        assert world.folder_state() == state
    assert not world.has_undo()


def test_a_chat_that_went_on_in_the_editor_is_kept_in_the_store(world: RestoreWorld) -> None:
    subject = world.subject("retry")
    world.lose_both(subject)
    lost = world.folder_state()
    world.restore(subject.session)
    vscode_view.append(world.sessions(subject), subject.session)
    continued = world.body(subject).read_bytes()
    notes = world.undo()
    assert any("changed after the restore" in note for note in notes)
    assert world.folder_state() == lost
    with Repository.open(world.transport) as repository:
        safety = repository.load(repository.snapshots()[-1])
        assert any(tag.startswith("safety-") for tag in safety.tags)
        bodies = [
            e.content for path, e in repository.walk(safety.root) if path.endswith(f"{subject.session}.jsonl")
        ]
        assert [repository.reader.read_all(content) for content in bodies] == [continued]


def test_chats_that_the_editor_listed_since_stay_listed(world: RestoreWorld) -> None:
    subject = world.subject("retry")
    world.lose_both(subject)
    lost = world.view()
    world.restore(subject.session)
    new = {"sessionId": NEW_ID, "title": "New since", "lastMessageDate": 1, "initialLocation": "panel"}

    def list_another(index: dict[str, dict[str, object]]) -> None:
        index["entries"][NEW_ID] = new

    world.change_index(subject, list_another)
    notes = world.undo()
    assert any("its other entries stay" in note for note in notes)
    now = world.view()
    assert now.pop((subject.place, NEW_ID)).title == "New since"
    assert now == lost
    assert not world.body(subject).exists()


def test_a_deleted_restored_chat_needs_no_undoing(world: RestoreWorld) -> None:
    subject = world.subject("retry")
    world.lose_both(subject)
    lost = world.view()
    world.restore(subject.session)
    world.lose_both(subject)
    world.undo()
    assert world.view() == lost
    assert not world.has_undo()


def test_rows_keep_their_type_and_bytes(world: RestoreWorld) -> None:
    """A list that another tool stored as a BLOB, with blanks, comes back as that."""
    subject = world.subject("retry")
    world.lose_both(subject)
    row = vscode_view.rows(world.storage(subject) / "state.vscdb")[vscode_view.INDEX][1]
    spaced = json.dumps(json.loads(row), indent=3).encode()
    world.set_row(subject, vscode_view.INDEX, spaced)
    odd = world.folder_state()
    assert vscode_view.rows(world.storage(subject) / "state.vscdb")[vscode_view.INDEX] == ("blob", spaced)
    world.restore(subject.session)
    assert vscode_view.rows(world.storage(subject) / "state.vscdb")[vscode_view.INDEX][0] == "text"
    assert (subject.place, subject.session) in world.view()
    world.undo()
    assert world.folder_state() == odd


def test_an_unarchived_chat_is_archived_again(world: RestoreWorld) -> None:
    subject = world.subject("lamp")
    encoded = base64.urlsafe_b64encode(subject.session.encode()).decode().rstrip("=")
    mark = f'{{"resource":"vscode-chat-session://local/{encoded}", "archived":true,"read":5}}'
    other = '{"resource":"vscode-chat-session://local/x","archived":true}'
    world.set_row(subject, vscode_view.MARKS, f"[ {other} , {mark}]")
    world.lose_file(subject)
    lost = world.folder_state()
    world.restore(subject.session)
    now = vscode_view.rows(world.storage(subject) / "state.vscdb")[vscode_view.MARKS][1].decode()
    shown = mark.replace(" ", "").replace("true", "false")
    assert now == f"[ {other} , {shown}]"
    world.undo()
    assert world.folder_state() == lost


def test_a_store_that_lost_the_old_bytes_says_so_and_changes_nothing(world: RestoreWorld) -> None:
    subject = world.subject("retry")
    world.write_other(subject)
    with Repository.open(world.transport) as repository:
        first = repository.snapshots()[0]
    before = {info.key for info in world.transport.list("packs/")}
    world.restore(subject.session, RestoreMode.REPLACE, at=first)
    done = world.folder_state()
    for info in list(world.transport.list("packs/")):
        if info.key not in before:
            world.transport.delete(info.key)
    with pytest.raises(DamagedError, match="no longer has"):
        world.undo()
    assert world.folder_state() == done
    assert world.has_undo()
