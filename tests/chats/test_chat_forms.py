"""The form of a file is judged by what it holds: a whole chat under another suffix is never "lost"."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcask.assistants.vscode.reading.parse import parse_chat
from chatcask.assistants.vscode.writing.body import is_safe
from chatcask.chats.parsed import ParsedChat
from support.worlds import appended_turn, chat

LOG = chat(2, title="Beacon") + appended_turn(2)
PRETTY = chat(3, title="Beacon", flat=True)
LINE = json.dumps(json.loads(PRETTY)).encode()
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"]


def _shown(parsed: ParsedChat) -> list[tuple[str, Any]]:
    assert parsed.chat is not None, parsed.report
    return [(turn.prompt, turn.parts) for turn in parsed.chat.turns]


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("suffix", [".json", ".jsonl"])
@pytest.mark.parametrize("data", [LOG, PRETTY, LINE], ids=["log", "pretty", "line"])
def test_a_chat_is_read_whole_in_every_form(data: bytes, suffix: str, encoding: str) -> None:
    text = data.decode().encode(encoding)
    parsed = parse_chat(text, f"a{suffix}")
    assert [prompt for prompt, _ in _shown(parsed)] == ["question 0", "question 1", "question 2"]
    as_named = (data == LOG) is (suffix == ".jsonl")
    is_utf8 = encoding.startswith("utf-8")
    assert parsed.report.opens is (as_named and is_utf8), "what the editor makes of it does not change"
    assert parsed.report.dropped == ()
    assert as_named or any(note.kind == "other_form" for note in parsed.report.notes)
    assert is_utf8 or any(note.kind == "other_encoding" for note in parsed.report.notes)
    if not (as_named and is_utf8):
        assert not is_safe(text, suffix, "a"), "it is written anew, in the form that the editor opens"


@given(st.sampled_from([LOG, PRETTY, LINE]), st.sampled_from(ENCODINGS), st.data())
def test_pieces_may_be_cut_anywhere(data: bytes, encoding: str, draw: st.DataObject) -> None:
    text = data.decode().encode(encoding)
    cuts = sorted(draw.draw(st.lists(st.integers(0, len(text)), max_size=4)))
    pieces: Iterable[bytes] = (text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True))
    assert parse_chat(pieces, "a.jsonl") == parse_chat(text, "a.jsonl")


@given(st.binary(max_size=64), st.sampled_from([LOG, PRETTY]), st.sampled_from([".json", ".jsonl"]))
def test_a_torn_chat_in_another_form_gives_what_it_has(tail: bytes, data: bytes, suffix: str) -> None:
    parsed = parse_chat(data[: len(data) * 2 // 3] + tail, f"a{suffix}")
    if data is PRETTY:
        assert parsed.chat is not None
        assert parsed.chat.turns


@pytest.mark.parametrize("suffix", [".json", ".jsonl"])
@pytest.mark.parametrize("depth", [129, 200, 990, 1500, 100_000])
def test_what_is_nested_too_deeply_is_left_out_and_the_chat_is_read(depth: int, suffix: str) -> None:
    deep = '{"a":[' * (depth // 2) + '"]}"' + "]}" * (depth // 2)
    state = json.loads(PRETTY)
    state["requests"][1]["result"] = {"metadata": "HERE"}
    text = json.dumps({"kind": 0, "v": state} if suffix == ".jsonl" else state).replace('"HERE"', deep) + "\n"
    parsed = parse_chat(text.encode(), f"a{suffix}")
    assert [prompt for prompt, _ in _shown(parsed)] == ["question 0", "question 1", "question 2"]
    assert parsed.report.opens, "the editor has no such limit"
    assert parsed.report.is_shortened
    assert parsed.report.dropped == ()
    assert is_safe(text.encode(), suffix, "a"), "so its own bytes can be put back"
