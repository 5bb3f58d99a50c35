"""A chat goes where its editor shows it: its own workspace or another, another editor, an empty window."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcask.advice import Advice, AdviceCode
from chatcask.assistants.base import NO_WORKSPACE, Source
from chatcask.assistants.vscode.places.chat_places import ChatPlace, places
from chatcask.assistants.vscode.places.locate import source_for
from chatcask.assistants.vscode.places.workspace_ids import folder_id, path_of_uri, same_folder, uri_of_folder
from chatcask.assistants.vscode.state.database import StateDatabaseError
from chatcask.errors import AmbiguousError, InvalidInputError, NotFoundError, RestoreRefusedError
from chatcask.ops.editing.choose_place import choose_place
from chatcask.ops.editing.restoring import RestoreMode
from chatcask.ops.editing.successors import Origin
from support import vscode_view
from support.restore_world import NEW_ID, RestoreWorld


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> RestoreWorld:
    made = RestoreWorld(tmp_path_factory.mktemp("template"))
    made.take()
    return made


def test_ids_of_folders_are_those_of_the_editor(tmp_path: Path) -> None:
    inode = tmp_path.stat().st_ino
    expected = hashlib.md5(f"{tmp_path}{inode}".encode(), usedforsecurity=False).hexdigest()
    assert folder_id(tmp_path, "linux") == expected
    assert folder_id(tmp_path / "none", "linux") is None


def test_uris_of_windows_folders() -> None:
    assert uri_of_folder("C:\\Users\\Ada\\light house", "windows") == "file:///c%3A/Users/Ada/light%20house"
    assert path_of_uri("file:///c%3A/Users/Ada", "windows") == "c:/Users/Ada"
    assert same_folder("file:///c%3A/Users/Ada", "file:///C:/users/ada/", "windows")
    assert not same_folder("file:///home/ada", "file:///home/Ada", "linux")
    assert not same_folder("", "", "linux")
    assert path_of_uri("vscode-remote://ssh-remote%2Bbeacon/home/ada", "linux") is None
    assert path_of_uri("file://server/share", "windows") is None


@given(st.text(st.characters(exclude_characters="\0/", exclude_categories=["Cs"]), min_size=1, max_size=12))
def test_uris_of_folders_lead_back(name: str) -> None:
    assert path_of_uri(uri_of_folder(f"/home/{name}/x", "linux"), "linux") == f"/home/{name}/x"


def place(workspace: str, folder: str, made: int) -> ChatPlace:
    editor = Path("/s")
    return ChatPlace(
        "code", workspace, Path("/s") / workspace, Path("/s/c"), Path("/s/e"), editor, folder, made, 1
    )


URI = "file:///nowhere/lighthouse"


def test_the_newest_of_several_workspaces_of_a_folder_is_taken() -> None:
    places = [place("a" * 32, URI, 5), place("b" * 32, URI, 9), place("c" * 32, "file:///nowhere/x", 99)]
    chosen = choose_place(places, Origin("z" * 32, "file:///other"), "/nowhere/lighthouse", "linux")
    assert chosen.place.workspace == "b" * 32
    (note,) = chosen.notes
    assert "a" * 32 in note
    (newest,) = (each for each in note.split("; ") if "(newest)" in each)
    assert "b" * 32 in newest
    assert choose_place(places, Origin("", ""), "aaaa", "linux").place.workspace == "a" * 32
    assert choose_place(places, Origin("", ""), URI, "linux").place.workspace == "b" * 32


def test_a_workspace_that_is_gone_is_replaced_by_its_folders_new_one() -> None:
    places = [place("b" * 32, URI, 9)]
    chosen = choose_place(places, Origin("a" * 32, URI), None, "linux")
    assert chosen.place.workspace == "b" * 32
    assert "new workspace id" in chosen.notes[0]


def test_the_folder_as_it_is_on_disk_decides_which_workspace_is_its_own(tmp_path: Path) -> None:
    uri, own = uri_of_folder(str(tmp_path), "linux"), folder_id(tmp_path, "linux")
    assert own is not None
    places = [place(own, uri, 1), place("b" * 32, uri, 9)]
    assert choose_place(places, Origin(own, uri), None, "linux").place.workspace == own
    assert choose_place(places, Origin("", ""), str(tmp_path), "linux").place.workspace == own
    with pytest.raises(AmbiguousError, match=own):
        choose_place(places, Origin("b" * 32, uri), None, "linux")


def test_what_cannot_be_found_lists_what_could_be_meant() -> None:
    places = [place("b" * 32, URI, 9), place("bb" + "c" * 30, URI, 9)]
    with pytest.raises(AmbiguousError, match="beginning of 2"):
        choose_place([*places, place("b" * 31 + "c", URI, 9)], Origin("", ""), "bbbb", "linux")
    with pytest.raises(NotFoundError) as missing:
        choose_place(places, Origin("", ""), "/nowhere/beacon", "linux")
    assert missing.value.advice == Advice(AdviceCode.OPEN_THAT_FOLDER)
    with pytest.raises(NotFoundError, match="is not in the editor's folder"):
        choose_place(places, Origin("a" * 32, "file:///nowhere/beacon"), None, "linux")
    with pytest.raises(NotFoundError, match="windows without a folder"):
        choose_place(places, Origin(NO_WORKSPACE, ""), None, "linux")


def test_paths_out_of_a_place_are_refused() -> None:
    here = place("a" * 32, URI, 1)
    logical = f"workspaces/{'a' * 32}"
    assert here.logical_path(f"{logical}/chatSessions/x.json") == Path("/s/c/x.json")
    inside = ("chatSessions/../x", "state/x", "chatSessions//x", "chatSessions/a\\b")
    for path in ("workspaces/b/chatSessions/x", *(f"{logical}/{name}" for name in inside)):
        with pytest.raises(InvalidInputError):
            here.logical_path(path)


def test_a_chat_goes_into_an_empty_window_and_out_of_one(world: RestoreWorld) -> None:
    before = world.view()
    one, other = world.subject("retry"), world.subject("regex")
    world.restore(one.session, RestoreMode.COPY, workspace=NO_WORKSPACE)
    now = world.view()
    assert now[NO_WORKSPACE, NEW_ID].turns == before[one.place, one.session].turns
    world.undo()
    world.lose_both(other)
    world.restore(other.session, workspace=one.place)
    assert world.view()[one.place, other.session].turns == before[NO_WORKSPACE, other.session].turns


def test_a_chat_of_the_old_place_of_empty_windows_comes_back_in_the_new_one(world: RestoreWorld) -> None:
    subject, before = world.subject("logbook"), world.view()
    old = world.user_data_dir / "User" / "workspaceStorage" / "no-workspace" / "chatSessions"
    old.mkdir(parents=True)
    shutil.move(world.body(subject), old)
    world.lose_entry(subject)
    reference = world.take()
    shutil.rmtree(old.parent)
    world.restore(subject.session, at=reference)
    assert world.view()[NO_WORKSPACE, subject.session] == before[subject.place, subject.session]


def other_edition(world: RestoreWorld, folder: Path, *, workspace: str) -> Source:
    """Make another edition's folder, with the same project open under that workspace id."""
    user = folder / "Code - Insiders" / "User"
    subject = world.subject("retry")
    target = user / "workspaceStorage" / workspace
    target.mkdir(parents=True)
    (user / "globalStorage").mkdir()
    shutil.copy(world.storage(subject) / "workspace.json", target)
    shutil.copy(world.storage(subject) / "state.vscdb", target)
    return source_for(user.parent, None, world.platform)


