"""Two editors have chats of one id, as after settings were copied: each named command means the right one."""

from __future__ import annotations

import shlex
from datetime import timedelta
from pathlib import Path

from chatcask.assistants.vscode.reading.parse import parse_chat
from chatcask_cli.demo import folder as fictional
from support.console import Console
from support.restore_world import START

SESSION = fictional.session_id("fog")


def body(editor: Path) -> Path:
    (found,) = (editor / "User" / "workspaceStorage").glob(f"*/chatSessions/{SESSION}.jsonl")
    return found


def turns(data: bytes) -> list[tuple[int | None, str]]:
    session = parse_chat(data, f"{SESSION}.jsonl").chat
    return [(turn.timestamp_ms, turn.prompt) for turn in session.turns] if session else []


def test_alarm_doctor_and_fix_mean_the_editor_that_lost_it(tmp_path: Path) -> None:
    console = Console(tmp_path)
    fictional.build_folder(console.editor, START)
    fictional.build_folder(console.editor.with_name("VSCodium"), START + timedelta(days=1))
    ours = body(console.editor)
    whole, others = ours.read_bytes(), body(console.editor.with_name("VSCodium")).read_bytes()
    assert console.run("snapshot").code == 0
    ours.write_bytes(whole[: len(whole) * 2 // 3])
    (loss,) = console.run("snapshot", "--json").document["losses"]
    assert loss["remedy"].startswith(f"chatcask restore code/{SESSION[:8]}@")
    assert console.run(*shlex.split(loss["remedy"])[1:]).code == 0
    assert turns(ours.read_bytes()) == turns(whole)
    ours.write_bytes(whole[: len(whole) * 2 // 3])
    assert console.run("doctor", "--fix", SESSION).code == 0
    shown = console.run("snapshot", "--json")
    assert shown.code == 0
    assert turns(ours.read_bytes()) == turns(whole)
    ours.unlink()
    fictional.lose_chat(console.editor, fictional.session_id("retry"))
    for backup in console.editor.rglob("state.vscdb.backup"):
        backup.unlink()
    found = {row["session"]: row for row in console.run("doctor", "--json").document["findings"]}
    command = found[fictional.session_id("retry")]["command"]
    assert command.startswith("chatcask restore code/")
    assert console.run(*shlex.split(command)[1:]).code == 0
    assert body(console.editor.with_name("VSCodium")).read_bytes() == others
