"""Transcripts of the Copilot extension are read as chats, however torn, and written as chats that open."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from chatcask.assistants.vscode.reading.build import build_chat
from chatcask.assistants.vscode.reading.transcript import REBUILT_PREFIX, read_transcript, rebuilt
from chatcask.assistants.vscode.writing.body import is_safe, rewritten_body
from chatcask.chats.model import MarkdownPart, ThinkingPart, ToolCallPart, TurnState
from support.transcripts import event, transcript

ID = "55555555-aaaa-4bbb-8ccc-000000000001"

_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
_names = st.sampled_from(
    ["content", "attachments", "toolRequests", "toolCallId", "name", "arguments", "toolName", "success",
     "result", "error", "reasoningText", "startTime"]
)  # fmt: skip
_events = st.fixed_dictionaries(
    {
        "type": st.sampled_from(
            ["session.start", "user.message", "assistant.turn_start", "assistant.message",
             "tool.execution_start", "tool.execution_complete", "assistant.turn_end", "later.kind"]
        ),
        "data": st.dictionaries(_names, _values, max_size=4) | _values,
    },
    optional={"id": _values, "timestamp": _values | st.just("2026-08-19T05:00:01.013Z")},
)  # fmt: skip


def test_prompts_answers_thoughts_and_tools_are_read() -> None:
    found = read_transcript(transcript("How many oars?", "And sails?"), ID)
    assert found.chat is not None
    assert [turn.prompt for turn in found.chat.turns] == ["How many oars?", "And sails?"]
    thought, call, answer = found.chat.turns[0].parts
    assert isinstance(thought, ThinkingPart)
    assert isinstance(call, ToolCallPart)
    assert (call.tool, call.output, call.is_complete) == ("read_file", "oar,7", True)
    assert call.input == '{"filePath":"/boats/stock.csv"}'
    assert isinstance(answer, MarkdownPart)
    assert answer.text == "Answer 1."
    assert [turn.state for turn in found.chat.turns] == [TurnState.COMPLETE] * 2
    assert (found.turns, found.left_out) == (2, 0)


def test_a_failed_tool_says_why() -> None:
    data = {"toolCallId": "x", "success": False, "error": {"message": "no such file"}}
    lines = event("user.message", content="Read it") + event("tool.execution_complete", **data)
    chat = read_transcript(lines, ID).chat
    assert chat is not None
    (call,) = chat.turns[0].parts
    assert isinstance(call, ToolCallPart)
    assert call.output == "no such file"


def test_an_answer_that_breaks_off_counts_as_cancelled_and_the_torn_line_is_told() -> None:
    whole = transcript("How many oars?", "And sails?")
    torn = whole[: whole.rindex(b"assistant.message") + 30]
    found = read_transcript(torn, ID)
    assert found.chat is not None
    assert [turn.state for turn in found.chat.turns] == [TurnState.COMPLETE, TurnState.CANCELLED]
    assert found.left_out == 1
    assert "1 unreadable line" in found.missing


def test_a_rebuilt_chat_says_so_and_opens() -> None:
    raw = rebuilt(read_transcript(transcript("How many oars?"), ID), "Oars in stock")
    assert raw is not None
    chat = build_chat(raw, ID)
    assert chat.title == f"{REBUILT_PREFIX}Oars in stock"
    note = chat.turns[0].parts[0]
    assert isinstance(note, MarkdownPart)
    assert "attachments" in note.text
    body = rewritten_body(chat, ID, created_ms=0)
    assert is_safe(body.data, ".jsonl", ID)
    again = rebuilt(read_transcript(transcript("How many oars?"), ID), chat.title)
    assert again is not None
    assert again["customTitle"] == chat.title


def test_nothing_of_a_prompt_is_nothing_to_rebuild() -> None:
    for data in (
        b"",
        b"\0\0\0",
        event("session.start", startTime="x"),
        event("assistant.message", content="a"),
    ):
        found = read_transcript(data, ID)
        assert found.chat is None
        assert rebuilt(found, "Any") is None


@given(st.binary(max_size=200), st.lists(_events, max_size=8), st.data())
def test_any_bytes_and_any_events_are_read_and_what_is_read_can_be_written(
    noise: bytes, events: list[dict[str, Any]], data: st.DataObject
) -> None:
    lines = b"".join(json.dumps(one).encode() + b"\n" for one in events)
    cut = data.draw(st.integers(0, len(lines)))
    found = read_transcript(lines[:cut] + noise, ID)
    prompts = [one for one in events if one["type"] == "user.message" and isinstance(one["data"], dict)]
    assert read_transcript(lines, ID).turns == len(prompts)
    raw = rebuilt(found, "")
    if raw is not None:
        body = rewritten_body(build_chat(raw, ID), ID, created_ms=0)
        assert is_safe(body.data, ".jsonl", ID)
        assert len(body.chat.turns) == found.turns
