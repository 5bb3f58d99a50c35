"""What the doctor finds of chats without a sound file: in lists, backups, transcripts, edits, the store."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from typing import Any

import pytest

from chatcask.advice import Advice, AdviceCode
from chatcask.assistants.editing import Place
from chatcask.assistants.vscode.places.chat_places import Watch
from chatcask.ops.editing import findings_in_files
from chatcask.ops.editing.cause import FindingKind
from chatcask.ops.editing.finding import ChatFinding
from chatcask.ops.editing.place_state import ChatOnDisk, read_chat
from support import vscode_view
from support.restore_world import RestoreWorld, Subject
from support.transcripts import transcript


def only(world: RestoreWorld) -> ChatFinding:
    before = world.folder_state()
    (finding,) = [f for f in world.diagnose().findings if f.kind is not FindingKind.ORPHANED]
    assert world.folder_state() == before
    return finding


def write_transcript(world: RestoreWorld, subject: Subject, data: bytes | None = None) -> None:
    path = world.storage(subject) / "GitHub.copilot-chat" / "transcripts" / f"{subject.session}.jsonl"
    path.parent.mkdir(parents=True)
    path.write_bytes(transcript("How many oars?", "And sails?") if data is None else data)


def close(world: RestoreWorld, subject: Subject) -> None:
    """Let the backup be what the database is, as after a clean close."""
    database = world.storage(subject) / "state.vscdb"
    shutil.copyfile(database, database.with_name("state.vscdb.backup"))


def lose(world: RestoreWorld, subject: Subject) -> None:
    world.lose_both(subject)
    close(world, subject)


Change = Callable[[dict[str, Any]], None]
_SAYS_LESS = {"title": "New Chat", "isEmpty": True, "lastMessageDate": 1, "timing": {"created": 1}}


@pytest.mark.parametrize(
    ("entry", "is_lost"),
    [
        ({}, False),
        ({"title": "Fog signal timing"}, True),
        ({"isEmpty": False}, True),
        ({"lastMessageDate": 2}, True),
        ({"timing": {"created": 1, "lastRequestStarted": 2}}, True),
    ],
)
@pytest.mark.parametrize("stub", [b"", None])
def test_a_stub_is_lost_when_its_entry_says_more(
    world: RestoreWorld, entry: dict[str, Any], *, is_lost: bool, stub: bytes | None
) -> None:
    subject = world.subject("fog")
    empty = world.content(world.body(subject)) | {"requests": [], "customTitle": None}
    world.write(subject, empty)
    if stub is not None:
        world.body(subject).write_bytes(stub)
    world.change_index(subject, lambda index: index["entries"][subject.session].update(_SAYS_LESS | entry))
    close(world, subject)
    if not is_lost:
        assert all(f.kind is FindingKind.ORPHANED for f in world.diagnose().findings)
        return
    finding = only(world)
    assert finding.kind is FindingKind.EMPTIED
    assert "the editor's list says" in finding.cause
    assert (finding.can_fix, finding.advice) == (False, Advice(AdviceCode.NOTHING_LEFT))


def test_a_chat_that_only_the_backup_lists(world: RestoreWorld) -> None:
    subject = world.subject("fog")
    world.lose_both(subject)
    finding = only(world)
    assert finding.kind is FindingKind.ONLY_IN_BACKUP
    assert finding.title == "Fog signal timing"
    assert finding.advice == Advice(AdviceCode.NOTHING_LEFT)


def test_what_only_the_backup_lists_comes_back_from_the_store(world: RestoreWorld) -> None:
    subject, whole = world.subject("fog"), world.view()
    world.take()
    world.lose_both(subject)
    world.fix()
    assert world.view() == whole


def test_an_entry_that_only_the_backup_has_comes_back_as_it_was(world: RestoreWorld) -> None:
    subject = world.subject("retry")
    world.change_index(subject, lambda index: index["entries"][subject.session].update(own=[1]))
    close(world, subject)
    database = world.storage(subject) / "state.vscdb"
    before = vscode_view.listed(database.parent)
    world.lose_entry(subject)
    assert only(world).kind is FindingKind.NOT_LISTED
    world.fix()
    assert vscode_view.listed(database.parent) == before


def test_what_only_edits_tell_of_is_said_to_be_gone(world: RestoreWorld) -> None:
    subject = world.subject("retry")
    lose(world, subject)
    finding = only(world)
    assert finding.kind is FindingKind.ONLY_EDITS
    assert finding.advice.code is AdviceCode.ONLY_EDITS_LEFT
    assert str(finding.advice.values["path"]).endswith(subject.session)


@pytest.mark.parametrize("keeps_entry", [True, False])
def test_a_chat_is_rebuilt_from_its_transcript(world: RestoreWorld, *, keeps_entry: bool) -> None:
    subject = world.subject("fog")
    write_transcript(world, subject)
    world.lose_file(subject)
    if not keeps_entry:
        world.lose_entry(subject)
        close(world, subject)
    finding = only(world)
    assert finding.kind is (FindingKind.NO_FILE if keeps_entry else FindingKind.ONLY_TRANSCRIPT)
    assert (finding.turns_in_transcript, finding.can_fix) == (2, True)
    before = world.folder_state()
    world.fix(subject.session)
    shown = world.view()[subject.place, subject.session]
    assert shown.title == f"Rebuilt: {'Fog signal timing' if keeps_entry else 'How many oars?'}"
    assert [prompt for prompt, _ in shown.turns or ()] == ["How many oars?", "And sails?"]
    world.undo()
    assert world.folder_state() == before


def test_a_stub_is_rebuilt_from_its_transcript(world: RestoreWorld) -> None:
    subject = world.subject("fog")
    write_transcript(world, subject)
    world.empty(subject)
    finding = only(world)
    assert (finding.kind, finding.turns_in_transcript) == (FindingKind.EMPTIED, 2)
    world.fix()
    shown = world.view()[subject.place, subject.session]
    assert shown.title == "Rebuilt: Fog signal timing"
    assert len(shown.turns or ()) == 2


def test_the_store_goes_before_a_transcript(world: RestoreWorld) -> None:
    subject, whole = world.subject("fog"), world.view()
    world.take()
    write_transcript(world, subject)
    world.lose_file(subject)
    world.fix()
    assert world.view() == whole


@pytest.mark.parametrize("snapshots_after", [0, 1])
def test_a_chat_that_snapshots_have_and_the_disk_has_not(world: RestoreWorld, snapshots_after: int) -> None:
    subject, whole = world.subject("fog"), world.view()
    world.take()
    lose(world, subject)
    for _ in range(snapshots_after):
        world.take()
    finding = only(world)
    assert finding.kind is (FindingKind.GONE_BEFORE if snapshots_after else FindingKind.GONE)
    assert finding.advice == Advice(AdviceCode.RESTORE_CHAT, session=subject.session)
    assert finding.title == "Fog signal timing"
    assert world.fix().change.is_empty
    world.restore(subject.session)
    assert world.view() == whole


def test_a_workspace_folder_that_is_gone_is_named_with_its_chats(world: RestoreWorld) -> None:
    subject = world.subject("fog")
    world.take()
    shutil.rmtree(world.storage(subject))
    findings = [f for f in world.diagnose().findings if f.place.workspace == subject.place]
    assert [f.kind for f in findings] == [FindingKind.WORKSPACE_GONE, *[FindingKind.GONE] * 3]
    assert findings[0].chats == 3
    assert findings[0].advice.code is AdviceCode.OPEN_THEN_RESTORE
    assert "lighthouse" in str(findings[0].advice.values["folder"])


def test_a_damaged_database_beside_a_sound_backup(world: RestoreWorld) -> None:
    subject = world.subject("fog")
    (world.storage(subject) / "state.vscdb").write_bytes(b"no database at all" * 100)
    (finding,) = [f for f in world.diagnose().findings if f.kind is not FindingKind.ORPHANED]
    assert finding.kind is FindingKind.DAMAGED_DATABASE
    assert finding.chats == 3
    assert finding.advice.code is AdviceCode.START_EDITOR_THEN_DIAGNOSE


def test_what_can_be_had_stands_first(world: RestoreWorld) -> None:
    world.take()
    lose(world, world.subject("fog"))
    world.lose_entry(world.subject("regex"))
    (world.storage(world.subject("leap")) / "state.vscdb").write_bytes(b"no database" * 100)
    kinds = [f.kind for f in world.diagnose().findings]
    assert kinds[:3] == [FindingKind.DAMAGED_DATABASE, FindingKind.NOT_LISTED, FindingKind.GONE]
    assert set(kinds[3:]) == {FindingKind.ORPHANED}


def test_what_the_newest_snapshot_has_is_not_read_again(
    world: RestoreWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counted: of seven chats only the two are read that are not what the snapshot has."""
    world.take()
    assert all(f.kind is FindingKind.ORPHANED for f in world.diagnose().findings)
    read: list[str] = []

    def counted(place: Place, session: str, watch: Watch) -> ChatOnDisk:
        read.append(session)
        return read_chat(place, session, watch)

    monkeypatch.setattr(findings_in_files, "read_chat", counted)
    world.diagnose()
    assert read == []
    torn, zeroed = world.subject("fog"), world.subject("retry")
    world.tear(torn)
    body = world.body(zeroed)
    data, times = body.read_bytes(), (body.stat().st_atime_ns, body.stat().st_mtime_ns)
    body.write_bytes(data[:-500] + bytes(500))
    os.utime(body, ns=times)  # a crash may leave zeros and the old time
    kinds = {f.session: f.kind for f in world.diagnose().findings if f.session}
    assert kinds == {torn.session: FindingKind.TORN, zeroed.session: FindingKind.TORN}
    assert sorted(read) == sorted([torn.session, zeroed.session])
