"""Proves that every version and kind of stored chat becomes the same values and that nothing is lost."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcask.assistants.vscode.places.path_roles import session_of_name
from chatcask.assistants.vscode.places.snapshot_paths import LAYOUT
from chatcask.assistants.vscode.reading.build import build_chat, is_full_chat, upgrade
from chatcask.assistants.vscode.reading.log import MAX_PATH
from chatcask.assistants.vscode.reading.parse import parse_chat
from chatcask.assistants.vscode.reading.parts import read_part
from chatcask.chats import model
from chatcask.chats.jsontext import MAX_DEPTH
from chatcask.chats.parsed import ParseState
from chatcask.chats.render import FORMATS, renderer
from chatcask.chats.summary import summarize, summary_from_json
from support.chat_strategies import CREATED, chat, line, log_of, parsed, prompts, request
from support.effort import effort

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
FIELDS = [
    "requestId",
    "timestamp",
    "message",
    "variableData",
    "response",
    "responseId",
    "modelState",
    "result",
    "agent",
    "slashCommand",
    "modelId",
    "contentReferences",
    "isCanceled",
    "usedContext",
    "modeInfo",
    "shouldBeRemovedOnSend",
]
KINDS = [
    "thinking",
    "toolInvocationSerialized",
    "textEditGroup",
    "notebookEditGroup",
    "codeblockUri",
    "inlineReference",
    "undoStop",
    "progressMessage",
    "command",
    "warning",
    "treeData",
    "confirmation",
    "brandNewKind",
    "markdownVuln",
    "mcpServersStarting",
]
PART_FIELDS = [
    "value",
    "uri",
    "edits",
    "inlineReference",
    "content",
    "command",
    "treeData",
    "name",
    "toolSpecificData",
    "resultDetails",
    "isConfirmed",
    "generatedTitle",
    "reasoningDurationMs",
    "invocationMessage",
]
PARTS = JSON_VALUES | st.builds(
    lambda kind, fields: {"kind": kind, **fields},
    st.sampled_from(KINDS),
    st.dictionaries(st.sampled_from(PART_FIELDS), JSON_VALUES, max_size=4),
)
REQUESTS = st.builds(
    lambda fields, parts: {**fields, "response": parts},
    st.dictionaries(st.sampled_from(FIELDS), JSON_VALUES, max_size=6),
    st.lists(PARTS, max_size=4),
)
CHATS = st.builds(
    lambda top, requests: {**top, "requests": requests},
    st.dictionaries(
        st.sampled_from(
            ["version", "sessionId", "creationDate", "customTitle", "inputState", "pendingRequests"]
        ),
        JSON_VALUES,
        max_size=4,
    ),
    st.lists(JSON_VALUES | REQUESTS, max_size=3),
)


@effort(2.5)
@given(CHATS)
def test_any_object_is_read_shown_and_kept(value: dict[str, Any]) -> None:
    data = json.dumps(value).replace("NaN", "1").replace("-Infinity", "2").replace("Infinity", "3").encode()
    stored = json.loads(data)
    found = parse_chat(data, "grace.json")
    assert found.chat is not None
    assert [turn.raw for turn in found.chat.turns] == [
        item for item in stored["requests"] if isinstance(item, dict)
    ]
    for turn in found.chat.turns:
        response = turn.raw.get("response")
        if isinstance(response, list):
            assert [part.raw for part in turn.parts] == response
    for name in FORMATS:
        "".join(renderer(name)(found.chat)).encode()
    short = summarize(found, "grace")
    assert summary_from_json(json.loads(json.dumps(short.to_json()))) == short


def test_versions_are_upgraded_as_the_editor_does() -> None:
    first = {key: value for key, value in chat(1).items() if key not in ("version", "sessionId")}
    assert build_chat(first, "from-file-name").session_id == "from-file-name"
    assert build_chat(first, "x").custom_title is None
    assert upgrade(first, "x")["version"] == 3
    second = {**chat(1, title="stale"), "version": 2, "computedTitle": "Computed"}
    assert build_chat(second, "x").title == "Computed"
    third = {**chat(1), "initialLocation": "editing-session"}
    assert build_chat(third, "x").location == "panel"
    assert third["initialLocation"] == "editing-session"
    assert build_chat({**chat(1), "creationDate": None}, "x").created_ms is None


def test_old_shapes_of_message_and_response() -> None:
    old = {
        **request(1),
        "message": "plain text",
        "response": ["first ", {"value": "second"}],
        "isCanceled": True,
    }
    del old["modelState"]
    turn = build_chat({**chat(0), "requests": [old]}, "x").turns[0]
    assert turn.prompt == "plain text"
    assert [part.text for part in turn.parts if isinstance(part, model.MarkdownPart)] == ["first ", "second"]
    assert turn.state is model.TurnState.CANCELLED
    single = {
        **old,
        "isCanceled": False,
        "response": "all of it",
        "responseErrorDetails": {"message": "no network"},
    }
    turn = build_chat({**chat(0), "requests": [single]}, "x").turns[0]
    assert (turn.state, turn.error, len(turn.parts)) == (model.TurnState.FAILED, "no network", 1)


@pytest.mark.parametrize(
    ("message", "title"),
    [
        ("first line\nsecond", "first line"),
        ("x" * 300, "x" * 200),
        ("\U0001f388" * 150, "\U0001f388" * 100),
        ("", "New Chat"),
    ],
)
def test_the_title_is_the_first_line_of_the_first_prompt(message: str, title: str) -> None:
    value = {**chat(0, title=None), "requests": [{**request(1), "message": message}]}
    assert build_chat(value, "x").title == title


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ({"kind": "thinking", "value": ["a", "b"]}, model.ThinkingPart("ab", None, None, None)),
        ({"kind": "thinking", "value": "", "id": "t1"}, model.MarkerPart("thinking", None)),
        (
            {
                "kind": "textEditGroup",
                "uri": {"scheme": "file", "path": "/a.py"},
                "edits": [[{"text": "x"}], []],
            },
            model.TextEditPart("file:///a.py", (model.TextEdit(None, None, "x"),), None),
        ),
        (
            {"kind": "codeblockUri", "uri": {"scheme": "untitled", "path": "u"}, "isEdit": True},
            model.CodeBlockUriPart("untitled:u", True, None),
        ),
        (
            {"kind": "inlineReference", "inlineReference": {"uri": {"external": "file:///b.py"}}},
            model.InlineReferencePart("b.py", "file:///b.py", None),
        ),
        ({"kind": "undoStop", "id": "1"}, model.MarkerPart("undoStop", None)),
        ({"kind": "warning", "content": {"value": "hot"}}, model.NoticePart("warning", "hot", None)),
        ({"kind": "command", "command": {"id": "x.y"}}, model.CommandPart("x.y", "x.y", None)),
        ({"kind": "somethingNew", "value": 1}, model.UnknownPart("somethingNew", None)),
        ({"label": "src", "children": [{"label": "a.py"}]}, model.TreePart("src\n  a.py", None)),
        ({"treeData": {"label": "docs"}}, model.TreePart("docs", None)),
        (17, model.UnknownPart("unknown", None)),
    ],
)
def test_parts(raw: Any, expected: Any) -> None:
    part = read_part(raw)
    assert part.raw == raw
    assert type(part) is type(expected)
    names = [name for name in type(part).__slots__ if name != "raw"]
    assert [getattr(part, name) for name in names] == [getattr(expected, name) for name in names]


def test_a_tool_call_of_any_age() -> None:
    raw = {
        "kind": "toolInvocationSerialized",
        "toolId": "run_in_terminal",
        "invocationMessage": "Running",
        "pastTenseMessage": {"value": "Ran"},
        "isComplete": True,
        "toolSpecificData": {
            "kind": "terminal",
            "commandLine": {"original": "make", "userEdited": "make -j2"},
        },
        "resultDetails": {
            "input": "make",
            "output": [{"value": "ok"}, {"mimeType": "image/png", "isText": False}],
        },
    }
    for confirmed, expected in (
        (None, None),
        (True, model.Confirmation.USER),
        (False, model.Confirmation.DENIED),
        ({"type": 3}, model.Confirmation.AUTO_APPROVED),
        ({"type": 99}, None),
    ):
        part = read_part({**raw, "isConfirmed": confirmed})
        assert isinstance(part, model.ToolCallPart)
        assert part.confirmation is expected
        assert (part.message, part.command, part.input, part.output) == (
            "Ran",
            "make -j2",
            "make",
            "ok\n[image/png]",
        )


def test_attachments_keep_names_places_and_images() -> None:
    image = base64.b64encode(b"\x89PNG").decode()
    variables = [
        {"kind": "file", "name": "lamp.py", "value": {"scheme": "file", "path": "/lamp.py"}},
        {"kind": "image", "name": "beam.png", "mimeType": "image/png", "value": {"$base64": image}},
        {"kind": "image", "name": "old.png", "value": {"0": 0x89, "1": 0x50, "2": 0x4E, "3": 0x47}},
        {"kind": "paste", "name": "note", "value": "pasted words"},
        "odd",
    ]
    value = {**chat(0), "requests": [{**request(1), "variableData": {"variables": variables}}]}
    found = build_chat(value, "x").turns[0].attachments
    assert [item.name for item in found] == ["lamp.py", "beam.png", "old.png", "note", "variable"]
    assert found[0].uri == "file:///lamp.py"
    assert [item.base64 for item in found] == [None, image, image, None, None]
    assert found[3].text == "pasted words"
    assert [item.raw for item in found] == variables


@pytest.mark.parametrize("value", [{}, {"requests": {}}, {"responderUsername": "x"}, [], 1, None, "text"])
@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
def test_what_is_no_chat_is_unreadable(value: Any, name: str) -> None:
    found = parsed(value, name)
    assert (found.state, found.chat) == (ParseState.UNREADABLE, None)
    assert found.report.reason
    assert not found.report.opens


@pytest.mark.parametrize("data", [b"", b"\n", b"\n\n\n"])
def test_a_file_without_text_is_empty(data: bytes) -> None:
    assert parse_chat(data, "a.jsonl").state is ParseState.EMPTY


def test_a_request_that_is_no_object_is_left_out_and_told() -> None:
    found = parsed({**chat(2), "requests": [request(1), None, request(2)]})
    assert len(prompts(found)) == 2
    assert [drop.kind for drop in found.report.dropped] == ["not_a_turn"]
    assert found.state is ParseState.SALVAGED


def test_file_names() -> None:
    assert session_of_name("s-1.jsonl") == "s-1"
    assert LAYOUT.preferred_file(["s.json", "s.jsonl"]) == "s.jsonl"
    assert LAYOUT.preferred_file([]) is None
    assert parse_chat(json.dumps(chat(1)).encode(), "x/S.JSON").state is ParseState.SOUND


def test_full_sessions_are_those_the_editor_saves_again() -> None:
    assert is_full_chat(chat(2))
    assert not is_full_chat({**chat(2), "creationDate": "2026"})
    assert not is_full_chat({key: value for key, value in chat(2).items() if key != "responderUsername"})
    assert not is_full_chat({**chat(0), "requests": [{**request(1), "usedContext": {"documents": 5}}]})


def test_numbers_beyond_counting_are_no_times() -> None:
    value = chat(1)
    value["creationDate"] = 10**400
    value["requests"][0]["timestamp"] = -(10**17)
    value["requests"][0]["response"] = [{"kind": "thinking", "value": "x", "reasoningDurationMs": 10**400}]
    found = parsed(value)
    assert found.chat is not None
    assert (found.chat.created_ms, found.chat.turns[0].timestamp_ms) == (None, None)
    for name in FORMATS:
        assert "".join(renderer(name)(found.chat))


def test_the_deepest_chat_that_is_read_can_be_shown() -> None:
    deep: Any = 0
    for _ in range(MAX_DEPTH - 8):
        deep = [deep]
    value = chat(1)
    value["requests"][0]["response"] += [
        {"kind": "odd", "x": deep},
        {"kind": "textEditGroup", "uri": "a", "edits": deep},
    ]
    path = ["requests", 0, "response", 1, "x", *[0] * (MAX_PATH - 5)]
    edit = line(1, path, v=deep) + line(
        2, ["requests", 0, "response"], v=[{"label": "src", "children": [{"label": "a"}]}]
    )
    found = parse_chat(log_of(value) + edit, "a.jsonl")
    assert found.state is ParseState.SOUND
    assert found.chat is not None
    for name in FORMATS:
        assert "".join(renderer(name)(found.chat))
    assert summarize(found, "a").turn_count == 1


def test_draft_and_queue_are_kept() -> None:
    value = {
        **chat(1),
        "inputState": {"inputText": "half a thought"},
        "pendingRequests": [{"request": {"message": {"text": "next one"}}}],
        "creationDate": CREATED,
    }
    session = build_chat(value, "x")
    assert (session.draft, session.queued) == ("half a thought", ("next one",))