@pytest.mark.parametrize("same_id", [True, False])
def test_a_chat_goes_to_another_edition(world: RestoreWorld, tmp_path: Path, *, same_id: bool) -> None:
    subject, before = world.subject("retry"), world.folder_state()
    workspace = subject.place if same_id else "e" * 32
    target = other_edition(world, tmp_path, workspace=workspace)
    world.restore(subject.session, target=target)
    assert world.folder_state() == before
    body = target.user / "workspaceStorage" / workspace / "chatSessions" / f"{subject.session}.jsonl"
    assert body.read_bytes() == world.body(subject).read_bytes()


def test_an_edition_that_never_opened_the_folder_says_what_to_do(world: RestoreWorld, tmp_path: Path) -> None:
    target = other_edition(world, tmp_path, workspace="e" * 32)
    (target.user / "workspaceStorage" / ("e" * 32) / "workspace.json").write_text('{"folder":"file:///x"}')
    with pytest.raises(NotFoundError) as missing:
        world.restore(world.subject("retry").session, target=target)
    assert missing.value.advice == Advice(AdviceCode.OPEN_FOLDER_AND_NAME_IT)


@pytest.mark.parametrize("content", [None, b""])
def test_a_workspace_without_a_database_is_refused(world: RestoreWorld, content: bytes | None) -> None:
    subject = world.subject("retry")
    database = world.storage(subject) / "state.vscdb"
    database.unlink()
    if content is not None:
        database.write_bytes(content)
    before = sorted(world.user_data_dir.rglob("*"))
    with pytest.raises(StateDatabaseError) as refused:
        world.restore(subject.session)
    assert refused.value.advice is not None
    assert refused.value.advice.code is AdviceCode.OPEN_PLACE
    assert sorted(world.user_data_dir.rglob("*")) == before


