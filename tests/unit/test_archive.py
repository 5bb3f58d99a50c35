"""The archive folder: only what changed is written, and nothing that is not its own is ever touched."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from chatcask.advice import Advice, AdviceCode
from chatcask.catalog.catalog import Catalog
from chatcask.errors import DamagedError, InvalidInputError, UnsupportedFormatError
from chatcask.ops.browse.list_chats import ChatFilter, list_chats
from chatcask.ops.documents.archive import ArchiveResult, Deed, archive_chats
from chatcask.ops.documents.record import RECORD
from chatcask.repository.snapshots import StoredSnapshot
from support.effort import effort
from support.monitors import RecordingMonitor
from support.pasts import CREATED, log, turn, workspace
from support.worlds import World

A, B = "w1/chatSessions/aaaa1111.jsonl", "w1/chatSessions/bbbb2222.jsonl"
DAY, NEXT_DAY = "2026-06-01", "2026-06-02"
LATER = CREATED + 86_400_000


class Archive:
    """An editor's folder, a store in memory, and an archive folder."""

    def __init__(self, folder: Path) -> None:
        self.world = World(folder)
        self.folder = folder / "archive"
        self.snapshot = ""

    def run(self, files: Mapping[str, bytes] | None = None) -> ArchiveResult:
        """Snapshot a folder of exactly these files, and bring the archive up to date."""
        if files is not None:
            self.world.replace_all({"w1/workspace.json": workspace("lighthouse"), **files})
        stored = self.world.take()
        assert stored.reference is not None
        self.snapshot = stored.reference.id
        monitor = RecordingMonitor()
        with self.world.open() as repository, Catalog(repository) as catalog:
            sessions = list(
                list_chats(catalog, StoredSnapshot(stored.reference, stored.snapshot), ChatFilter(), monitor)
            )
            return archive_chats(catalog, sessions, self.folder, monitor)

    def files(self) -> dict[str, str]:
        return {
            path.relative_to(self.folder).as_posix(): path.read_bytes().decode()
            for path in sorted(self.folder.rglob("*"))
            if path.is_file() and path.name != RECORD
        }

    def stamps(self) -> dict[str, int]:
        return {path.as_posix(): path.stat().st_mtime_ns for path in self.folder.rglob("*") if path.is_file()}


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path)


def deeds(result: ArchiveResult) -> dict[str, Deed]:
    return {chat.session: chat.deed for chat in result.chats}


def front_matter(text: str) -> dict[str, Any]:
    start, front, _ = text.split("---\n", 2)
    assert start == ""
    found: dict[str, Any] = yaml.safe_load(front)
    return found


def test_a_file_for_each_chat_by_day_and_title(archive: Archive) -> None:
    later = log("bbbb2222", [turn(1, timestamp=LATER)], 'Fog: "horn"')
    result = archive.run({A: log("aaaa1111", 2), B: later})
    assert deeds(result) == {"aaaa1111": Deed.WRITTEN, "bbbb2222": Deed.WRITTEN}
    files = archive.files()
    assert list(files) == [f"{DAY}/Lamps-aaaa1111.md", f"{NEXT_DAY}/Fog-horn-bbbb2222.md"]
    text = files[f"{NEXT_DAY}/Fog-horn-bbbb2222.md"]
    facts = front_matter(text)
    assert (facts["title"], facts["session"], facts["turns"]) == ('Fog: "horn"', "bbbb2222", 1)
    assert (facts["snapshot"], facts["workspace"]) == (archive.snapshot, "w1")
    assert facts["folder"] == "file:///home/ada/lighthouse"
    assert "How bright is lamp 1?" in text
    assert "Lamp 1 has 100 candela." in text


def test_a_second_run_writes_nothing(archive: Archive) -> None:
    archive.run({A: log("aaaa1111"), B: log("bbbb2222", title="Fog")})
    before, stamps = archive.files(), archive.stamps()
    assert set(deeds(archive.run()).values()) == {Deed.UNCHANGED}
    assert (archive.files(), archive.stamps()) == (before, stamps)


