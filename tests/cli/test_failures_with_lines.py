"""An error about several things lists them below its sentence, a line each; nothing else makes a line."""

from __future__ import annotations

import pickle
from pathlib import Path

from chatcask.errors import DamagedError
from chatcask_cli.demo import folder as fictional
from support.console import Console
from support.restore_world import START
from support.worlds import chat

HOSTILE = "0a1b2c3d-1111-4222-8333-444455556666"


def test_candidates_stand_below_the_sentence_and_no_title_makes_a_line(tmp_path: Path) -> None:
    console = Console(tmp_path)
    fictional.build_folder(console.editor, START)
    folder = next((console.editor / "User" / "workspaceStorage").glob("*/chatSessions"))
    (folder / f"{HOSTILE}.jsonl").write_bytes(chat(1, session=HOSTILE, title="a table\n  forged  line"))
    assert console.run("snapshot").code == 0
    several = console.run("show", "table")
    assert several.code == 15
    first, *lines = several.err.splitlines()
    assert first == "chatcask: 'table' is the name of 2 chats:"
    assert f"  {HOSTILE}  a table\\n  forged  line" in lines
    assert "  forged  line" not in lines
    document = console.run("show", "table", "--json").document
    assert document["message"].startswith("'table' is the name of 2 chats:\n  ")


def test_a_chat_that_is_there_is_compared_line_by_line(tmp_path: Path) -> None:
    console = Console(tmp_path)
    fictional.build_folder(console.editor, START)
    session = fictional.session_id("retry")
    assert console.run("snapshot").code == 0
    (body,) = (console.editor / "User" / "workspaceStorage").glob(f"*/chatSessions/{session}.jsonl")
    body.write_bytes(chat(1, session=session))
    refused = console.run("restore", session)
    assert "\\n" not in refused.err
    lines = refused.err.splitlines()
    assert any(line.startswith("  there: 1 turn") for line in lines)
    assert any(line.startswith("  in snapshot ") for line in lines)


def test_lines_go_with_an_error_to_another_process() -> None:
    error = DamagedError("two:", where="packs/aa").with_lines(["ab", "ac"])
    copied = pickle.loads(pickle.dumps(error))
    assert (copied.sentence, copied.lines) == ("two:", ("ab", "ac"))
    assert copied.message == str(copied) == "two:\n  ab\n  ac"
