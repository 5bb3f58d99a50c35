"""A chat of which only the Copilot extension's transcript was ever saved is listed, read and rebuilt."""

from __future__ import annotations

from pathlib import Path

from chatcask_cli.demo import folder as fictional
from support.console import Console
from support.restore_world import START
from support.transcripts import transcript

RETRY = fictional.session_id("retry")


def test_it_is_listed_read_and_built_again(tmp_path: Path) -> None:
    console = Console(tmp_path)
    fictional.build_folder(console.editor, START)
    (body,) = (console.editor / "User" / "workspaceStorage").glob(f"*/chatSessions/{RETRY}.jsonl")
    told = body.parent.parent / "GitHub.copilot-chat" / "transcripts" / body.name
    told.parent.mkdir(parents=True)
    told.write_bytes(transcript("How many oars?", "And sails?"))
    body.unlink()
    assert console.run("snapshot").code == 0
    rows = {row["session"]: row for row in console.run("sessions", "--json").document["sessions"]}
    assert rows[RETRY]["only_transcript"]
    assert rows[RETRY]["turns"] == 2
    assert rows[RETRY]["title"] == "Retry for the beacon client"
    assert sum(row["only_transcript"] for row in rows.values()) == 1
    assert "only a transcript is left" in console.run("sessions").text
    assert "only a transcript" not in console.run("sessions", "--deleted").text
    for name in (RETRY, RETRY[:6].upper(), "Retry for the beacon"):
        assert "How many oars?" in console.run("show", name).text
    refused = console.run("restore", RETRY)
    assert refused.code == 15
    assert f"chatcask doctor --fix {RETRY}" in refused.err
    assert console.run("doctor", "--fix", RETRY).code == 0
    assert body.is_file()
    assert console.run("snapshot").code == 0
    rows = {row["session"]: row for row in console.run("sessions", "--json").document["sessions"]}
    assert not rows[RETRY]["only_transcript"]
    assert rows[RETRY]["turns"] == 2