def test_only_the_chat_that_grew_is_rewritten(archive: Archive) -> None:
    archive.run({A: log("aaaa1111"), B: log("bbbb2222", title="Fog")})
    stamps = archive.stamps()
    result = archive.run({A: log("aaaa1111", 3), B: log("bbbb2222", title="Fog")})
    assert deeds(result) == {"aaaa1111": Deed.REWRITTEN, "bbbb2222": Deed.UNCHANGED}
    text = archive.files()[f"{DAY}/Lamps-aaaa1111.md"]
    assert "How bright is lamp 3?" in text
    assert front_matter(text)["snapshot"] == archive.snapshot
    changed = {path for path, stamp in archive.stamps().items() if stamps.get(path) != stamp}
    assert {Path(path).name for path in changed} == {"Lamps-aaaa1111.md", RECORD}


def test_a_log_that_was_compacted_leaves_the_file_alone(archive: Archive) -> None:
    grown = log("aaaa1111", 1) + json.dumps({"kind": 2, "k": ["requests"], "v": [turn(2)]}).encode() + b"\n"
    archive.run({A: grown})
    before = archive.files()
    assert deeds(archive.run({A: log("aaaa1111", 2)})) == {"aaaa1111": Deed.UNCHANGED}
    assert archive.files() == before


def test_a_new_title_and_a_new_day_move_the_file(archive: Archive) -> None:
    archive.run({A: log("aaaa1111")})
    renamed = archive.run({A: log("aaaa1111", title="Lights")})
    assert deeds(renamed) == {"aaaa1111": Deed.MOVED}
    assert list(archive.files()) == [f"{DAY}/Lights-aaaa1111.md"]
    archive.run({A: log("aaaa1111", [turn(1), turn(2), turn(3, timestamp=LATER)], "Lights")})
    assert list(archive.files()) == [f"{NEXT_DAY}/Lights-aaaa1111.md"]
    assert not (archive.folder / DAY).exists()


def test_another_case_of_the_title_is_the_same_file(archive: Archive) -> None:
    archive.run({A: log("aaaa1111", title="Lamps")})
    result = archive.run({A: log("aaaa1111", title="LAMPS")})
    assert deeds(result) == {"aaaa1111": Deed.REWRITTEN}
    assert list(archive.files()) == [f"{DAY}/Lamps-aaaa1111.md"]


def test_titles_that_clash_where_case_does_not_count(archive: Archive) -> None:
    one, other = "w1/chatSessions/aaaa1111-1.jsonl", "w1/chatSessions/aaaa1111-2.jsonl"
    files = {one: log("aaaa1111-1", 1, "lamps"), other: log("aaaa1111-2", [turn(7)], "LAMPS")}
    archive.run(files)
    names = [name.lower() for name in archive.files()]
    assert len(names) == len(set(names)) == 2
    assert set(deeds(archive.run()).values()) == {Deed.UNCHANGED}


def test_a_file_that_somebody_changed_stays(archive: Archive) -> None:
    archive.run({A: log("aaaa1111")})
    path = archive.folder / DAY / "Lamps-aaaa1111.md"
    path.write_text("my own notes", encoding="utf-8")
    assert deeds(archive.run()) == {"aaaa1111": Deed.UNCHANGED}
    result = archive.run({A: log("aaaa1111", 3)})
    (chat,) = result.chats
    assert (chat.deed, chat.kept) == (Deed.REWRITTEN, f"{DAY}/Lamps-aaaa1111.md")
    assert chat.path == f"{DAY}/Lamps-aaaa1111-2.md"
    assert path.read_text(encoding="utf-8") == "my own notes"
    assert "lamp 3" in archive.files()[chat.path]
    (again,) = archive.run({A: log("aaaa1111", 4)}).chats
    assert (again.path, again.kept) == (chat.path, None)
    assert path.read_text(encoding="utf-8") == "my own notes"


def test_a_changed_file_stays_when_the_chat_moves_on(archive: Archive) -> None:
    archive.run({A: log("aaaa1111")})
    path = archive.folder / DAY / "Lamps-aaaa1111.md"
    path.write_text("my own notes", encoding="utf-8")
    (chat,) = archive.run({A: log("aaaa1111", title="Lights")}).chats
    assert (chat.path, chat.kept) == (f"{DAY}/Lights-aaaa1111.md", f"{DAY}/Lamps-aaaa1111.md")
    assert path.read_text(encoding="utf-8") == "my own notes"


