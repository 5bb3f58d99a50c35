"""Proves that a log replays to the object its writer had, and is refused where the editor refuses it."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcask.assistants.vscode.reading.log import LogError, replay, split_lines
from chatcask.chats import jsontext
from support.chat_strategies import EXAMPLE_ID, EXAMPLES, chat, line, log_of, written_log
from support.effort import effort

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
)
KEYS = st.text(max_size=5)
VALUES = st.recursive(
    SCALARS | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)
OBJECTS = st.dictionaries(KEYS, VALUES, max_size=5)


def test_example_log_and_flat_file_are_the_same_object() -> None:
    flat = json.loads((EXAMPLES / f"{EXAMPLE_ID}.json").read_bytes())
    assert replay([(EXAMPLES / f"{EXAMPLE_ID}.jsonl").read_bytes()]) == flat


@effort(1.5)
@given(st.lists(OBJECTS, min_size=1, max_size=5), st.sets(st.integers(1, 4)), st.integers(1, 40))
def test_any_edits_replay_to_the_last_object(states: list[Any], compacted_at: set[int], piece: int) -> None:
    data = written_log(states, compacted_at)
    pieces = [data[start : start + piece] for start in range(0, len(data), piece)]
    assert replay(pieces) == states[-1]


@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        (line(2, ["a"], v=[9], i=1), {"a": [1, 9]}),
        (line(2, ["a"], i=1), {"a": [1]}),
        (line(2, ["a"], i=0, v=None), {"a": []}),
        (line(2, ["new"], v=[5]), {"a": [1, 2, 3], "new": [5]}),
        (line(2, ["new"]), {"a": [1, 2, 3], "new": []}),
        (line(1, ["a"]), {}),
        (line(3, ["a"]), {}),
        (line(3, ["nothing"]), {"a": [1, 2, 3]}),
        (line(1, ["a"], v=None), {"a": None}),
        (line(1, ["a", 1], v={"b": 0}) + line(1, ["a", 1, "b"], v=7), {"a": [1, {"b": 7}, 3]}),
        (line(1, ["a", 3], v=4), {"a": [1, 2, 3, 4]}),
        (line(1, [], v="whole"), {"a": [1, 2, 3]}),
        (line(0, v={"other": 1}), {"other": 1}),
        (line(1, ["a"], v="x").replace(b"\n", b"\r\n"), {"a": "x"}),
        (b"\n\n" + line(3, ["a"]) + b"\n", {}),
        (line(3, ["a"]).rstrip(b"\n"), {}),
    ],
)
def test_each_kind_of_edit(edits: bytes, expected: Any) -> None:
    assert replay([log_of({"a": [1, 2, 3]}) + edits]) == expected


@pytest.mark.parametrize(
    "bad",
    [
        b'{"kind":1,"k":["a"],"v":"to',
        line(1, ["a"], v=1).rstrip() + line(1, ["a"], v=2),
        line(1, ["none", "deeper"], v=1),
        line(1, ["a", 0, "b"], v=1),
        line(2, ["a", 0], v=[1]),
        line(2, ["a"], v=[1], i=-1),
        line(2, ["a"], v=[1], i=10**9),
        line(1, ["a", "first"], v=1),
        line(1, ["a", 10**12], v=1),
        line(4, ["a"], v=1),
        line(1, None, v=1),
        b"null\n",
        b"[]\n",
        b'{"kind":true,"v":{}}\n',
        b'{"kind":1,"k":["a"],"v":NaN}\n',
        b" \r\n",
        b"\0\0\0\n",
        b"[" * 100_000 + b"\n",
    ],
)
def test_a_bad_line_is_refused_with_its_number(bad: bytes) -> None:
    with pytest.raises(LogError) as caught:
        replay([log_of({"a": [1, 2, 3]}) + b"\n" + bad])
    assert caught.value.line == 3
    assert caught.value.message.startswith("line 3: ")


@pytest.mark.parametrize("data", [b"", b"\n\n", line(1, ["a"], v=1), line(0)])
def test_a_log_without_an_object_is_refused(data: bytes) -> None:
    with pytest.raises(LogError):
        replay([data])


def test_a_refused_edit_leaves_the_object_as_it_was() -> None:
    state = {"a": [1, 2, 3]}
    for bad in (line(2, ["a"], v="text", i=0), line(2, ["a"], i=0.5), line(2, ["a", 0, "b"], v=[1])):
        with pytest.raises(LogError):
            replay([log_of(state) + bad])
    assert replay([log_of(state)]) == state


@given(
    st.binary(max_size=60).map(lambda data: data.replace(b"a", b"\n")),
    st.lists(st.integers(0, 60), max_size=4),
)
def test_lines_do_not_depend_on_how_the_file_is_cut(data: bytes, cuts: list[int]) -> None:
    places = [0, *sorted(cut for cut in cuts if cut <= len(data)), len(data)]
    pieces = [data[start:end] for start, end in pairwise(places)]
    lines = list(split_lines(pieces))
    assert lines == list(split_lines([data]))
    assert b"".join(item.data + b"\n" * item.ended for item in lines) == data
    assert all(data[item.offset :].startswith(item.data) for item in lines)


def test_numbers_keep_their_digits_and_surrogates_their_escape() -> None:
    text = '{"whole":12345678901234567890123,"half":"\\ud83d","pair":"\U0001f388","far":1e999}'
    value = jsontext.loads(text)
    assert value["whole"] == 12345678901234567890123
    assert value["half"] == "\ud83d"
    assert jsontext.dumps(value) == text.replace("1e999", "null")


def test_equal_values_have_one_canonical_text() -> None:
    assert jsontext.canonical({"b": [1], "a": "\ud800"}) == jsontext.canonical({"a": "\ud800", "b": [1]})


@pytest.mark.parametrize("depth", [jsontext.MAX_DEPTH, jsontext.MAX_DEPTH + 1])
def test_nesting_is_limited(depth: int) -> None:
    text = "[" * depth + "]" * depth
    if depth <= jsontext.MAX_DEPTH:
        assert jsontext.dumps(jsontext.loads(text)) == text
    else:
        with pytest.raises(jsontext.JsonTextError):
            jsontext.loads(text)


def test_replay_holds_one_line_at_a_time() -> None:
    pulled = []

    def source() -> Any:
        for number, data in enumerate(
            [log_of(chat(1)), line(1, ["customTitle"], v="one"), b"broken\n", b"late\n"]
        ):
            pulled.append(number)
            yield data

    with pytest.raises(LogError):
        replay(source())
    assert pulled == [0, 1, 2]
