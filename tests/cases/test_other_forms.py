"""Whole chats under another suffix or encoding, or nested deeply, are read and restored."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chatcask.assistants.vscode.reading.parse import parse_chat
from chatcask_cli.demo import folder as fictional
from support.console import Console

SESSION = fictional.session_id("retry")
FORMS = ["flat", "line", "utf-16"]


def _body(console: Console) -> Path:
    return next((console.editor / "User" / "workspaceStorage").glob(f"*/chatSessions/{SESSION}.jsonl"))


def _in_form(data: bytes, form: str) -> bytes:
    if form == "utf-16":
        return data.decode().encode("utf-16")
    parsed = parse_chat(data, "a.jsonl")
    assert parsed.chat is not None
    return json.dumps(parsed.chat.raw, indent=2 if form == "flat" else None).encode()


@pytest.mark.parametrize("form", FORMS)
def test_a_chat_in_another_form_is_listed_shown_and_fixed(console: Console, form: str) -> None:
    body = _body(console)
    sound = body.read_bytes()
    before = parse_chat(sound, "a.jsonl").chat
    assert before is not None
    body.write_bytes(_in_form(sound, form))
    assert console.run("snapshot").code == 0
    (listed,) = [c for c in console.run("sessions", "--json").document["sessions"] if c["session"] == SESSION]
    assert listed["turns"] == len(before.turns)
    assert before.turns[0].prompt in console.run("show", SESSION).text
    assert console.run("doctor", "--fix").code == 0
    after = parse_chat(body.read_bytes(), "a.jsonl")
    assert after.report.opens
    assert after.chat is not None
    assert [turn.prompt for turn in after.chat.turns] == [turn.prompt for turn in before.turns]


@pytest.mark.parametrize("form", FORMS)
def test_a_stored_chat_in_another_form_is_restored_so_that_it_opens(console: Console, form: str) -> None:
    body = _body(console)
    sound = body.read_bytes()
    body.write_bytes(_in_form(sound, form))
    assert console.run("snapshot").code == 0
    body.unlink()
    assert console.run("restore", SESSION).code == 0
    restored = parse_chat(body.read_bytes(), body.name)
    assert restored.report.opens


def test_a_chat_nested_deeply_is_restored_byte_for_byte(console: Console) -> None:
    body = _body(console)
    deep = '{"a":[' * 700 + "]}" * 700
    line = f'{{"kind":1,"k":["requests",0,"result","metadata","deep"],"v":{deep}}}\n'
    data = body.read_bytes() + b'{"kind":1,"k":["requests",0,"result"],"v":{"metadata":{}}}\n' + line.encode()
    body.write_bytes(data)
    assert console.run("snapshot").code == 0
    assert console.run("show", SESSION).code == 0
    body.unlink()
    assert console.run("restore", SESSION).code == 0
    assert body.read_bytes() == data