def test_files_of_others_are_not_touched(archive: Archive) -> None:
    (archive.folder / DAY).mkdir(parents=True)
    theirs = archive.folder / DAY / "Lamps-aaaa1111.md"
    theirs.write_text("theirs", encoding="utf-8")
    (archive.folder / "notes.md").write_text("theirs too", encoding="utf-8")
    archive.run({A: log("aaaa1111")})
    assert theirs.read_text(encoding="utf-8") == "theirs"
    assert (archive.folder / "notes.md").read_text(encoding="utf-8") == "theirs too"
    assert f"{DAY}/Lamps-aaaa1111-2.md" in archive.files()


def test_a_chat_that_is_gone_keeps_its_file(archive: Archive) -> None:
    archive.run({A: log("aaaa1111"), B: log("bbbb2222", title="Fog")})
    before = archive.files()
    assert deeds(archive.run({B: log("bbbb2222", title="Fog")})) == {"bbbb2222": Deed.UNCHANGED}
    assert archive.files() == before
    archive.run({A: log("aaaa1111", 3), B: log("bbbb2222", title="Fog")})
    assert "lamp 3" in archive.files()[f"{DAY}/Lamps-aaaa1111.md"]


@pytest.mark.parametrize("data", [b"", b"\0" * 50, log("aaaa1111", 0)])
def test_a_chat_that_was_emptied_keeps_its_file(archive: Archive, data: bytes) -> None:
    archive.run({A: log("aaaa1111")})
    before = archive.files()
    result = archive.run({A: data})
    assert archive.files() == before
    assert [problem.kind for problem in result.problems] == (["unreadable"] if b"\0" in data else [])
    assert result.count(Deed.EMPTY) == (0 if b"\0" in data else 1)


def test_a_file_that_was_deleted_is_written_again(archive: Archive) -> None:
    archive.run({A: log("aaaa1111")})
    (archive.folder / DAY / "Lamps-aaaa1111.md").unlink()
    archive.run()
    assert list(archive.files()) == [f"{DAY}/Lamps-aaaa1111.md"]


def test_a_lost_record_is_made_again_from_the_files(archive: Archive) -> None:
    archive.run({A: log("aaaa1111"), B: log("bbbb2222", title="Fog")})
    before = archive.files()
    record = archive.folder / RECORD
    known = json.loads(record.read_bytes())
    record.unlink()
    assert set(deeds(archive.run()).values()) == {Deed.UNCHANGED}
    assert archive.files() == before
    assert json.loads(record.read_bytes()) == known


def test_a_salvaged_chat_says_so(archive: Archive) -> None:
    archive.run({A: log("aaaa1111") + b'{"kind":2,"k":["req'})
    (text,) = archive.files().values()
    assert front_matter(text)["state"] == "salvaged"


def test_of_copies_the_newest_is_archived(archive: Archive) -> None:
    archive.run({A: log("aaaa1111", 1), "w2/chatSessions/aaaa1111.jsonl": log("aaaa1111", 3)})
    (text,) = archive.files().values()
    assert front_matter(text)["workspace"] == "w2"


@pytest.mark.parametrize(
    "path",
    ["../outside/Lamps.md", "/etc/x.md", "a/b/c.md", "x.md", "a/..", "C:\\x/y.md", "a/x.txt", "./x.md"],
)
def test_a_record_that_leads_out_of_the_folder_is_refused(archive: Archive, path: str) -> None:
    archive.run({A: log("aaaa1111")})
    record = archive.folder / RECORD
    document = json.loads(record.read_bytes())
    document["files"]["aaaa1111"]["path"] = path
    record.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(DamagedError, match=r"path that the archive writes|not a Markdown file"):
        archive.run({A: log("aaaa1111", 3)})


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"schema_version": 1}', '{"schema_version": 1, "files": {"a": 1}}']
)
def test_a_damaged_record_says_the_way_out(archive: Archive, text: str) -> None:
    archive.run({A: log("aaaa1111")})
    before = archive.files()
    (archive.folder / RECORD).write_text(text, encoding="utf-8")
    with pytest.raises(DamagedError) as caught:
        archive.run({A: log("aaaa1111", 3)})
    assert caught.value.advice == Advice(AdviceCode.REMOVE_RECORD)
    assert archive.files() == before


def test_a_record_of_a_newer_program_is_refused(archive: Archive) -> None:
    archive.run({A: log("aaaa1111")})
    (archive.folder / RECORD).write_text('{"schema_version": 2}', encoding="utf-8")
    with pytest.raises(UnsupportedFormatError):
        archive.run()


