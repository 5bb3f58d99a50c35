"""Turns that "edit and resend" cut off go when the editor writes a log anew; it is told how to read them."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

from support.console import Console
from support.state_database import make_database
from support.worlds import chat

SESSION = "0a1b2c3d-1111-4222-8333-444455556666"


def test_the_log_and_the_diff_name_what_reads_them(tmp_path: Path) -> None:
    console = Console(tmp_path)
    folder = console.editor / "User" / "workspaceStorage" / ("0123456789abcdef" * 2)
    (folder / "chatSessions").mkdir(parents=True)
    (folder / "workspace.json").write_text('{"folder": "file:///home/ada/lamps"}')
    make_database(folder / "state.vscdb", {"some.row": "1"})
    body = folder / "chatSessions" / f"{SESSION}.jsonl"
    other = json.loads(chat(1, session=SESSION, flat=True))["requests"]
    other[0] |= {"requestId": "request_9", "message": {"text": "Another question?", "parts": []}}
    cut = json.dumps({"kind": 2, "k": ["requests"], "i": 1, "v": other}) + "\n"
    body.write_bytes(chat(3, session=SESSION) + cut.encode())
    kept = console.run("snapshot", "--json").document["snapshot"]
    anew = json.loads(chat(3, session=SESSION, flat=True))
    anew["requests"] = [anew["requests"][0], *other]
    body.write_text(json.dumps({"kind": 0, "v": anew}) + "\n")
    after = console.run("snapshot", "--alarm-exit", "--json")
    assert after.code == 0
    assert after.document["losses"] == []
    command = f"chatcask show {SESSION[:8]}@{kept[:12]} --all-branches"
    for arguments in (("log", SESSION), ("diff", "latest~1", "latest"), ("diff", "--session", SESSION)):
        assert f"to read them: {command}" in console.run(*arguments).text
    shown = console.run(*shlex.split(command)[1:])
    assert "question 2" in shown.text
    assert "question 2" not in console.run("show", SESSION).text
