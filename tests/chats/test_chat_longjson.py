"""A long object read in pieces is the object that reading it at once gives, or is left to that."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcask.assistants.vscode.reading import longjson
from chatcask.assistants.vscode.reading.longjson import read_long_object
from chatcask.assistants.vscode.reading.parse import parse_chat
from chatcask.chats import jsontext
from chatcask.chats.parsed import ParsedChat
from support.chat_strategies import chat, copied, line, log_of, request
from support.effort import effort

TEXTS = st.text(
    st.sampled_from('ab"\\{}[],:é→🚨\n\t0') | st.characters(exclude_categories=["Cs"]), max_size=12
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)
NAMES = st.sampled_from(["v", "requests", "a"])
OBJECTS = st.dictionaries(NAMES, st.dictionaries(NAMES, st.lists(VALUES, max_size=5) | VALUES) | VALUES)
PATH = ("v", "requests")


@effort(3)
@given(OBJECTS, st.integers(1, 40), st.sampled_from([None, 1]), st.booleans())
def test_pieces_give_the_same_object(value: Any, window: int, indent: int | None, ascii_only: bool) -> None:
    data = json.dumps(value, indent=indent, ensure_ascii=ascii_only).encode()
    found = read_long_object(data, PATH, window=window)
    assert found == jsontext.loads(data.decode())
    assert json.dumps(found) == json.dumps(value)


@effort(3)
@given(OBJECTS, st.integers(1, 40), st.data())
def test_damaged_text_is_never_read_otherwise(value: Any, window: int, data: st.DataObject) -> None:
    text = bytearray(json.dumps(value, ensure_ascii=False).encode())
    place = data.draw(st.integers(0, len(text) - 1))
    if data.draw(st.booleans()):
        del text[place:]
    else:
        text[place] = data.draw(st.integers(0, 255))
    found = read_long_object(bytes(text), PATH, window=window)
    if found is None:
        return
    assert json.dumps(found) == json.dumps(jsontext.loads(bytes(text).decode()))


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "[]", "1", "{1:2}", '{"v":{', '{"v":1,}', '{"v" 1}', '{"v":1} x'),
        *('{"v":{"requests":[1,]}}', '{"v":{"requests":[1 2]}}', '{"v":{"requests":[NaN]}}'),
        '{"v":{"requests":[' + "[" * 130 + "]" * 130 + "]}}",
        '{"v":{"requests":[' + "[" * 126 + "]" * 126 + "]}}",
    ],
)
def test_what_is_left_to_the_ordinary_reader(text: str) -> None:
    assert read_long_object(text.encode(), PATH, window=3) is None


def test_of_two_equal_names_the_last_counts() -> None:
    text = '{"v":{"requests":[1],"requests":[2]},"a":1,"a":2}'
    assert read_long_object(text.encode(), PATH) == jsontext.loads(text)


def _both_ways(data: bytes, name: str, monkeypatch: pytest.MonkeyPatch) -> tuple[ParsedChat, ParsedChat]:
    ordinary = parse_chat(data, name)
    monkeypatch.setattr(longjson, "LONG", 1)
    return ordinary, parse_chat(data, name)


WHOLE = log_of(chat(3))


@pytest.mark.parametrize(
    "data",
    [
        WHOLE,
        WHOLE + line(2, ["requests"], v=[request(9)]),
        b"\xef\xbb\xbf" + WHOLE,
        WHOLE.rstrip(b"\n") + WHOLE,
        WHOLE[:-30],
        WHOLE + b"\0\0\0",
        WHOLE.replace(b"candela", b"cand\xffela", 1),
        WHOLE.replace(b"candela", "\U0001f6a8".encode()),
        line(2, ["requests"], v=[request(9)]) + line(1, ["customTitle"], v="x"),
        line(0, v=[]) + WHOLE,
        b'{"kind":7}\n' + WHOLE,
        b" \n" + WHOLE,
    ],
)
def test_a_log_is_the_same_chat_with_the_same_findings(data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    ordinary, long = _both_ways(data, "ada-1.jsonl", monkeypatch)
    assert long == ordinary


@pytest.mark.parametrize("cut", [None, -1, -40, 0])
@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"])
def test_a_flat_file_is_the_same_chat(cut: int | None, start: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    data = start + json.dumps(copied(chat(3)), indent=1).encode()[:cut]
    ordinary, long = _both_ways(data, "ada-1.json", monkeypatch)
    assert long == ordinary


def test_a_line_that_really_is_long_is_read_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    value_at = jsontext.value_at

    def noting(text: str, position: int) -> tuple[Any, int]:
        read.append(len(text))
        return value_at(text, position)

    monkeypatch.setattr(jsontext, "value_at", noting)
    answer = "Bright \U0001f6a8 " * 40_000
    data = log_of(chat(0) | {"requests": [request(number, answer=answer) for number in range(1, 25)]})
    assert len(data) > longjson.LONG
    parsed = parse_chat(data, "ada-1.jsonl")
    assert parsed.chat is not None
    assert len(parsed.chat.turns) == 24
    assert max(read) < 4 * 1024 * 1024
