"""A second assistant beside VS Code: all that keeps and reads chats works with what it says of itself."""

from __future__ import annotations

import io
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from chatcask import ChatFilter, Machine, Platform, SnapshotOptions, SnapshotResult, Workbench
from chatcask.assistants import known
from chatcask.errors import (
    ChatLossError,
    EditorRunningError,
    InvalidInputError,
    NotEditableError,
    NotFoundError,
)
from chatcask.retention import RetentionPolicy
from chatcask.workbench import (
    ExportWishes,
    ManyChats,
    RestoreWishes,
    SourceChoice,
    choose_requests,
    choose_sources,
    elsewhere,
)
from chatcask_cli.demo import folder as fictional
from chatcask_cli.shell.advice import WORDS
from chatcask_cli.shell.exit_codes import ExitCode, exit_code_of
from support import fable
from support.fable import tale
from support.monitors import RecordingMonitor

MORNING = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
ALICE, BEN = "alice", "benjamin"


class Story:
    """Ada's home with Fable and VS Code in it, a store, and a clock that moves by an hour at each look."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.chats = home / ".fable" / "tales" / "garden" / "chats"
        self.place = home / "store"
        self.now = MORNING
        self.monitor = RecordingMonitor()
        self.machine = Machine(
            Platform("linux", home, {}),
            "0123456789abcdef",
            "desk",
            "test",
            self._tick,
            cache_folder=home / "cache",
            zone=UTC,
        )
        for folder in (self.chats.parent, self.chats.parent / "notes"):
            folder.mkdir(parents=True)
        self.write(ALICE, tale("a rose", "a hedge", title="The garden"))
        self.write(BEN, tale("a fence", title="The fence"))
        (self.chats.parent / "notes" / "n.txt").write_bytes(b"nobody reads this")

    def _tick(self) -> datetime:
        self.now += timedelta(hours=1)
        return self.now

    def file(self, session: str) -> Path:
        return self.chats.parent / f"{session}.tale"

    def write(self, session: str, data: bytes) -> None:
        path = self.file(session)
        path.write_bytes(data)
        self.now += timedelta(hours=1)
        moment = (self.now - timedelta(minutes=30)).timestamp()
        os.utime(path, (moment, moment))

    def take(self, bench: Workbench) -> SnapshotResult:
        requests = choose_requests(self.machine, SourceChoice([self.home / ".fable"]), self.monitor)
        return bench.snapshots.take(requests, SnapshotOptions(), self.monitor)


@pytest.fixture
def story(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Story:
    fable.make_known(monkeypatch)
    return Story(tmp_path)


def _paths(bench: Workbench) -> set[str]:
    return {path for path, _ in bench.snapshots.entries(bench.snapshots.path("latest"), recursive=True)}


def test_its_files_are_captured_and_its_chats_listed_and_read(story: Story) -> None:
    with Workbench.create(story.place, story.machine) as bench:
        result = story.take(bench)
        assert result.chats == {"fable": 2}
        assert [workspace.key for workspace in result.workspaces] == ["garden"]
        assert {
            "fable/tales/garden/chats/alice.tale",
            "fable/tales/garden/chats/benjamin.tale",
            "fable/tales/garden/notes/n.txt",
        } <= _paths(bench)
        listed = bench.chats.listed(bench.snapshots.find("latest"), ChatFilter(), story.monitor)
        assert {(chat.summary.title, chat.summary.turn_count) for chat in listed} == {
            ("The garden", 2),
            ("The fence", 1),
        }
        chosen = bench.chats.find("the garden", story.monitor)
        assert chosen.file.path == "fable/tales/garden/chats/alice.tale"
        text = "".join(bench.chats.read(chosen).render("md"))
        assert "a hedge" in text
        assert "so it was: a hedge" in text
        assert b"".join(bench.chats.read_bytes(chosen)) == story.file(ALICE).read_bytes()
        again = story.take(bench)
        assert again.unchanged
        assert bench.upkeep.stats(5, story.monitor).workspaces[0].workspace == "garden"
    assert not story.monitor.problems


def test_it_stands_beside_an_editor_in_one_snapshot(story: Story) -> None:
    fictional.build_folder(story.home / ".config" / "Code", MORNING)
    with Workbench.create(story.place, story.machine) as bench:
        requests = choose_requests(story.machine, SourceChoice(), story.monitor)
        assert [request.source.id for request in requests] == ["fable", "code"]
        bench.snapshots.take(requests, SnapshotOptions(), story.monitor)
        listed = bench.chats.listed(bench.snapshots.find("latest"), ChatFilter(), story.monitor)
        assert {chat.file.source for chat in listed} == {"fable", "code"}
        assert elsewhere(story.machine, [request.source for request in requests]) == ()
    (only,) = choose_sources(story.machine, None, "fable")
    assert only.product is fable.PRODUCT


def test_its_own_guard_is_asked(story: Story) -> None:
    with Workbench.create(story.place, story.machine) as bench:
        (story.home / ".fable" / "running").touch()
        with pytest.raises(EditorRunningError, match="Fable runs"):
            story.take(bench)


def test_a_store_is_not_made_in_its_folder(story: Story) -> None:
    with pytest.raises(InvalidInputError, match="inside the folder of Fable"):
        Workbench.create(story.home / ".fable" / "store", story.machine)


def test_the_alarm_sees_what_it_lost(story: Story) -> None:
    with Workbench.create(story.place, story.machine) as bench:
        story.take(bench)
        story.write(ALICE, tale("a rose", "a hedge", "a gate", title="The garden"))
        assert story.take(bench).losses == ()
        story.write(ALICE, tale("a rose", title="The garden"))
        story.file(BEN).unlink()
        assert {(loss.session, loss.kind) for loss in story.take(bench).losses} == {
            (ALICE, "shrank"),
            (BEN, "vanished"),
        }
        gone = bench.chats.deleted(bench.snapshots.find("latest"), ChatFilter(), story.monitor)
        assert [chat.file.session for chat in gone] == [BEN]
        versions = bench.chats.versions(ALICE, story.monitor)[1]
        assert [version.summary.turn_count for version in versions] == [2, 3, 1]
        (first, *_) = bench.snapshots.compare("latest~2", "latest~1", story.monitor).chats()
        assert first.change.session == ALICE


def test_a_restore_is_refused_politely_and_its_files_can_be_had(story: Story) -> None:
    with Workbench.create(story.place, story.machine) as bench:
        story.take(bench)
        before = story.file(BEN).read_bytes()
        story.file(BEN).unlink()
        with pytest.raises(NotEditableError, match="fable") as refused:
            bench.editing.plan_restore(BEN, RestoreWishes(), story.monitor)
        assert refused.value.source == "fable"
        assert exit_code_of(refused.value.kind) is ExitCode.FAILED
        assert refused.value.advice is not None
        assert "--output" in WORDS[refused.value.advice.code]
        many = bench.editing.plan_restores([ALICE, BEN], RestoreWishes(), story.monitor)
        assert (many.folders, [type(one.error) for one in many.refused]) == ((), [NotEditableError] * 2)
        assert bench.editing.choose_chats(ManyChats(True, ChatFilter()), story.monitor) == []
        with pytest.raises(NotFoundError, match="no restore to undo"):
            bench.editing.plan_undo(None, (), story.monitor)
        found = bench.snapshots.path("latest:fable/tales/garden/chats")
        bench.snapshots.write_files(found, story.home / "out", story.monitor)
    assert (story.home / "out" / f"{BEN}.tale").read_bytes() == before


def test_a_chat_of_one_assistant_is_not_written_into_the_folder_of_another(story: Story) -> None:
    code = story.home / ".config" / "Code"
    fictional.build_folder(code, MORNING)
    with Workbench.create(story.place, story.machine) as bench:
        story.take(bench)
        with pytest.raises(NotEditableError):
            bench.editing.plan_restore(ALICE, RestoreWishes(folder=code), story.monitor)


def test_the_doctor_passes_it_over_with_a_note(story: Story) -> None:
    code = story.home / ".config" / "Code"
    fictional.build_folder(code, MORNING)
    sources = choose_sources(story.machine, None, None)
    with Workbench.create(story.place, story.machine) as bench:
        visit = bench.editing.diagnose(sources, story.monitor)
        assert [diagnosis.source.id for diagnosis in visit.diagnoses] == ["code"]
        assert [error.source for error in visit.passed_over] == ["fable"]
        assert visit.is_whole
        with pytest.raises(NotEditableError):
            bench.editing.diagnose(sources[:1], story.monitor)


def test_check_forget_and_bundles_know_its_chats(story: Story) -> None:
    bundle = io.BytesIO()
    with Workbench.create(story.place, story.machine) as bench:
        story.take(bench)
        story.file(BEN).unlink()
        story.take(bench)
        assert bench.upkeep.check(1.0, story.monitor).findings == ()
        plan = bench.retention.plan_forget(["latest~1"], RetentionPolicy())
        lost, _ = bench.retention.preview_forget(plan, story.monitor)
        assert [chat.session for chat in lost] == [BEN]
        with pytest.raises(ChatLossError):
            bench.retention.apply_forget(plan, monitor=story.monitor)
        selection = bench.bundles.select(ExportWishes(every=True, sessions=[BEN]), story.monitor)
        bench.bundles.export(selection, bundle.write, story.monitor)
    bundle.seek(0)
    with Workbench.create(story.home / "other", story.machine) as bench:
        bench.bundles.import_bundle(bundle.read, (), story.monitor)
        chosen = bench.chats.find("the fence", story.monitor)
        assert bench.chats.read(chosen).chat.turns[0].prompt == "a fence"


def test_without_it_a_source_is_kept_and_listed_and_never_parsed(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    everyone = known.ASSISTANTS
    with Workbench.create(story.place, story.machine) as bench:
        story.take(bench)
    monkeypatch.setattr(known, "ASSISTANTS", everyone[1:])
    fictional.build_folder(story.home / ".config" / "Code", MORNING)
    with Workbench.open(story.place, story.machine) as bench:
        choice = SourceChoice([story.home / ".config" / "Code"])
        bench.snapshots.take(
            choose_requests(story.machine, choice, story.monitor), SnapshotOptions(), story.monitor
        )
        assert "fable/tales/garden/chats/alice.tale" in _paths(bench)
        listed = bench.chats.listed(bench.snapshots.find("latest"), ChatFilter(), story.monitor)
        assert {chat.file.source for chat in listed} == {"code"}
        assert bench.upkeep.check(1.0, story.monitor).findings == ()
    monkeypatch.setattr(known, "ASSISTANTS", everyone)
    with Workbench.open(story.place, story.machine) as bench:
        assert bench.chats.find("the garden", story.monitor).file.session == ALICE
    assert not story.monitor.problems