def test_a_folder_that_is_a_file(archive: Archive) -> None:
    archive.folder.write_text("x", encoding="utf-8")
    with pytest.raises(InvalidInputError):
        archive.run({A: log("aaaa1111")})


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows")
def test_nothing_is_written_through_links(archive: Archive, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    archive.folder.mkdir()
    (archive.folder / DAY).symlink_to(outside)
    (problem,) = archive.run({A: log("aaaa1111")}).problems
    assert "link" in problem.message
    assert list(outside.iterdir()) == []
    (archive.folder / DAY).unlink()
    (archive.folder / DAY).mkdir()
    victim = outside / "victim.md"
    victim.write_text("theirs", encoding="utf-8")
    (archive.folder / DAY / "Lamps-aaaa1111.md").symlink_to(victim)
    archive.run()
    assert victim.read_text(encoding="utf-8") == "theirs"
    assert f"{DAY}/Lamps-aaaa1111-2.md" in archive.files()


def test_one_chat_that_cannot_be_written_does_not_stop_the_others(archive: Archive) -> None:
    archive.folder.mkdir()
    (archive.folder / DAY).write_text("a file where a day should be", encoding="utf-8")
    later = log("bbbb2222", [turn(1, timestamp=LATER)], "Fog")
    result = archive.run({A: log("aaaa1111"), B: later})
    assert deeds(result) == {"bbbb2222": Deed.WRITTEN}
    assert [problem.path.rpartition("/")[2] for problem in result.problems] == ["aaaa1111.jsonl"]


class LivingArchive(RuleBasedStateMachine):
    """Chats change, people write into the folder, records get lost: what people wrote is never lost."""

    @initialize()
    def begin(self) -> None:
        self.temporary = tempfile.TemporaryDirectory()
        self.archive = Archive(Path(self.temporary.name))
        self.chats: dict[str, tuple[int, str, int]] = {}
        self.theirs: dict[str, str] = {}
        self.number = 0
        self.is_fresh = False

    @rule(
        chat=st.sampled_from(["c1", "c2", "C1"]),
        turns=st.integers(0, 3),
        day=st.integers(0, 2),
        title=st.sampled_from(["Lamps", "lamps", "L:amps?", "con"]),
    )
    def change(self, chat: str, turns: int, day: int, title: str) -> None:
        self.chats[f"{chat.lower()}-{chat}"] = (turns, title, day)
        self.is_fresh = False

    @rule(data=st.data())
    @precondition(lambda self: self.chats)
    def delete_chat(self, data: st.DataObject) -> None:
        del self.chats[data.draw(st.sampled_from(sorted(self.chats)))]
        self.is_fresh = False

    @rule(data=st.data())
    @precondition(lambda self: self.archive.folder.exists() and self.archive.files())
    def write_notes(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.archive.files())))
        self.number += 1
        self.theirs[name] = f"note {self.number}"
        (self.archive.folder / name).write_text(self.theirs[name], encoding="utf-8")
        self.is_fresh = False

    @rule()
    def lose_the_record(self) -> None:
        (self.archive.folder / RECORD).unlink(missing_ok=True)
        self.is_fresh = False

    @rule()
    def run(self) -> None:
        files = {
            f"w1/chatSessions/{chat}.jsonl": log(
                chat, [turn(n, timestamp=CREATED + day * 86_400_000 + n) for n in range(turns)], title
            )
            for chat, (turns, title, day) in self.chats.items()
        }
        result = self.archive.run(files)
        assert not result.problems
        for chat in result.chats:
            turns, title, _ = self.chats[chat.session]
            assert (chat.deed is Deed.EMPTY) == (turns == 0)
            if turns and chat.path not in self.theirs:
                text = self.archive.files()[chat.path]
                facts = front_matter(text)
                assert (facts["session"], facts["title"], facts["turns"]) == (chat.session, title, turns)
        self.is_fresh = True

    @rule()
    @precondition(lambda self: self.is_fresh)
    def run_again(self) -> None:
        before = self.archive.stamps()
        assert {chat.deed for chat in self.archive.run().chats} <= {Deed.UNCHANGED, Deed.EMPTY}
        assert self.archive.stamps() == before

    @invariant()
    def what_people_wrote_is_there(self) -> None:
        for name, text in self.theirs.items():
            assert (self.archive.folder / name).read_text(encoding="utf-8") == text

    def teardown(self) -> None:
        self.temporary.cleanup()


LivingArchive.TestCase.settings = effort(0.4, steps=20)
TestLivingArchive = LivingArchive.TestCase
