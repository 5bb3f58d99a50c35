"""A chat is found as its owner knows it: by id in any case, by the editor's title, past sync copies."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from chatcask_cli.demo import folder as fictional
from support import vscode_view
from support.console import Console

RETRY = fictional.session_id("retry")
MARKS = ["-LAPTOP", " (conflicted copy)", " (LAPTOP's conflicted copy 2026-11-20)", " (1)", " - Copy", " 2",
         ".sync-conflict-20261120-123456-ABCDEFG", "~HEAD"]  # fmt: skip


def body(console: Console, session: str = RETRY) -> Path:
    (path,) = console.editor.rglob(f"{session}.json*")
    return path


def rename_in_list(console: Console, title: str) -> None:
    database = body(console).parent.parent / "state.vscdb"
    index = json.loads(vscode_view.rows(database)[vscode_view.INDEX][1])
    index["entries"][RETRY]["title"] = title
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("INSERT INTO ItemTable VALUES (?, ?)", (vscode_view.INDEX, json.dumps(index)))


def test_a_chat_renamed_only_in_the_editors_list_keeps_that_name_everywhere(console: Console) -> None:
    assert console.run("snapshot").code == 0
    rename_in_list(console, "Access reviews")
    assert console.run("snapshot").code == 0
    rows = {row["session"]: row["title"] for row in console.run("sessions", "--json").document["sessions"]}
    assert rows[RETRY] == "Access reviews"
    assert "Access reviews" in console.run("show", "access REVIEWS").text
    assert console.run("show", "Retry for the beacon client").code == 0
    log = console.run("log", RETRY)
    assert "Access reviews" in log.text
    assert "renamed" in log.text
    fictional.lose_chat(console.editor, RETRY)
    assert console.run("snapshot").code == 0
    assert "Access reviews" in console.run("sessions", "--deleted").text
    done = console.run("restore", "Access reviews", "--json")
    assert done.code == 0, done.err
    assert done.document["title"] == "Access reviews"
    shown = {session: chat for (_, session), chat in vscode_view.view(console.editor).items()}
    assert shown[RETRY].title == "Access reviews"


def test_an_id_counts_in_any_case_and_whole_before_its_beginning(console: Console) -> None:
    storage = body(console).parent
    raw = body(console).read_text().replace(RETRY, "abcd1234")
    (storage / "abcd1234.jsonl").write_text(raw)
    assert console.run("snapshot").code == 0
    (storage / "abcd1234.jsonl").unlink()
    (storage / "abcd1234-two.jsonl").write_text(raw.replace("abcd1234", "abcd1234-two"))
    (storage / "ABCD9876.jsonl").write_text(raw.replace("abcd1234", "ABCD9876"))
    assert console.run("snapshot").code == 0

    assert "abcd1234-two" not in console.run("log", "abcd1234").text
    assert "abcd1234-two" in console.run("log", "ABCD1234-t").text
    assert console.run("log", "abcd9876").code == 0
    assert console.run("log", RETRY.upper()[:10]).code == 0
    assert console.run("log", RETRY.upper()).code == 0
    assert console.run("log", "abcd").code == 15


@pytest.mark.parametrize("mark", MARKS)
def test_a_sync_tools_copy_never_hides_the_chat_nor_is_a_chat(console: Console, mark: str) -> None:
    path = body(console)
    copy = path.with_name(f"{RETRY}{mark}{path.suffix}")
    shutil.copyfile(path, copy)
    assert console.run("snapshot").code == 0
    for name in (RETRY, RETRY[:8], RETRY.upper(), "Retry for the beacon client"):
        assert console.run("show", name).code == 0
    listed = [row["session"] for row in console.run("sessions", "--json").document["sessions"]]
    assert listed.count(RETRY) == 1
    assert not [session for session in listed if session.startswith(RETRY) and session != RETRY]
    findings = console.run("doctor", "--json").document["findings"]
    assert not [row for row in findings if (row["session"] or "").startswith(RETRY)]
    fictional.lose_chat(console.editor, RETRY)
    assert copy.exists()
    assert console.run("snapshot").code == 0
    done = console.run("restore", RETRY[:8])
    assert done.code == 0, done.err
    assert RETRY in {session for _, session in vscode_view.view(console.editor)}


def test_a_chat_of_which_only_a_copy_is_left_can_be_had(console: Console) -> None:
    path = body(console)
    path.rename(path.with_name(f"{RETRY}-LAPTOP{path.suffix}"))
    assert console.run("snapshot").code == 0
    listed = [row["session"] for row in console.run("sessions", "--json").document["sessions"]]
    assert listed.count(RETRY) == 1


def test_a_chat_of_two_editors_is_asked_about(console: Console) -> None:
    other = console.editor.with_name("VSCodium")
    shutil.copytree(console.editor, other)
    theirs = other / body(console).relative_to(console.editor)
    theirs.write_bytes(theirs.read_bytes().replace(b"beacon", b"beagle"))
    assert console.run("snapshot").code == 0
    names = [f"code/{RETRY}", f"vscodium/{RETRY}"]
    for command in ("show", "restore"):
        asked = console.run(command, RETRY)
        assert asked.code == 15
        assert all(name in asked.err for name in names)
    assert "beagle" in console.run("show", f"vscodium/{RETRY[:8]}").text
    assert "beagle" not in console.run("show", names[0]).text
    fictional.lose_chat(other, RETRY)
    assert console.run("snapshot").code == 0
    assert console.run("restore", RETRY).code == 15, "it is there in one editor, and lost in the other"
    for how in ([names[1]], [RETRY, "--product", "vscodium"], [RETRY, "--user-data-dir", str(other)]):
        done = console.run("restore", *how)
        assert done.code == 0, done.err
        assert b"beagle" in theirs.read_bytes()
        assert console.run("undo", "--yes").code == 0
        assert not theirs.exists()
