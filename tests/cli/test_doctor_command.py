"""`chatcask doctor` in the hands of somebody who lost a chat: without a store, folded, with an exit code."""

from __future__ import annotations

import json
import shlex
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from chatcask_cli.demo import folder as fictional
from support.console import Console
from support.restore_world import START
from support.transcripts import transcript

RETRY = fictional.session_id("retry")


def lose_entry(console: Console, session: str) -> None:
    for database in (console.editor / "User" / "workspaceStorage").glob("*/state.vscdb"):
        with closing(sqlite3.connect(database)) as connection, connection:
            key = (fictional.INDEX_KEY,)
            value = connection.execute("SELECT value FROM ItemTable WHERE key = ?", key).fetchone()[0]
            index = json.loads(value)
            index["entries"].pop(session, None)
            values = (json.dumps(index), *key)
            connection.execute("UPDATE ItemTable SET value = ? WHERE key = ?", values)


def test_a_look_and_a_dry_run_need_no_store_and_make_none(console: Console) -> None:
    lose_entry(console, RETRY)
    report = console.run("doctor")
    assert report.code == 0
    assert f"chatcask doctor --fix {RETRY}" in report.text
    dry = console.run("doctor", "--fix", "--dry-run")
    assert dry.code == 0
    assert "would mend 1 finding" in dry.text
    assert not console.store.exists()
    assert console.run("doctor", "--fix").code == 0
    assert "not listed" not in console.run("doctor").text


def test_commands_have_the_options_that_were_given(console: Console, tmp_path: Path) -> None:
    folder, store = tmp_path / "with a space", tmp_path / "other store"
    shutil.move(console.editor, folder)
    lose_entry(console, RETRY)
    given = ("--store", store, "--user-data-dir", folder)
    assert console.run("snapshot", *given).code == 0
    console.editor = folder
    lose_entry(console, RETRY)
    told = f"chatcask doctor --fix {RETRY} --store '{store}' --user-data-dir '{folder}'"
    assert f"    {told}\n" in console.run("doctor", *given).text
    (finding,) = (
        row for row in console.run("doctor", "--json", *given).document["findings"] if row["session"] == RETRY
    )
    assert finding["command"] == told
    fixed = console.run(*shlex.split(told)[1:])
    assert fixed.code == 0
    (undo,) = (line for line in fixed.text.splitlines() if "undo" in line)
    command = undo.partition('"')[2].partition('"')[0]
    assert console.run(*shlex.split(command)[1:], "--yes").code == 0


def test_the_exit_code_tells_of_findings_only_when_asked(console: Console) -> None:
    shutil.rmtree(console.editor / "User" / "workspaceStorage")
    (console.editor / "User" / "workspaceStorage").mkdir()
    assert console.run("doctor", "--exit-code").code == 0
    shutil.rmtree(console.editor)
    fictional.build_folder(console.editor, START)
    lose_entry(console, RETRY)
    assert console.run("doctor").code == 0
    assert console.run("doctor", "--exit-code").code == 1


def test_show_reads_the_transcript_where_the_file_holds_no_turns(console: Console) -> None:
    (body,) = (console.editor / "User" / "workspaceStorage").glob(f"*/chatSessions/{RETRY}.jsonl")
    told = body.parent.parent / "GitHub.copilot-chat" / "transcripts" / body.name
    told.parent.mkdir(parents=True)
    told.write_bytes(transcript("How many oars?", "And sails?"))
    for stub in (b"", b'{"kind":0,"v":{"version":3,"requests":[]}}\n'):
        body.write_bytes(stub)
        assert console.run("snapshot").code == 0
        shown = console.run("show", RETRY)
        assert shown.code == 0
        assert "How many oars?" in shown.text
        assert "read_file" in shown.text
        assert "transcript" in shown.err
        assert "attachments" in shown.err
    assert "mended" in console.run("doctor", "--fix", RETRY).text
    console.run("snapshot")
    whole = console.run("show", RETRY)
    assert "Rebuilt: " in whole.text
    assert "the file of this chat holds no turns" not in whole.err


def test_folders_that_are_not_there_are_one_line(console: Console) -> None:
    storage = console.editor / "User" / "workspaceStorage"
    one = next(path for path in storage.iterdir() if (path / "workspace.json").exists())
    for number in range(8):
        copy = storage / f"{number:032x}"
        shutil.copytree(one, copy)
        (copy / "workspace.json").write_text(json.dumps({"folder": f"file:///home/ada/gone/{number}"}))
    folded, whole = console.run("doctor").text, console.run("doctor", "-v").text
    assert folded.count("orphaned") == 1
    assert "10 folders with" in folded
    assert whole.count("  orphaned  ") == 10
    assert len(console.run("doctor", "--json").document["findings"]) == 10
