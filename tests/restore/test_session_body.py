"""The file that is written is one that VS Code opens, saves and keeps; the list changes by one entry only."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcask.assistants.vscode.chat_list.edit import (
    drop_entry,
    listed_entry,
    put_entry,
    session_uri,
    without_archived,
)
from chatcask.assistants.vscode.reading.parse import parse_chat
from chatcask.assistants.vscode.writing.body import ended_body, is_safe, plain_name, rewritten_body
from chatcask.chats import jsontext
from chatcask.chats.summary import summarize
from chatcask.errors import InvalidInputError
from support import vscode_view
from support.effort import effort

EXAMPLES = Path(__file__).parent.parent / "data" / "examples"
ID = "3f2b8c1e-7a64-4d0b-9c5e-5b8a1d2e6f70"
NEW = "0a1b2c3d-1111-4222-8333-444455556666"


def session(**fields: Any) -> bytes:
    whole = {
        "version": 3,
        "sessionId": ID,
        "creationDate": 5,
        "responderUsername": "Copilot",
        "initialLocation": "panel",
        "customTitle": "Beacon",
        "requests": [request()],
    }
    whole |= fields
    return json.dumps({"kind": 0, "v": {k: v for k, v in whole.items() if v is not ...}}).encode() + b"\n"


def request(**fields: Any) -> dict[str, Any]:
    made = {
        "requestId": "request_1",
        "timestamp": 7,
        "message": {"text": "Why?", "parts": [{"kind": "text", "text": "Why?"}]},
        "response": [{"value": "Because."}],
        "modelState": {"value": 1, "completedAt": 8},
    }
    return {key: value for key, value in (made | fields).items() if value is not ...}


def rewritten(data: bytes, session_id: str = ID) -> Any:
    found = parse_chat(data, f"{ID}.jsonl").chat
    assert found is not None
    body = rewritten_body(found, session_id, created_ms=99)
    assert body.name == f"{session_id}.jsonl"
    assert body.data.count(b"\n") == 1
    assert body.data.endswith(b"\n")
    assert is_safe(body.data, ".jsonl", session_id) or not body.chat.turns
    return vscode_view.replay(body.data)


def test_the_examples_may_stay_as_they_are() -> None:
    for suffix in (".json", ".jsonl"):
        assert is_safe((EXAMPLES / f"{ID}{suffix}").read_bytes(), suffix, ID)
    assert is_safe(session(), ".jsonl", ID)


@pytest.mark.parametrize(
    "data",
    [
        session().rstrip(b"\n"),
        session() + b'{"kind":1',
        session(sessionId=NEW),
        session(sessionId=...),
        session(customTitle=...),
        session(customTitle=""),
        session(creationDate=...),
        session(responderUsername=...),
        session(initialLocation="terminal"),
        session(requests=[request(modelState={"value": 0})]),
        session(requests=[request(modelState={"value": 4})]),
        session(requests=[request(), None]),
        session(requests=[request(usedContext={"documents": 5})]),
        session(requests=...),
        b"",
    ],
)
def test_what_the_editor_could_not_go_on_with_is_not_kept(data: bytes) -> None:
    assert not is_safe(data, ".jsonl", ID)


def test_a_sound_session_is_rewritten_as_it_is() -> None:
    assert rewritten(session()) == vscode_view.replay(session())


def test_missing_fields_are_filled_from_what_is_known() -> None:
    whole = rewritten(session(creationDate=..., responderUsername=..., customTitle=..., initialLocation=...))
    assert whole["creationDate"] == 7
    assert whole["responderUsername"] == "GitHub Copilot"
    assert whole["customTitle"] == "Why?"
    assert whole["initialLocation"] == "panel"
    assert rewritten(session(creationDate=..., requests=[]))["creationDate"] == 99


@pytest.mark.parametrize(("state", "after"), [(0, 2), (4, 2), (1, 1), (2, 2), (3, 3), ("?", 1)])
def test_no_response_stays_pending(state: Any, after: int) -> None:
    whole = rewritten(session(requests=[request(modelState={"value": state})]))
    assert whole["requests"][0]["modelState"]["value"] == after


def test_what_cannot_be_revived_is_put_right_and_unknown_fields_stay() -> None:
    odd = [
        request(message={"text": "No parts"}, own=[1, {"x": 2.50}]),
        request(message=..., response="One text"),
        request(usedContext={"documents": 5}, response=...),
        5,
    ]
    whole = rewritten(session(requests=odd, newField={"a": [1]}))
    assert whole["requests"][0]["message"] == "No parts"
    assert whole["requests"][0]["own"] == [1, {"x": 2.5}]
    assert whole["requests"][1]["response"] == ["One text"]
    assert "usedContext" not in whole["requests"][2]
    assert len(whole["requests"]) == 3
    assert whole["newField"] == {"a": [1]}


def test_a_copy_has_a_new_id_wherever_the_editor_put_the_old_one() -> None:
    old_hex = session_uri(ID).encode().hex()
    mention = f"the text {ID} stays"
    odd = request(
        response=[
            {"value": mention},
            {"resource": {"external": f"vscode-chat-response-resource://{old_hex}/tool/1/0"}},
            {"sessionResource": session_uri(ID), "sessionId": ID},
        ]
    )
    whole = rewritten(session(requests=[odd]), NEW)
    text = json.dumps(whole)
    assert whole["sessionId"] == NEW
    assert whole["customTitle"] == "Restored: Beacon"
    assert old_hex not in text
    assert session_uri(ID) not in text
    assert session_uri(NEW).encode().hex() in text
    assert whole["requests"][0]["response"][0]["value"] == mention
    assert whole["requests"][0]["response"][2] == {"sessionResource": session_uri(NEW), "sessionId": NEW}
    assert rewritten(session(customTitle="Restored: Beacon"), NEW)["customTitle"] == "Restored: Beacon"


identifiers = st.one_of(st.just(...), st.none(), st.text(max_size=4), st.sampled_from(["request_1", "r", ID]))


@given(ids=st.lists(st.tuples(identifiers, identifiers), min_size=1, max_size=6), hidden=st.integers(0, 5))
@effort(0.5)
def test_a_copy_shares_no_id_with_its_chat_and_no_two_turns_share_one(
    ids: list[tuple[Any, Any]], hidden: int
) -> None:
    requests = [request(requestId=one, responseId=other, note=one) for one, other in ids]
    marked = ids[hidden % len(ids)][0]
    for item in requests:
        item["shouldBeRemovedOnSend"] = {"requestId": None if marked is ... else marked}
        item["message"] = {"text": str(marked), "parts": []}
    data = session(requests=requests)
    copied = rewritten(data, NEW)["requests"]
    for before, after in zip(requests, copied, strict=True):
        assert after["message"] == before["message"]
        assert after.get("note") == before.get("note")
        assert before.keys() == after.keys()
    for name in ("requestId", "responseId"):
        old = [item[name] for item in requests if item.get(name)]
        new = [item[name] for item in copied if item.get(name)]
        assert len(old) == len(new) == len(set(new))
        assert not set(old) & set(new)
    if isinstance(marked, str) and marked:
        first = next(
            n for n, item in enumerate(requests) if marked in (item.get("requestId"), item.get("responseId"))
        )
        target = copied[first]
        pointed = copied[0]["shouldBeRemovedOnSend"]["requestId"]
        assert pointed in (target.get("requestId"), target.get("responseId"))
    assert rewritten(data, NEW)["requests"] == copied
    assert rewritten(data, ID)["requests"] == requests


def test_an_ended_log_is_the_same_log() -> None:
    data = session()
    assert ended_body(data.rstrip(b"\n"), ID).data == data


@pytest.mark.parametrize(
    "name", ["", ".", "..", "a/b", "a\\b", "a:b", "nul\0", "x\n", "end.", "end ", "\udc80"]
)
def test_ids_that_are_no_file_names_are_refused(name: str) -> None:
    with pytest.raises(InvalidInputError):
        plain_name(name)


json_values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**60), 2**60),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=5),
    st.sampled_from([[], {}, [1, {"a": []}], {"sessionId": "x", "entries": {"y": 1}}]),
)
entries = st.dictionaries(
    st.text(max_size=4),
    st.builds(
        lambda title, date, more: {**more, "sessionId": "s", "title": title, "lastMessageDate": date},
        st.text(max_size=5),
        st.integers(-(2**60), 2**60),
        st.dictionaries(st.text(min_size=1, max_size=3), json_values, max_size=2),
    ),
    max_size=4,
)
layouts = st.sampled_from([{"indent": None}, {"indent": 2}, {"indent": 0, "ensure_ascii": False}])


@effort(0.6)
@given(held=entries, key=st.text(max_size=6), layout=layouts, extra=st.booleans())
def test_one_entry_changes_and_no_byte_of_another(
    held: dict[str, Any], key: str, layout: dict[str, Any], *, extra: bool
) -> None:
    index = {"version": 1, "entries": held} | ({"entriesLike": {"entries": {}}} if extra else {})
    text = json.dumps(index, **layout)
    entry = {"sessionId": key, "title": "T", "lastMessageDate": 5}
    put = put_entry(text, entry)
    assert json.loads(put) == {**index, "entries": {**held, key: entry}}
    assert list(json.loads(put)["entries"]) == list({**held, key: entry})
    dropped = drop_entry(put, key)
    assert json.loads(dropped)["entries"] == {k: v for k, v in held.items() if k != key}
    if key not in held and held:
        assert dropped == text
    for other, value in held.items():
        if other != key:
            written = json.dumps({other: value}, **layout).strip("{}\n ")
            assert written.replace(" ", "").replace("\n", "") in put.replace(" ", "").replace("\n", "")


@given(
    marks=st.lists(st.dictionaries(st.sampled_from(["resource", "archived", "x"]), json_values), max_size=3)
)
def test_only_the_mark_of_the_chat_is_changed(marks: list[dict[str, Any]]) -> None:
    own = {"resource": session_uri(ID), "archived": True, "pinned": True}
    text = json.dumps([*marks, own, *marks], indent=1)
    changed = without_archived(text, ID)
    assert json.loads(changed) == [*marks, own | {"archived": False}, *marks]
    assert without_archived(changed, ID) == changed
    assert without_archived(json.dumps(marks), ID) == json.dumps(marks)


@pytest.mark.parametrize("text", ["", "{", "[1, 2", "null", '{"resource": 1}', "[[]]"])
def test_marks_of_another_shape_are_left_alone(text: str) -> None:
    assert without_archived(text, ID) == text


def test_a_captured_entry_is_kept_but_for_what_would_hide_it() -> None:
    summary = summarize(parse_chat(session(), f"{ID}.jsonl"), ID)
    captured = {
        "sessionId": "old",
        "title": "As captured",
        "lastMessageDate": 3,
        "isEmpty": True,
        "initialLocation": "terminal",
        "lastResponseState": 4,
        "stats": {"fileCount": 2},
        "own": [1],
    }
    entry = listed_entry(captured, summary, ID, "Beacon")
    assert entry == {
        **captured,
        "sessionId": ID,
        "isEmpty": False,
        "initialLocation": "panel",
        "isExternal": False,
        "lastResponseState": 2,
        "timing": {"created": 5, "lastRequestStarted": 7, "lastRequestEnded": 8},
    }
    assert [key for key in entry if key in captured] == list(captured)
    assert jsontext.loads(put_entry(None, entry))["entries"] == {ID: entry}
