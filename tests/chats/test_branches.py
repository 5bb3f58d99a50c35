"""Turns that were cut off by sending an earlier prompt again are still read from the bytes of a log."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from chatcask.assistants.vscode.reading.branches import cut_turns
from chatcask.assistants.vscode.reading.parse import parse_chat
from chatcask.catalog.catalog import Catalog
from chatcask.chats.branches import with_cut_turns
from chatcask.chats.compare import compare_digests
from chatcask.chats.digest import Aspect, digest_turn
from chatcask.monitor import NullMonitor
from chatcask.ops.browse.chat_change import TurnDelta
from chatcask.ops.browse.diff_chats import diff_chats
from chatcask.ops.browse.history import chat_history
from chatcask.ops.browse.read_chat import read_chat, with_branches
from chatcask.ops.browse.snapshot_folder import SnapshotFolder
from chatcask.repository.snapshots import StoredSnapshot
from chatcask_cli.reports.chat_changes import turn_sum
from support.chat_strategies import chat, line, log_of, parsed, request, summary_of_bytes
from support.worlds import World

CUT = line(2, ["requests"], v=[request(9, prompt="Another question?")], i=1)


def test_what_a_resent_prompt_cut_off_is_read_in_its_place() -> None:
    data = log_of(chat(3)) + CUT
    cut = cut_turns([data])
    assert [(turn.index, turn.prompt) for turn in cut] == [
        (1, "How bright is lamp 2?"),
        (2, "How bright is lamp 3?"),
    ]
    session = parse_chat(data, "ada-1.jsonl").chat
    assert session is not None
    every = with_cut_turns(session.turns, cut)
    assert [(turn.request_id, turn.is_cut) for turn in every] == [
        ("request_1", False),
        ("request_2", True),
        ("request_9", False),
        ("request_3", True),
    ]
    assert summary_of_bytes(data).cut_turns == 2


def test_a_turn_that_is_there_again_was_not_cut_off() -> None:
    data = log_of(chat(2)) + line(2, ["requests"], i=1) + line(2, ["requests"], v=[request(2)])
    assert cut_turns([data]) == ()


def test_a_log_that_was_written_anew_has_lost_them_and_the_history_says_so(tmp_path: Path) -> None:
    world = World(tmp_path)
    name = "w1/chatSessions/ada-1.jsonl"
    value = chat(1)
    value["requests"].append(request(9, prompt="Another question?"))
    for data in (log_of(chat(3)), log_of(chat(3)) + CUT, log_of(value)):
        world.write({name: data})
        world.take()
    with world.open() as repository, Catalog(repository) as catalog:
        stored = [StoredSnapshot(one, repository.load(one)) for one in repository.snapshots()]
        events = [version.events for version in chat_history(catalog, "ada-1", stored, NullMonitor())]
        folders = [SnapshotFolder(one, "") for one in stored[1:]]
        (change,) = diff_chats(catalog, *folders, monitor=NullMonitor())
        (file,) = catalog.chats(stored[1].snapshot.root)
        readable = with_branches(catalog, file, read_chat(catalog, file))
    assert "dropped_branches" in events[2]
    assert (change.dropped_turns, change.turns) == (2, ())
    text = "".join(readable.render("md"))
    assert "How bright is lamp 3?" in text
    assert "cut off when an earlier prompt was sent again" in text


def test_a_turn_that_was_taken_back_differs_in_that_and_in_nothing_else() -> None:
    shown = parsed(chat(2)).chat
    value = chat(2)
    value["requests"][1]["shouldBeRemovedOnSend"] = {"requestId": "request_2"}
    hidden = parsed(value).chat
    assert shown is not None
    assert hidden is not None
    sides = [tuple(map(digest_turn, session.turns)) for session in (shown, hidden)]
    (change,), unchanged = compare_digests(*sides)
    assert (change.aspects, unchanged) == ((Aspect.TAKEN_BACK,), 1)
    for is_taken_back, words in ((True, "1 turn taken back"), (False, "1 turn shown again")):
        delta = TurnDelta(change.kind, 2, 2, None, None, "", change.aspects, None, False, is_taken_back)
        assert turn_sum([delta]) == words


@given(st.lists(st.binary(max_size=60), max_size=6), st.booleans())
def test_no_bytes_keep_it_from_ending(lines: list[bytes], is_chat: bool) -> None:
    first = log_of(chat(2)) if is_chat else b""
    cut_turns([first + b"\n".join(lines)])
