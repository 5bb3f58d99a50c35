"""Proves that the editor's list of sessions is judged and extended exactly as the editor does it."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcask.assistants.vscode.chat_list.read import build_entry, read_index, with_entry
from chatcask.assistants.vscode.reading.parse import parse_chat
from chatcask.assistants.vscode.state.items import INDEX_KEY
from chatcask.chats.summary import summarize
from chatcask.errors import InvalidInputError
from support.chat_strategies import EXAMPLE_ID, EXAMPLES, GENUINE, chat, summary

EXAMPLE = (EXAMPLES / "chat.ChatSessionStore.index.json").read_text("utf-8")
GOOD: dict[str, Any] = {"sessionId": "a", "title": "A", "lastMessageDate": 5, "initialLocation": "panel"}


def index_text(**entries: Any) -> str:
    return json.dumps({"version": 1, "entries": entries})


def test_the_example() -> None:
    index = read_index(EXAMPLE)
    assert index.is_valid
    assert [(entry.key, entry.is_listed) for entry in index.entries] == [
        (EXAMPLE_ID, True),
        ("copilotcli:/0d9c7c55-1111-4222-8333-944455556666", False),
    ]


@pytest.mark.parametrize(
    "bad",
    [
        {**GOOD, "title": None},
        {**GOOD, "lastMessageDate": "5"},
        {**GOOD, "lastMessageDate": True},
        {"title": "A", "lastMessageDate": 5},
        None,
        [],
        "text",
    ],
)
def test_one_bad_entry_discards_all(bad: Any) -> None:
    index = read_index(index_text(good=GOOD, bad=bad))
    assert index.problem is not None
    assert "'bad'" in index.problem
    assert [entry.key for entry in index.entries] == ["good"]
    with pytest.raises(InvalidInputError):
        with_entry(index_text(good=GOOD, bad=bad), GOOD)


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        "null",
        '{"version":2,"entries":{}}',
        '{"version":1}',
        '{"version":true,"entries":{}}',
        "[" * 9999,
    ],
)
def test_what_is_no_index(text: str) -> None:
    assert not read_index(text).is_valid


@pytest.mark.parametrize("text", [None, "", '{"version":1,"entries":{}}', '{"version":1.0,"entries":{}}'])
def test_empty_indexes_are_valid(text: str | None) -> None:
    assert read_index(text).is_valid
    assert read_index(text).entries == ()


@pytest.mark.parametrize(
    ("fields", "listed"),
    [
        ({}, True),
        ({"isEmpty": False, "isExternal": False}, True),
        ({"isExternal": True}, False),
        ({"isEmpty": True}, False),
        ({"initialLocation": None}, False),
        ({"initialLocation": "terminal"}, False),
    ],
)
def test_which_entries_are_listed(fields: dict[str, Any], listed: bool) -> None:
    (entry,) = read_index(index_text(a={**GOOD, **fields})).entries
    assert entry.is_listed is listed
    assert (entry.hidden_because is None) is listed


def test_an_entry_without_place_is_hidden() -> None:
    entry = {key: value for key, value in GOOD.items() if key != "initialLocation"}
    assert not read_index(index_text(a=entry)).entries[0].is_listed


def test_a_built_entry_makes_the_session_listed() -> None:
    text = with_entry(EXAMPLE, build_entry(summary(chat(3))))
    entry = read_index(text).entry("ada-1")
    assert entry is not None
    assert entry.is_listed
    assert entry.raw == {
        "sessionId": "ada-1",
        "title": "Lamps of the lighthouse",
        "lastMessageDate": 1_780_300_980_000,
        "timing": {
            "created": 1_780_300_800_000,
            "lastRequestStarted": 1_780_300_980_000,
            "lastRequestEnded": 1_780_300_980_900,
        },
        "initialLocation": "panel",
        "hasPendingEdits": False,
        "isEmpty": False,
        "isExternal": False,
        "lastResponseState": 1,
    }


def test_an_unfinished_answer_counts_as_cancelled() -> None:
    value = chat(1)
    value["requests"][0]["modelState"] = {"value": 0}
    assert build_entry(summary(value))["lastResponseState"] == 2


@given(st.dictionaries(st.text(max_size=8), st.dictionaries(st.text(max_size=5), st.integers()), max_size=5))
def test_other_entries_keep_order_and_unknown_fields(extra: dict[str, Any]) -> None:
    entries = {key: {**value, **GOOD} for key, value in extra.items() if key != "new"}
    before = json.dumps({"odd": 1, "version": 1, "entries": entries, "later": [2]})
    after = with_entry(before, {**GOOD, "sessionId": "new"})
    value = json.loads(after)
    assert list(value["entries"]) == [*entries, "new"]
    del value["entries"]["new"]
    assert json.dumps(value) == before


def test_genuine_indexes_agree_with_what_is_built_from_the_files() -> None:
    count = 0
    for database in sorted(GENUINE.rglob("state.vscdb")):
        folder = database.parent / (
            "emptyWindowChatSessions" if "global" in str(database) else "chatSessions"
        )
        connection = sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)
        row = connection.execute("SELECT value FROM ItemTable WHERE key = ?", (INDEX_KEY,)).fetchone()
        connection.close()
        if row is None:
            continue
        index = read_index(row[0])
        assert index.is_valid
        for entry in index.entries:
            path = folder / f"{entry.key}.jsonl"
            built = build_entry(summarize(parse_chat(path.read_bytes(), path.name), entry.key))
            assert built == {name: entry.raw[name] for name in built}
            count += 1
    assert count == 5
