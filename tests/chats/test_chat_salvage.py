"""Proves that damaged files give back exactly what they still hold, never a turn that was not written."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcask.assistants.vscode.reading.log import LogError, replay
from chatcask.assistants.vscode.reading.parse import parse_chat
from chatcask.chats.parsed import ParseState, Report
from support.chat_strategies import (
    EXAMPLE_ID,
    EXAMPLES,
    chat,
    grown_log,
    line,
    log_of,
    prompts,
    request,
)
from support.effort import effort

GROWN = grown_log()
EXAMPLE = (EXAMPLES / f"{EXAMPLE_ID}.jsonl").read_bytes()
FLAT = json.dumps(chat(4), indent=2).encode()


def states_of(data: bytes) -> list[Any]:
    """The object after each whole line."""
    lines = data.splitlines(keepends=True)
    return [replay([b"".join(lines[:count])]) for count in range(1, len(lines) + 1)]


GROWN_STATES = states_of(GROWN)
EVERY_TURN = {json.dumps(turn, sort_keys=True) for state in GROWN_STATES for turn in state["requests"]}


def turns(data: bytes, name: str = "ada-1.jsonl") -> list[Any]:
    found = parse_chat(data, name)
    return found.chat.raw["requests"] if found.chat else []


def dropped_bytes(report: Report) -> int:
    """How many bytes of the file were left out; where stretches overlap, each byte once."""
    total = reached = 0
    for drop in sorted(report.dropped, key=lambda item: item.offset):
        end = drop.offset + drop.length
        total += max(0, end - max(reached, drop.offset))
        reached = max(reached, end)
    return total


@effort(2)
@given(st.integers(0, len(GROWN)))
def test_a_log_cut_anywhere_gives_the_state_after_its_last_whole_line(cut: int) -> None:
    data = GROWN[:cut]
    found = parse_chat(data, "ada-1.jsonl")
    whole = data.count(b"\n") + (GROWN[cut : cut + 1] == b"\n")
    if not data:
        assert found.state is ParseState.EMPTY
    elif not whole:
        assert found.state is ParseState.UNREADABLE
        assert [drop.kind for drop in found.report.dropped] == ["torn"]
    else:
        assert turns(data) == GROWN_STATES[whole - 1]["requests"]
        torn = 0 if GROWN[cut : cut + 1] == b"\n" else len(data) - (data.rfind(b"\n") + 1)
        assert dropped_bytes(found.report) == torn
        assert (found.state is ParseState.SOUND) == (torn == 0)


@given(st.integers(1, len(GROWN) - 2))
def test_a_log_without_its_start_gives_only_turns_that_were_written(cut: int) -> None:
    found = parse_chat(GROWN[cut:], "ada-1.jsonl")
    assert found.report.has_header == (b"\n{" not in GROWN[cut - 1 : -1])
    assert not found.report.opens
    assert {json.dumps(turn, sort_keys=True) for turn in turns(GROWN[cut:])} <= EVERY_TURN


@effort(3)
@given(st.integers(0, len(GROWN) - 1), st.integers(1, 255))
def test_a_changed_byte_never_raises_and_spares_the_lines_before_it(place: int, change: int) -> None:
    data = bytearray(GROWN)
    data[place] ^= change
    found = parse_chat(bytes(data), "ada-1.jsonl")
    hit = GROWN.count(b"\n", 0, place)
    try:
        strict = replay([bytes(data)])
    except LogError:
        assert found.state is not ParseState.SOUND
        assert found.report.has_header or not hit
        lines = bytes(data).splitlines(keepends=True)
        if hit and not _is_entry(b"".join(lines[hit : hit + 1])) and GROWN[place] != 10 and data[place] != 10:
            assert turns(bytes(data)) == GROWN_STATES[hit - 1]["requests"]
    else:
        if isinstance(strict, dict) and isinstance(strict.get("requests"), list) and found.chat:
            assert found.chat.raw["requests"] == strict["requests"]


def _is_entry(data: bytes) -> bool:
    try:
        return isinstance(json.loads(data), dict)
    except ValueError:
        return False


@effort(2)
@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode(errors="replace")))
def test_no_bytes_raise(data: bytes) -> None:
    for name in ("a.json", "a.jsonl", "a"):
        found = parse_chat(data, name)
        assert found.report.size == len(data)
        assert dropped_bytes(found.report) <= len(data)


@effort(2)
@given(st.integers(0, len(FLAT)))
def test_a_flat_file_cut_anywhere_gives_its_whole_requests(cut: int) -> None:
    data = FLAT[:cut]
    expected = chat(4)["requests"]
    found = parse_chat(data, "ada-1.json")
    kept = turns(data, "ada-1.json")
    assert kept == expected[: len(kept)]
    for count in range(1, 5):
        end = FLAT.find(json.dumps(expected[count - 1]["modelState"]["completedAt"]).encode())
        closed = FLAT.find(b"\n    }", end) + len(b"\n    }")
        assert (cut >= closed) == (len(kept) >= count)
    if cut == len(FLAT):
        assert found.state is ParseState.SOUND
    elif found.chat:
        assert found.state is ParseState.SALVAGED
        created = found.chat.created_ms
        assert created in (None, chat()["creationDate"])


def test_a_number_at_the_cut_is_not_kept() -> None:
    data = b'{"version":3,"requests":[],"creationDate":17803'
    found = parse_chat(data, "ada-1.json")
    assert found.chat is not None
    assert found.chat.created_ms is None
    assert found.report.dropped[0].offset == len(b'{"version":3,"requests":[]')


def test_a_torn_last_line_is_named_by_line_offset_and_length() -> None:
    torn = b'{"kind":1,"k":["customTitle"],"v":"Bea'
    found = parse_chat(GROWN + torn, "ada-1.jsonl")
    (drop,) = found.report.dropped
    assert (drop.kind, drop.first_line, drop.offset, drop.length) == ("torn", 15, len(GROWN), len(torn))
    assert len(prompts(found)) == 4
    assert not found.report.opens


def test_fused_lines_both_count() -> None:
    fused = line(2, ["requests"], v=[request(5)]).rstrip(b"\n") + line(1, ["customTitle"], v="Fused")
    found = parse_chat(GROWN + fused, "ada-1.jsonl")
    assert found.chat is not None
    assert (len(found.chat.turns), found.chat.title) == (5, "Fused")
    assert [note.kind for note in found.report.notes] == ["fused_lines"]
    assert (found.state, found.report.opens, found.report.dropped) == (ParseState.SALVAGED, False, ())
    with pytest.raises(LogError):
        replay([GROWN + fused])


@pytest.mark.parametrize("rest", [b"1", b'{"kind":7}', b"[]", b'"text"', b"{}"])
def test_values_that_are_no_entries_are_malformed(rest: bytes) -> None:
    for before in (GROWN, GROWN + line(3, ["draft"]).rstrip()):
        found = parse_chat(before + rest + b"\n", "a.jsonl")
        assert [(drop.kind, drop.offset, drop.length) for drop in found.report.dropped] == [
            ("malformed", len(before), len(rest))
        ]
        assert len(prompts(found)) == 4


def test_a_torn_line_fused_with_the_next_ends_what_is_known() -> None:
    torn = line(2, ["requests"], v=[request(5)])[:60] + line(1, ["customTitle"], v="Later")
    found = parse_chat(GROWN + torn + line(1, ["customTitle"], v="Latest"), "ada-1.jsonl")
    assert found.chat is not None
    assert found.chat.title == "Lamps of the lighthouse"
    assert [drop.kind for drop in found.report.dropped] == ["malformed", "after_gap"]
    assert dropped_bytes(found.report) == len(torn) - 1 + len(line(1, ["customTitle"], v="Latest")) - 1


def test_edits_after_a_lost_line_are_not_applied_but_a_later_whole_session_is() -> None:
    lines = GROWN.splitlines(keepends=True)
    lines[4] = b"#" + lines[4][1:]
    broken = b"".join(lines)
    assert turns(broken) == GROWN_STATES[3]["requests"]
    found = parse_chat(broken + log_of(chat(2)), "ada-1.jsonl")
    assert len(prompts(found)) == 2
    assert found.state is ParseState.SALVAGED


@pytest.mark.parametrize("zeros", [1, 4096])
def test_zeros_at_the_end_are_left_out(zeros: int) -> None:
    found = parse_chat(GROWN + b"\0" * zeros, "ada-1.jsonl")
    assert turns(GROWN + b"\0" * zeros) == GROWN_STATES[-1]["requests"]
    assert [(drop.kind, drop.length) for drop in found.report.dropped] == [("null_bytes", zeros)]


def test_zeros_in_place_of_lines_end_what_is_known() -> None:
    lines = GROWN.splitlines(keepends=True)
    hole = b"".join(lines[:4]) + b"\0" * len(b"".join(lines[4:8])) + b"".join(lines[8:])
    assert turns(hole) == GROWN_STATES[3]["requests"]


def test_only_zeros_are_unreadable() -> None:
    for name in ("a.json", "a.jsonl"):
        assert parse_chat(b"\0" * 100, name).state is ParseState.UNREADABLE


def test_a_lost_header_gives_the_turns_that_were_appended_whole() -> None:
    headless = b"".join(EXAMPLE.splitlines(keepends=True)[1:])
    found = parse_chat(headless, f"{EXAMPLE_ID}.jsonl")
    assert found.chat is not None
    assert [turn.request_id for turn in found.chat.turns] == ["request_a1", "request_b2"]
    assert found.chat.session_id == EXAMPLE_ID
    assert found.chat.title == "Retry for the beacon client"
    assert not found.report.has_header
    assert [drop.kind for drop in found.report.dropped] == ["no_header"]


def test_an_edit_whose_kind_became_zero_does_not_replace_the_session() -> None:
    bad = line(0, ["requests", 0, "modelState"], v={"value": 1})
    assert turns(GROWN + bad) == GROWN_STATES[-1]["requests"]


def test_a_byte_order_mark_and_bad_utf8_are_noted_and_cost_nothing() -> None:
    for name, data in (("a.jsonl", GROWN), ("a.json", FLAT)):
        marked = parse_chat(b"\xef\xbb\xbf" + data, name)
        assert (marked.state, marked.report.opens, len(prompts(marked))) == (ParseState.SALVAGED, True, 4)
        bad = parse_chat(data.replace(b"How bright", b"How b\xffight", 1), name)
        assert [note.kind for note in bad.report.notes] == ["invalid_utf8"]
        assert prompts(bad)[0].startswith("How b\ufffdight")


def test_places_are_counted_in_bytes() -> None:
    fused = line(1, ["a"], v="lämp \U0001f388").replace(b"\\u00e4", "ä".encode()).rstrip()
    wrong = '{"kind":1,"k":["no","no"],"v":"ü"}'.encode()
    late = b'{"kind":3,"k":["x"]}'
    for mark in (b"", b"\xef\xbb\xbf"):
        found = parse_chat(GROWN + mark + fused + wrong + late + b"\n", "a.jsonl")
        start = len(GROWN + mark + fused)
        assert [(drop.kind, drop.offset, drop.length) for drop in found.report.dropped] == [
            ("misplaced", start, len(wrong)),
            ("after_gap", start + len(wrong), len(late)),
        ]


def test_windows_line_ends_are_sound() -> None:
    assert parse_chat(GROWN.replace(b"\n", b"\r\n"), "a.jsonl").state is ParseState.SOUND


def test_text_after_a_flat_object_is_left_out() -> None:
    found = parse_chat(FLAT + b"\n}garbage", "a.json")
    assert len(prompts(found)) == 4
    assert [(drop.kind, drop.length) for drop in found.report.dropped] == [("trailing", 9)]


@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
def test_deep_nesting_is_unreadable_not_a_crash(name: str) -> None:
    deep = b'{"kind":0,"v":' + b'{"requests":[' * 60_000
    assert parse_chat(deep, name).state is ParseState.UNREADABLE


def test_what_is_sound_is_what_the_editor_reads() -> None:
    for edit in (
        line(1, ["customTitle"], v="x"),
        line(2, ["requests"], i=1),
        line(1, ["requests", 9, "x"], v=1),
    ):
        try:
            replay([GROWN + edit])
            opens = True
        except LogError:
            opens = False
        assert (parse_chat(GROWN + edit, "a.jsonl").state is ParseState.SOUND) == opens
