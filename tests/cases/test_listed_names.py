"""A chat is known by the name that the editor's list gives it, whatever its file says."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from chatcask_cli.demo import folder as fictional
from support.console import Console
from support.restore_world import START

SESSION = fictional.session_id("retry")
LISTED = "Access reviews of September"
OWN = "Retry for the beacon client"


def rename(console: Console, title: str) -> None:
    """Give a chat another name in the editor's list only, as the editor does."""
    (body,) = (console.editor / "User" / "workspaceStorage").glob(f"*/chatSessions/{SESSION}.jsonl")
    with closing(sqlite3.connect(body.parents[1] / "state.vscdb")) as database, database:
        key = (fictional.INDEX_KEY,)
        text = database.execute("SELECT value FROM ItemTable WHERE key = ?", key).fetchone()[0]
        index = json.loads(text)
        index["entries"][SESSION]["title"] = title
        database.execute("UPDATE ItemTable SET value = ? WHERE key = ?", (json.dumps(index), *key))


def test_a_chat_that_was_renamed_in_the_list_only_has_that_name_everywhere(tmp_path: Path) -> None:
    console = Console(tmp_path)
    fictional.build_folder(console.editor, START)
    assert console.run("snapshot").code == 0
    rename(console, LISTED)
    assert console.run("snapshot").code == 0
    rows = {row["session"]: row["title"] for row in console.run("sessions", "--json").document["sessions"]}
    assert rows[SESSION] == LISTED
    for name in ("Access reviews", "access REVIEWS of september", SESSION[:8].upper(), OWN):
        shown = console.run("show", name)
        assert shown.code == 0
        assert shown.text.startswith(f"# {LISTED}")
    log = console.run("log", "Access reviews").text
    assert LISTED in log.splitlines()[0]
    (body,) = (console.editor / "User" / "workspaceStorage").glob(f"*/chatSessions/{SESSION}.jsonl")
    body.unlink()
    assert console.run("restore", "Access reviews").code == 0
    assert body.is_file()