def test_a_link_in_the_place_of_the_file_is_not_followed(world: RestoreWorld, tmp_path: Path) -> None:
    subject = world.subject("retry")
    elsewhere = tmp_path / "precious.txt"
    elsewhere.write_text("precious")
    world.lose_both(subject)
    world.body(subject).symlink_to(elsewhere)
    for mode in (RestoreMode.PLAIN, RestoreMode.REPLACE):
        with pytest.raises(RestoreRefusedError):
            world.restore(subject.session, mode)
    assert elsewhere.read_text() == "precious"
    assert world.body(subject).is_symlink()


def test_edits_are_left_out_unless_asked_for(world: RestoreWorld) -> None:
    subject = world.subject("retry")
    folder = world.storage(subject) / "chatEditingSessions"
    whole = {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    assert whole
    shutil.rmtree(folder)
    world.lose_both(subject)
    world.restore(subject.session)
    assert not folder.exists()
    world.undo()
    plan = world.restore(subject.session, with_edits=True)
    assert any("over whatever the files hold now" in warning.text for warning in plan.warnings)
    assert {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()} == whole
    world.undo()
    assert not folder.exists()


def test_edits_of_a_copy_belong_to_the_copy(world: RestoreWorld) -> None:
    subject = world.subject("retry")
    folder = world.storage(subject) / "chatEditingSessions"
    state = folder / subject.session / "state.json"
    olds = {r["requestId"] for r in world.content(world.body(subject))["requests"]}
    edits = json.loads(state.read_text().replace("beacon.py", f"beacon.py?{subject.session}"))
    edits["timeline"] = {"checkpoints": [{"requestId": old} for old in sorted(olds)]}
    state.write_text(json.dumps(edits))
    world.take()
    world.restore(subject.session, RestoreMode.COPY, with_edits=True)
    text = (folder / NEW_ID / "state.json").read_text()
    assert NEW_ID in text
    copy = world.sessions(subject) / f"{NEW_ID}.jsonl"
    news = {request["requestId"] for request in world.content(copy)["requests"]}
    assert {point["requestId"] for point in json.loads(text)["timeline"]["checkpoints"]} == news
    assert not news & olds
    assert subject.session not in text


def test_edits_that_would_be_applied_again_are_warned_of(world: RestoreWorld) -> None:
    subject = world.subject("retry")
    state = world.storage(subject) / "chatEditingSessions" / subject.session / "state.json"
    world.lose_both(subject)
    assert world.restore(subject.session, dry_run=True).warnings == tuple(
        w for w in world.restore(subject.session, dry_run=True).warnings if "never accepted" not in w.text
    )
    document = json.loads(state.read_text())
    document["recentSnapshot"]["entries"][0]["state"] = 0
    state.write_text(json.dumps(document))
    warnings = world.restore(subject.session, dry_run=True).warnings
    assert any("never accepted" in warning.text for warning in warnings)


def test_a_dry_run_changes_nothing_and_names_everything(world: RestoreWorld) -> None:
    subject = world.subject("logbook")
    world.write_other(subject)
    world.take()
    before = world.folder_state()
    keys = {info.key for info in world.transport.list("")}
    at = world.take()
    world.lose_both(subject)
    lost = world.folder_state()
    keys = {info.key for info in world.transport.list("")}
    plan = world.restore(subject.session, at=at, dry_run=True)
    assert world.folder_state() == lost
    assert {info.key for info in world.transport.list("")} == keys
    (changed,) = plan.change.places
    assert [file.path for file in changed.files] == [world.body(subject)]
    assert before != lost


def test_what_is_there_and_listed_is_nothing_to_do(world: RestoreWorld) -> None:
    before = world.folder_state()
    for name in ("retry", "logbook", "regex"):
        assert world.restore(world.subject(name).session).change.is_empty
    assert world.folder_state() == before
    assert not world.has_undo()


def test_the_same_chat_in_other_bytes_is_left_as_it_is(world: RestoreWorld) -> None:
    subject = world.subject("retry")
    world.write(subject, world.content(world.body(subject)))
    world.lose_entry(subject)
    compacted = world.body(subject).read_bytes()
    world.restore(subject.session)
    assert world.body(subject).read_bytes() == compacted
    assert (subject.place, subject.session) in world.view()


def test_the_newest_version_that_opens_is_taken(world: RestoreWorld) -> None:
    subject, whole = world.subject("retry"), world.view()
    world.tear(subject)
    world.take()
    world.lose_file(subject)
    world.take()
    world.restore(subject.session)
    assert world.view() == whole


def test_a_version_that_never_opened_comes_back_as_far_as_it_can_be_read(tmp_path: Path) -> None:
    world = RestoreWorld(tmp_path)
    subject = world.subject("retry")
    world.behead(subject)
    world.take()
    world.lose_both(subject)
    plan = world.restore(subject.session)
    assert plan.put_right
    assert world.view()[subject.place, subject.session].turns


def test_nothing_readable_is_said(tmp_path: Path) -> None:
    world = RestoreWorld(tmp_path)
    subject = world.subject("retry")
    world.body(subject).write_bytes(b"garbage")
    world.take()
    with pytest.raises(NotFoundError, match="a turn that can be read"):
        world.restore(subject.session)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root gives files away")
def test_a_restored_file_belongs_to_the_owner_of_the_folder(world: RestoreWorld) -> None:
    subject = world.subject("retry")
    world.lose_both(subject)
    os.chown(world.sessions(subject), 12345, 12345)
    world.sessions(subject).chmod(0o750)
    world.restore(subject.session)
    found = world.body(subject).stat()
    assert (found.st_uid, found.st_gid) == (12345, 12345)
    assert found.st_mode & 0o777 == 0o640


def test_an_entry_that_only_an_older_snapshot_has_is_the_one_that_comes_back(world: RestoreWorld) -> None:
    subject = world.subject("retry")
    world.change_index(subject, lambda index: index["entries"][subject.session].update(own=[1, 2]))
    world.take()
    world.lose_entry(subject)
    world.take()
    world.restore(subject.session)
    assert vscode_view.listed(world.storage(subject))[subject.session]["own"] == [1, 2]
    world.undo()
    world.fix()
    assert vscode_view.listed(world.storage(subject))[subject.session]["own"] == [1, 2]


def test_places_of_a_source_are_all_found(world: RestoreWorld) -> None:
    found = places(world.source, lambda: None, lambda _: None)
    assert [p.workspace for p in found][-1] == NO_WORKSPACE
    assert len(found) == 3
    assert datetime.fromtimestamp(found[0].made_ns / 1e9, UTC).year == 2026
