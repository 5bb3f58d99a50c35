"""The commands restore, undo and doctor, as processes of their own on a folder of a made-up editor."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chatcask_cli.demo import folder as fictional
from support import vscode_view
from support.console import Console

START = datetime(2026, 6, 1, 8, tzinfo=UTC)
RETRY, FOG = fictional.session_id("retry"), fictional.session_id("fog")


@pytest.fixture
def console(tmp_path: Path) -> Console:
    made = Console(tmp_path)
    fictional.build_folder(made.editor, START)
    assert made.run("snapshot").code == 0
    return made


def sessions(console: Console) -> set[str]:
    return {session for _, session in vscode_view.view(console.editor)}


def test_a_lost_chat_comes_back_in_three_commands(console: Console) -> None:
    fictional.lose_chat(console.editor, RETRY)
    assert RETRY not in sessions(console)
    assert console.run("snapshot").code == 0
    assert RETRY[:8] in console.run("sessions", "--deleted").text
    done = console.run("restore", RETRY[:8])
    assert done.code == 0, done.err
    assert "restored 'Retry for the beacon client' (3 turns)" in done.text
    assert "chatcask undo" in done.text
    assert RETRY in sessions(console)


def test_restore_says_what_it_would_do_and_does_it(console: Console) -> None:
    fictional.lose_chat(console.editor, RETRY)
    dry = console.run("restore", "Retry for the beacon client", "--dry-run")
    assert dry.code == 0
    assert "write " in dry.text
    assert "lastMessageDate: - -> " in dry.text
    assert "nothing was changed" in dry.text
    assert RETRY not in sessions(console)
    done = console.run("restore", f"{RETRY[:8]}@latest", "--json").document
    assert done["session"] == RETRY
    assert done["changed"] is True
    assert [file["action"] for file in done["files"]] == ["write"]
    assert {field["field"] for field in done["fields"]} >= {
        "sessionId",
        "title",
        "lastMessageDate",
        "isEmpty",
    }
    assert done["target"]["source"] == "code"
    assert done["safety_snapshot"]
    again = console.run("restore", RETRY, "--json").document
    assert again["changed"] is False
    assert again["safety_snapshot"] is None


def test_another_version_is_refused_copied_or_replaced(console: Console) -> None:
    (body,) = console.editor.rglob(f"{RETRY}.jsonl")
    lines = body.read_bytes().splitlines(keepends=True)
    body.write_bytes(b"".join(lines[:4]))
    refused = console.run("restore", RETRY)
    assert refused.code == 1
    assert "there: 1 turn" in refused.err
    assert "--as-copy" in refused.err
    assert console.run("restore", RETRY, "--as-copy", "--replace").code == 2
    copy = console.run("restore", RETRY, "--as-copy", "--json").document["session"]
    assert {copy, RETRY} <= sessions(console)
    assert console.run("restore", f"{RETRY}@latest~1", "--replace").code == 0
    assert body.read_bytes() != b"".join(lines[:4])
    assert console.run("undo", "--yes").code == 0
    assert body.read_bytes() == b"".join(lines[:4])


def test_undo_asks_and_without_a_terminal_refuses(console: Console) -> None:
    assert console.run("undo", "--yes").code == 15
    fictional.lose_chat(console.editor, RETRY)
    console.run("restore", RETRY)
    refused = console.run("undo")
    assert refused.code == 2
    assert "remove " in refused.text
    assert "--yes" in refused.err
    assert RETRY in sessions(console)
    assert console.run("undo", "--dry-run", "--json").document["changed"] is False
    assert RETRY in sessions(console)
    undone = console.run("undo", "--yes", "--json").document
    assert undone["undone"] == "restore"
    assert undone["changed"] is True
    assert RETRY not in sessions(console)


def test_doctor_reports_and_mends(console: Console) -> None:
    (body,) = console.editor.rglob(f"{RETRY}.jsonl")
    body.write_bytes(body.read_bytes()[:-20])
    report = console.run("doctor")
    assert report.code == 0
    assert "torn" in report.text
    assert f"chatcask doctor --fix {RETRY}" in report.text
    rows = console.run("doctor", "--json").document["findings"]
    (row,) = [row for row in rows if row["session"] == RETRY]
    assert row["kind"] == "torn"
    assert row["fixable"] is True
    assert row["turns_in_store"] == 3
    assert console.run("doctor", "--dry-run").code == 2
    assert "would mend 1 finding" in console.run("doctor", "--fix", "--dry-run").text
    assert any(shown.turns is None for shown in vscode_view.view(console.editor).values())
    fixed = console.run("doctor", "--fix", RETRY[:8], "--json").document
    assert fixed["fixes"][0]["fixed"] == [RETRY]
    assert all(shown.turns for shown in vscode_view.view(console.editor).values())
    assert console.run("doctor", "--fix").text.strip() == "nothing to mend"
    assert console.run("doctor", "--fix", "feedface").code == 15


def test_doctor_needs_no_store_to_look_and_makes_one_to_mend(tmp_path: Path) -> None:
    console = Console(tmp_path)
    assert console.run("doctor").code == 15
    fictional.build_folder(console.editor, START)
    (body,) = console.editor.rglob(f"{FOG}.jsonl")
    body.write_bytes(body.read_bytes().rstrip(b"\n"))
    assert "no final newline" in console.run("doctor").text
    assert not console.store.exists()
    done = console.run("doctor", "--fix")
    assert done.code == 0, done.err
    assert body.read_bytes().endswith(b"\n")
    assert console.store.exists()


def test_a_database_that_anybody_holds_open_counts_as_a_running_editor(console: Console) -> None:
    path = fictional.lose_chat(console.editor, RETRY)
    before = sorted(p.name for p in path.parent.iterdir())
    with closing(sqlite3.connect(path.parent.parent / "state.vscdb", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        failed = console.run("restore", RETRY, "--json")
    assert failed.code == 13
    assert failed.document["kind"] == "editor_running"
    assert sorted(p.name for p in path.parent.iterdir()) == before


def test_options_that_do_not_go_together_are_usage_errors(console: Console) -> None:
    for arguments in (
        ("restore", RETRY, "--overwrite"),
        ("restore", "latest", "--output", "out", "--replace"),
        ("doctor", RETRY),
    ):
        assert console.run(*arguments).code == 2, arguments


def test_what_is_not_there_is_said(console: Console, tmp_path: Path) -> None:
    unknown = console.run("restore", "latest")
    assert unknown.code == 15
    assert "--output DIR" in unknown.err
    assert console.run("restore", RETRY, "--workspace", str(tmp_path)).code == 15
    assert console.run("restore", RETRY, "--product", "cursor").code == 15
    elsewhere = console.run("restore", RETRY, "--user-data-dir", str(tmp_path / "none"))
    assert elsewhere.code == 15


def test_a_store_inside_the_editors_folder_is_refused(console: Console) -> None:
    inside = console.editor / "User" / "store"
    console.store.rename(inside)
    fictional.lose_chat(console.editor, RETRY)
    assert console.run("restore", RETRY, "--store", inside).code == 2
    assert RETRY not in sessions(console)
