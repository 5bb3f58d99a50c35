"""Chats of two snapshots compared: each kind of change is found, nothing is read that is equal."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from chatcask.catalog.catalog import Catalog
from chatcask.catalog.chat_file import ChatFile
from chatcask.chats.compare import MAX_ALIGNED_LINES, unified_lines
from chatcask.chats.parsed import ParsedChat
from chatcask.errors import DamagedError
from chatcask.ops.browse.chat_change import ChatChange, ChatChangeKind
from chatcask.ops.browse.diff_chats import diff_chats, turn_texts
from chatcask.ops.browse.related import find_related
from chatcask.ops.browse.snapshot_folder import snapshot_folder
from chatcask.repository.snapshots import StoredSnapshot
from support.monitors import RecordingMonitor
from support.pasts import CREATED, chat, log, turn, workspace
from support.worlds import World

A, B = "w1/chatSessions/ada1.jsonl", "w1/chatSessions/ada2.jsonl"
OTHER = "w2/chatSessions/ada1.jsonl"


class Past:
    """Two snapshots in memory, and what comparing them read."""

    def __init__(
        self, opened: ExitStack, folder: Path, before: Mapping[str, bytes], after: Mapping[str, bytes]
    ) -> None:
        self.world = World(folder)
        self.monitor = RecordingMonitor()
        snapshots = []
        for files in (before, after):
            self.world.replace_all({"w1/workspace.json": workspace("lighthouse"), **files})
            result = self.world.take()
            assert result.reference
            snapshots.append(StoredSnapshot(result.reference, result.snapshot))
        self.before, self.after = snapshots
        self.repository = opened.enter_context(self.world.open())
        self.catalog = opened.enter_context(_CountingCatalog(self.repository))

    def diff(self, *, within: str = "", session: str | None = None) -> list[ChatChange]:
        old, new = (snapshot_folder(self.repository, side, within) for side in (self.before, self.after))
        return list(diff_chats(self.catalog, old, new, session=session, monitor=self.monitor))

    def only(self) -> ChatChange:
        (change,) = self.diff()
        return change


@pytest.fixture
def opened() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


class _CountingCatalog(Catalog):
    """Notes which files are read."""

    def __init__(self, repository: Any) -> None:
        super().__init__(repository)
        self.parsed: list[str] = []

    def parse(self, file: ChatFile) -> ParsedChat:
        self.parsed.append(file.session)
        return super().parse(file)


def _kinds(change: ChatChange) -> list[tuple[str, int | None, int | None]]:
    return [(str(turn.kind), turn.before, turn.after) for turn in change.turns]


def test_equal_chats_are_not_read(opened: ExitStack, tmp_path: Path) -> None:
    past = Past(opened, tmp_path, {A: log("ada1"), B: log("ada2")}, {A: log("ada1"), B: log("ada2", 3)})
    change = past.only()
    assert (change.session, change.kind, _kinds(change)) == ("ada2", "changed", [("added", None, 3)])
    assert change.unchanged == 2
    assert set(past.catalog.parsed) == {"ada2"}
    same = snapshot_folder(past.repository, past.after, "")
    assert list(diff_chats(past.catalog, same, same, monitor=past.monitor)) == []


def test_turns_added_removed_edited_and_moved_at_once(opened: ExitStack, tmp_path: Path) -> None:
    after = [turn(3), turn(1), turn(2, answer="Another answer.", modelState={"value": 2}), turn(9)]
    past = Past(opened, tmp_path, {A: log("ada1", 5)}, {A: log("ada1", after)})
    change = past.only()
    assert sorted(_kinds(change), key=str) == sorted(
        [("moved", 3, 1), ("edited", 2, 3), ("added", None, 4), ("removed", 4, None), ("removed", 5, None)],
        key=str,
    )
    edited = next(turn for turn in change.turns if turn.kind == "edited")
    assert [str(aspect) for aspect in edited.aspects] == ["response", "state"]
    assert edited.prompt == "How bright is lamp 2?"
    assert edited.request_id == "request_2"


def test_a_chat_that_is_new_or_gone_has_no_list_of_turns(opened: ExitStack, tmp_path: Path) -> None:
    past = Past(
        opened, tmp_path, {A: log("ada1")}, {B: log("ada2", 3, "Other lamps", creationDate=CREATED + 7)}
    )
    changes = {change.kind: change for change in past.diff()}
    gone, new = changes[ChatChangeKind.REMOVED], changes[ChatChangeKind.ADDED]
    assert (gone.side.turn_count, gone.after, gone.turns, gone.elsewhere) == (2, None, (), ())
    assert (new.side.turn_count, new.before, new.side.title) == (3, None, "Other lamps")
    texts = [text.lines for text in turn_texts(past.catalog, new)]
    assert len(texts) == 3
    assert "+How bright is lamp 3?" in texts[2]
    assert all("-How bright is lamp 1?" in text.lines for text in list(turn_texts(past.catalog, gone))[:1])


def test_the_text_of_an_edited_turn(opened: ExitStack, tmp_path: Path) -> None:
    past = Past(
        opened, tmp_path, {A: log("ada1")}, {A: log("ada1", [turn(1), turn(2, answer="It is dark.")])}
    )
    (text,) = turn_texts(past.catalog, past.only())
    assert text.lines[:2] == ("--- turn 2", "+++ turn 2")
    assert "-Lamp 2 has 200 candela." in text.lines
    assert "+It is dark." in text.lines
    assert " How bright is lamp 2?" in text.lines


def test_a_new_title_and_a_chat_that_only_reads_the_same(opened: ExitStack, tmp_path: Path) -> None:
    past = Past(opened, tmp_path, {A: log("ada1")}, {A: log("ada1", title="Lights")})
    change = past.only()
    assert change.has_new_title
    assert not change.reads_the_same
    grown = log("ada1", 1) + json.dumps({"kind": 2, "k": ["requests"], "v": [turn(2)]}).encode() + b"\n"
    again = Past(opened, tmp_path / "b", {A: grown}, {A: log("ada1")})
    assert again.only().reads_the_same


def test_a_move_to_the_newer_form_is_no_difference(opened: ExitStack, tmp_path: Path) -> None:
    flat = json.dumps(chat("ada1")).encode()
    past = Past(opened, tmp_path, {A.replace("jsonl", "json"): flat}, {A: log("ada1")})
    assert past.only().reads_the_same


def test_a_chat_that_moved_to_another_workspace(opened: ExitStack, tmp_path: Path) -> None:
    past = Past(opened, tmp_path, {A: log("ada1")}, {OTHER: log("ada1", 3)})
    change = past.only()
    assert change.kind is ChatChangeKind.MOVED
    assert change.before is not None
    assert (change.before.file.workspace, change.side.file.workspace) == ("w1", "w2")
    assert _kinds(change) == [("added", None, 3)]
    equal = Past(opened, tmp_path / "b", {A: log("ada1")}, {OTHER: log("ada1")})
    assert (equal.only().kind, equal.only().turns) == ("moved", ())


def test_a_copy_in_another_workspace_and_its_end(opened: ExitStack, tmp_path: Path) -> None:
    both = {A: log("ada1"), OTHER: log("ada1")}
    copied = Past(opened, tmp_path, {A: log("ada1")}, both)
    assert copied.only().kind is ChatChangeKind.COPIED
    ended = Past(opened, tmp_path / "b", both, {A: log("ada1")}).only()
    assert ended.kind is ChatChangeKind.REMOVED
    assert [file.workspace for file in ended.elsewhere] == ["w1"]


def test_a_chat_that_can_no_longer_be_read(opened: ExitStack, tmp_path: Path) -> None:
    past = Past(opened, tmp_path, {A: log("ada1")}, {A: b"\0" * 300})
    change = past.only()
    assert change.has_new_state
    assert (change.side.opens, str(change.side.state)) == (False, "unreadable")
    assert [kind for kind, _, _ in _kinds(change)] == ["removed", "removed"]


def test_limits_to_a_folder_and_to_one_chat(opened: ExitStack, tmp_path: Path) -> None:
    past = Past(
        opened, tmp_path, {}, {A: log("ada1"), B: log("ada2"), "w2/chatSessions/ada3.jsonl": log("ada3")}
    )
    assert [change.session for change in past.diff()] == ["ada1", "ada2", "ada3"]
    assert [change.session for change in past.diff(within="code~x")] == []
    source = past.diff()[0].side.file.source
    assert [c.session for c in past.diff(within=f"{source}/workspaces/w2/")] == ["ada3"]
    assert [c.session for c in past.diff(session="ada2")] == ["ada2"]


def test_a_chat_that_the_store_lost_is_a_problem_and_the_others_are_compared(
    opened: ExitStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    past = Past(opened, tmp_path, {A: log("ada1"), B: log("ada2")}, {A: log("ada1", 3), B: log("ada2", 3)})
    parse = past.catalog.parse

    def failing(file: ChatFile) -> ParsedChat:
        if file.session == "ada1":
            raise DamagedError("chunk 00 cannot be read")
        return parse(file)

    monkeypatch.setattr(past.catalog, "parse", failing)
    assert [change.session for change in past.diff()] == ["ada2"]
    (problem,) = past.monitor.problems
    assert (problem.kind, problem.path.endswith("ada1.jsonl")) == ("damaged", True)


def test_a_fork_is_named_with_what_speaks_for_it(opened: ExitStack, tmp_path: Path) -> None:
    forked = [
        turn(number, requestId=f"new_{number}", timestamp=CREATED + 500 + number - 1) for number in (1, 2)
    ]
    fork = log("ada2", forked, "Forked: Lamps", creationDate=CREATED + 500)
    stranger = log("ada9", [turn(50, "Quite another question", "Quite another answer")])
    files = {A: log("ada1", 3), "w1/chatSessions/ada9.jsonl": stranger}
    past = Past(opened, tmp_path, files, {**files, B: fork})
    change = past.only()
    (found,) = find_related(past.catalog, change.side.file, [past.before, past.after], past.monitor)
    assert (found.file.session, str(found.match.relation), found.match.shared_turns) == ("ada1", "fork", 2)
    assert {"turn_content", "fork_title", "fork_times"} <= set(found.match.evidence)


def test_related_chats_in_other_workspaces_are_only_looked_up(opened: ExitStack, tmp_path: Path) -> None:
    far = "w2/chatSessions/ada1.jsonl"
    past = Past(opened, tmp_path, {far: log("ada1", 3)}, {far: log("ada1", 3), B: log("ada2", 3)})
    file = past.only().side.file
    assert find_related(past.catalog, file, [past.before], past.monitor) == []
    assert "ada1" not in past.catalog.parsed
    (origin,) = past.catalog.chats(past.before.snapshot.root)
    past.catalog.summary(origin)
    (found,) = find_related(past.catalog, file, [past.before], past.monitor)
    assert (found.file.session, str(found.match.relation)) == ("ada1", "copy")


def test_very_long_texts_are_compared_without_being_aligned() -> None:
    same = [f"line {number}" for number in range(MAX_ALIGNED_LINES)]
    old, new = [*same, "was", "end"], [*same, "is", "now", "end"]
    lines = list(unified_lines(("a", "\n".join(old)), ("b", "\n".join(new))))
    start = MAX_ALIGNED_LINES + 1
    assert lines == ["--- a", "+++ b", f"@@ -{start},1 +{start},2 @@", "-was", "+is", "+now"]
    assert list(unified_lines(("a", "\n".join(old)), ("b", "\n".join(old)))) == []
    grown = list(unified_lines(("a", "\n".join(same)), ("b", "\n".join([*same, "more"]))))
    assert grown[2:] == [f"@@ -{MAX_ALIGNED_LINES},0 +{start},1 @@", "+more"]
