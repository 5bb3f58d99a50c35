"""A chat whose file the editor emptied is among the lost, and every command names its full version."""

from __future__ import annotations

import shlex
from pathlib import Path

from chatcask.assistants.vscode.reading.parse import parse_chat
from chatcask_cli.demo import folder as fictional
from support.console import Console
from support.restore_world import START

SESSION = fictional.session_id("retry")
STUBS = [
    b'{"kind":0,"v":{"version":3,"sessionId":"%s","creationDate":1,"requests":[]}}\n' % SESSION.encode(),
    b"",
    b"\0" * 400,
]


def turns(data: bytes) -> list[tuple[int | None, str]]:
    session = parse_chat(data, f"{SESSION}.jsonl").chat
    return [(turn.timestamp_ms, turn.prompt) for turn in session.turns] if session else []


def test_after_the_alarm_has_scrolled_by_it_is_still_found(tmp_path: Path) -> None:
    console = Console(tmp_path)
    fictional.build_folder(console.editor, START)
    (body,) = (console.editor / "User" / "workspaceStorage").glob(f"*/chatSessions/{SESSION}.jsonl")
    whole = body.read_bytes()
    for stub in STUBS:
        body.write_bytes(whole)
        first = console.run("snapshot", "--json").document["snapshot"]
        body.write_bytes(stub)
        second = console.run("snapshot", "--alarm-exit", "--json")
        assert second.code == 4
        (loss,) = second.document["losses"]
        assert (loss["session"], loss["before"], loss["after"]) == (SESSION, 3, 0)
        for option in ("--deleted", "--lost"):
            rows = console.run("sessions", option, "--json").document["sessions"]
            assert [(row["session"], row["turns"]) for row in rows] == [(SESSION, 3)]
        shown = console.run("show", SESSION)
        assert "3 turns on " in shown.err
        assert f"chatcask show {SESSION[:8]}@{first[:12]}" in shown.err
        assert console.run("show", f"{SESSION[:8]}@{first[:12]}").code == 0
        assert console.run(*shlex.split(loss["remedy"])[1:]).code == 0
        assert turns(body.read_bytes()) == turns(whole)
