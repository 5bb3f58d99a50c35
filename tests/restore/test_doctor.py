"""The doctor names every cause, changes nothing by looking, and mends what can be mended."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from chatcask.advice import Advice, AdviceCode
from chatcask.errors import NotFoundError
from chatcask.ops.editing.cause import FindingKind
from chatcask.ops.editing.finding import ChatFinding
from support import vscode_view
from support.restore_world import NEW_ID, RestoreWorld


def found(world: RestoreWorld) -> list[ChatFinding]:
    """Return the findings but those about made-up project folders, which are not on this machine."""
    before = world.folder_state()
    findings = [f for f in world.diagnose().findings if f.kind is not FindingKind.ORPHANED]
    assert world.folder_state() == before
    return findings


def only(world: RestoreWorld) -> ChatFinding:
    (finding,) = found(world)
    return finding


def test_a_sound_folder_has_only_folders_that_are_not_there(world: RestoreWorld) -> None:
    kinds = [finding.kind for finding in world.diagnose().findings]
    assert kinds == [FindingKind.ORPHANED, FindingKind.ORPHANED]
    assert found(world) == []


def test_an_entry_without_a_location_hides_the_chat(world: RestoreWorld) -> None:
    subject, whole = world.subject("retry"), world.view()
    world.change_index(subject, lambda index: index["entries"][subject.session].pop("initialLocation"))
    finding = only(world)
    assert finding.kind is FindingKind.HIDDEN
    assert "panel" in finding.cause
    world.fix()
    assert world.view() == whole


@pytest.mark.parametrize("cap", [25, 50])
def test_a_chat_beyond_the_cap_is_explained_and_warned_about(world: RestoreWorld, cap: int) -> None:
    subject = world.subject("retry")
    world.take()

    def list_newer(index: dict[str, Any]) -> None:
        entry = index["entries"].pop(subject.session)
        index["entries"] = {
            f"{number:08}-0000-4000-8000-000000000000": {
                **entry,
                "sessionId": f"{number:08}-0000-4000-8000-000000000000",
                "lastMessageDate": entry["lastMessageDate"] + 1 + number,
            }
            for number in range(cap)
        }

    world.change_index(subject, list_newer)
    finding = next(f for f in found(world) if f.session == subject.session)
    assert finding.kind is FindingKind.BEYOND_CAP
    assert f"keeps {cap} chats" in finding.cause
    warnings = world.restore(subject.session, dry_run=True).warnings
    (warning,) = [w.text for w in warnings if "takes it off its list" in w.text]
    assert "until 1.108 (which keeps 25)" in warning
    assert ("from 1.109 to 1.130 (which keeps 50)" in warning) is (cap == 50)
    assert "400" not in warning


def test_a_log_without_a_final_line_feed_is_ended(world: RestoreWorld) -> None:
    subject, whole = world.subject("retry"), world.view()
    data = world.body(subject).read_bytes()
    world.body(subject).write_bytes(data.rstrip(b"\n"))
    assert world.view() == whole
    assert only(world).kind is FindingKind.NO_FINAL_NEWLINE
    world.take()
    world.fix()
    assert world.body(subject).read_bytes() == data
    assert found(world) == []


def test_a_readable_old_file_behind_a_broken_log_comes_forward(world: RestoreWorld) -> None:
    subject, whole = world.subject("logbook"), world.view()
    log = world.body(subject).with_suffix(".jsonl")
    log.write_bytes(b'{"kind":1,"k":["x"],"v":1}\n')
    finding = only(world)
    assert finding.kind is FindingKind.SHADOWED
    assert finding.turns_on_disk > 0
    world.fix()
    assert world.view() == whole
    assert not world.body(subject).exists()
    world.undo()
    assert log.exists()
    assert world.body(subject).exists()


def test_null_bytes_and_garbage_are_told_apart(world: RestoreWorld) -> None:
    one, other = world.subject("retry"), world.subject("fog")
    data = world.body(one).read_bytes()
    world.body(one).write_bytes(data[:-30] + bytes(30))
    lines = world.body(other).read_bytes().splitlines(keepends=True)
    world.body(other).write_bytes(b"".join([*lines[:-1], b"<html>\n", lines[-1]]))
    kinds = {finding.session: finding.kind for finding in found(world)}
    assert kinds == {one.session: FindingKind.TORN, other.session: FindingKind.MALFORMED}


def test_a_chat_that_broke_and_left_the_list_says_both(world: RestoreWorld) -> None:
    subject = world.subject("retry")
    world.tear(subject)
    world.lose_entry(subject)
    finding = only(world)
    assert finding.kind is FindingKind.TORN
    assert "does not list it" in finding.cause
    world.fix()
    assert world.view()[subject.place, subject.session].turns


def test_the_fuller_version_wins(world: RestoreWorld) -> None:
    subject, whole = world.subject("retry"), world.view()
    world.take()
    lines = world.body(subject).read_bytes().splitlines(keepends=True)
    world.body(subject).write_bytes(b"".join(lines[:4]) + b"torn")
    finding = only(world)
    assert finding.stored is not None
    assert finding.turns_on_disk < finding.stored.summary.turn_count
    assert finding.transcript is None
    world.fix()
    assert world.view() == whole


def test_a_lost_file_without_a_copy_anywhere_points_to_the_transcript(world: RestoreWorld) -> None:
    subject = world.subject("retry")
    transcript = world.storage(subject) / "GitHub.copilot-chat" / "transcripts" / f"{subject.session}.jsonl"
    transcript.parent.mkdir(parents=True)
    transcript.write_text('{"type":"session.start"}\n')
    world.lose_file(subject)
    finding = only(world)
    assert finding.kind is FindingKind.NO_FILE
    assert finding.transcript == transcript
    assert not finding.can_fix
    assert world.fix().change.is_empty


def test_chats_of_terminals_and_empty_ones_are_no_findings(world: RestoreWorld) -> None:
    terminal, empty = world.subject("retry"), world.subject("fog")
    world.write(terminal, world.content(world.body(terminal)) | {"initialLocation": "terminal"})
    world.write(empty, world.content(world.body(empty)) | {"requests": []})
    world.lose_entry(terminal)
    world.lose_entry(empty)
    (world.storage(empty) / "state.vscdb.backup").unlink()
    assert found(world) == []


def test_a_workspace_without_a_database_is_left_to_the_editor(world: RestoreWorld) -> None:
    subject = world.subject("retry")
    (world.storage(subject) / "state.vscdb").unlink()
    finding = only(world)
    assert finding.kind is FindingKind.NO_DATABASE
    assert finding.advice == Advice(AdviceCode.OPEN_FOLDER_THEN_DIAGNOSE)
    assert not (world.storage(subject) / "state.vscdb").exists()


def test_an_unknown_name_is_refused(world: RestoreWorld) -> None:
    world.take()
    with pytest.raises(NotFoundError, match="nothing about 'feedface'"):
        world.fix("feedface")


def test_only_the_named_chat_is_mended(world: RestoreWorld) -> None:
    one, other = world.subject("retry"), world.subject("fog")
    world.lose_entry(one)
    world.lose_entry(other)
    world.fix(one.session[:8])
    assert (one.place, one.session) in world.view()
    assert (other.place, other.session) not in world.view()


def test_one_undo_takes_a_whole_fix_back(world: RestoreWorld) -> None:
    world.tear(world.subject("retry"))
    world.lose_entry(world.subject("regex"))
    world.lose_entry(world.subject("leap"))
    broken = world.folder_state()
    assert len(world.fix().fixed) == 3
    world.undo()
    assert world.folder_state() == broken


class TestMalformedLists:
    """A list is mended or refused, and no entry is ever dropped."""

    def mend(self, world: RestoreWorld, value: str) -> str:
        subject = world.subject("retry")
        world.set_row(subject, vscode_view.INDEX, value)
        assert not any(place == subject.place for place, _ in world.view())
        findings = [f for f in found(world) if f.kind is FindingKind.MALFORMED_INDEX]
        assert len(findings) == 1
        plan = world.fix(subject.place)
        self.refused = [why for _, why in plan.refused]
        return vscode_view.rows(world.storage(subject) / "state.vscdb")[vscode_view.INDEX][1].decode()

    def index(self, world: RestoreWorld) -> dict[str, Any]:
        row = vscode_view.rows(world.storage(world.subject("retry")) / "state.vscdb")[vscode_view.INDEX]
        value: dict[str, Any] = json.loads(row[1])
        return value

    def test_a_bad_entry_gets_what_it_lacks_and_others_keep_their_bytes(self, world: RestoreWorld) -> None:
        whole, index = world.view(), self.index(world)
        keys = list(index["entries"])
        del index["entries"][keys[1]]["title"]
        index["entries"][keys[2]] = None
        value = json.dumps(index, indent=1)
        mended = self.mend(world, value)
        assert world.view() == whole
        untouched = value[: value.index(f'"{keys[1]}"')]
        assert mended.startswith(untouched)
        world.undo()
        row = vscode_view.rows(world.storage(world.subject("retry")) / "state.vscdb")[vscode_view.INDEX]
        assert row == ("text", value.encode())

    def test_an_entry_of_a_chat_that_is_elsewhere_is_kept(self, world: RestoreWorld) -> None:
        index = self.index(world)
        external = {"sessionId": "copilotcli:/1", "title": "Background", "isExternal": True, "own": [1]}
        index["entries"]["copilotcli:/1"] = external
        mended = json.loads(self.mend(world, json.dumps(index)))
        assert mended["entries"]["copilotcli:/1"] == external | {"lastMessageDate": 0}

    def test_an_entry_of_which_nothing_is_known_is_refused(self, world: RestoreWorld) -> None:
        index = self.index(world)
        index["entries"][NEW_ID] = None
        value = json.dumps(index)
        assert self.mend(world, value) == value
        assert "without losing" in self.refused[0]

    def test_a_later_version_is_refused(self, world: RestoreWorld) -> None:
        value = json.dumps(self.index(world) | {"version": 2})
        assert self.mend(world, value) == value
        assert "version 2" in self.refused[0]

    def test_a_missing_version_is_added(self, world: RestoreWorld) -> None:
        whole, index = world.view(), self.index(world)
        del index["version"]
        self.mend(world, json.dumps(index))
        assert world.view() == whole

    def test_a_list_cut_short_is_built_from_the_backup_and_the_files(self, world: RestoreWorld) -> None:
        whole = world.view()
        value = json.dumps(self.index(world))
        self.mend(world, value[: len(value) // 2])
        assert world.view() == whole

    def test_a_list_cut_short_that_names_a_chat_nobody_else_knows_is_refused(
        self, world: RestoreWorld
    ) -> None:
        index = self.index(world)
        first = next(iter(index["entries"].values()))
        index["entries"] = {NEW_ID: first | {"sessionId": NEW_ID}, **index["entries"]}
        value = json.dumps(index)
        cut = value[: len(value) - 20]
        assert self.mend(world, cut) == cut
        assert NEW_ID in self.refused[0]

    def test_a_list_cut_short_without_a_backup_is_built_from_the_store(self, world: RestoreWorld) -> None:
        whole = world.view()
        subject = world.subject("retry")
        world.take()
        (world.storage(subject) / "state.vscdb.backup").unlink()
        self.mend(world, "{")
        assert world.view() == whole


def test_a_moved_folder_is_found_by_its_name(world: RestoreWorld, tmp_path: Path) -> None:
    """The old project folder is gone; one of the same name is open under another id."""
    subject = world.subject("retry")
    new = world.move_folder(subject, made=datetime(2026, 7, 1, tzinfo=UTC))
    project = tmp_path / "elsewhere" / "lighthouse"
    project.mkdir(parents=True)
    description = world.storage(subject).with_name(new) / "workspace.json"
    description.write_text(json.dumps({"folder": project.as_uri()}))
    findings = [f for f in found(world) if f.session == subject.session]
    assert [(f.kind, f.target and f.target.workspace) for f in findings] == [(FindingKind.MOVED, new)]
    assert str(project) in findings[0].cause
    world.fix(subject.session)
    assert world.view()[new, subject.session].turns
    with closing(sqlite3.connect(world.storage(subject).with_name(new) / "state.vscdb")) as database:
        assert database.execute("SELECT value FROM ItemTable WHERE key = 'other'").fetchone() == ("value",)
