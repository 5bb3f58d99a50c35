"""`diff` tells chats apart for people and for programs, with exit codes that scripts can trust."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.pasts import CREATED, Past, log, turn, workspace

A, B = "w1/chatSessions/aaaa1111.jsonl", "w1/chatSessions/bbbb2222.jsonl"


@pytest.fixture
def past(tmp_path: Path) -> Past:
    """Chat A gets an edited and a new turn and a title, B is new; w1 is named lighthouse."""
    past = Past.begin(tmp_path)
    name = {"w1/workspace.json": workspace("lighthouse")}
    past.take({**name, A: log("aaaa1111", 2, "Lamps")})
    changed = [turn(1), turn(2, answer="It is dark."), turn(3)]
    other = log("bbbb2222", [turn(70, "Where is the fog horn?")], "Fog")
    past.take({**name, A: log("aaaa1111", changed, "Lights"), B: other})
    return past


def test_a_line_for_each_chat_below_the_files(past: Past) -> None:
    shown = past.run("diff")
    assert (shown.code, shown.err) == (0, "")
    files, _, chats = shown.text.partition("\n\n")
    assert files.splitlines()[-1] == "1 file added, 1 file changed"
    assert chats.splitlines() == [
        '~ aaaa1111  Lights  (lighthouse): was called "Lamps"; 1 turn added, 1 edited',
        "+ bbbb2222  Fog  (lighthouse): new, 1 turn",
        "1 chat added, 1 chat changed; 1 turn added, 1 edited",
    ]


def test_stat_and_name_only(past: Past) -> None:
    assert past.run("diff", "--stat").text.splitlines() == [
        "1 file added, 1 file changed",
        "1 chat added, 1 chat changed; 1 turn added, 1 edited",
    ]
    names = past.run("diff", "--name-only")
    assert [line.rpartition("/")[2] for line in names.text.splitlines()] == [
        "aaaa1111.jsonl",
        "bbbb2222.jsonl",
    ]
    assert past.run("diff", "--name-only", "--json").document["sessions"] is None


def test_one_chat_with_the_text_of_its_turns(past: Past) -> None:
    for name in ("aaaa", "lights", "lamps"):
        lines = past.run("diff", "--session", name).text.splitlines()
        assert lines[0].startswith("~ aaaa1111  Lights")
        assert "turn 2: edited; response" in lines
        assert "-Lamp 2 has 200 candela." in lines
        assert "+It is dark." in lines
        assert "turn 3: added" in lines
        assert "+How bright is lamp 3?" in lines
        assert not any("bbbb2222" in line for line in lines)
    unknown = past.run("diff", "--session", "nobody")
    assert unknown.code == 15
    assert past.run("diff", "--session", "aaaa", "--name-only").code == 2


def test_json(past: Past) -> None:
    document = past.run("diff", "--json").document
    changed, added = document["sessions"]
    assert (changed["kind"], changed["title"], changed["turns_unchanged"]) == ("changed", "Lights", 1)
    assert (changed["before"]["title"], changed["before"]["turns"], changed["after"]["turns"]) == (
        "Lamps",
        2,
        3,
    )
    edited, new = changed["turns"]
    assert (edited["kind"], edited["before"], edited["after"]) == ("edited", 2, 2)
    assert (edited["aspects"], edited["evidence"]) == (["response"], "request_id")
    assert (new["kind"], new["before"], new["after"], new["prompt"]) == (
        "added",
        None,
        3,
        "How bright is lamp 3?",
    )
    assert new["timestamp"] == "2026-06-01T08:03:00Z"
    assert (added["kind"], added["before"], added["turns"]) == ("added", None, [])
    assert document["errors"] == []
    (one,) = past.run("diff", "--session", "aaaa", "--json").document["sessions"]
    assert "+It is dark." in one["turns"][0]["diff"]
    assert one["session"] == "aaaa1111"


def test_exit_codes(past: Past) -> None:
    assert past.run("diff", "--exit-code").code == 1
    assert past.run("diff", "--session", "aaaa", "--exit-code").code == 1
    assert past.run("diff", "latest", "latest", "--exit-code").code == 0
    same = past.run("diff", "latest", "latest", "--session", "aaaa", "--exit-code")
    assert (same.code, same.text.strip()) == (0, "no differences")
    assert past.run("diff", "latest~1", "latest", "--exit-code", "--name-only").code == 1


def test_only_chats_of_the_folder_that_is_compared(past: Past) -> None:
    (top,) = {row["path"].partition("/")[0] for row in past.run("ls", "--json").document["entries"]}
    inside = past.run("diff", f"latest:{top}/workspaces/w1", "--json").document
    assert len(inside["sessions"]) == 2
    outside = past.run("diff", f"latest:{top}/workspaces/w9", "--json").document
    assert outside["sessions"] == outside["changes"] == []


def test_a_lost_chat_a_moved_one_and_a_fork_in_words(tmp_path: Path) -> None:
    past = Past.begin(tmp_path)
    names = {"w1/workspace.json": workspace("lighthouse"), "w2/workspace.json": workspace("beacon")}
    past.take({**names, A: log("aaaa1111", 3), B: log("bbbb2222", 1, "Fog")})
    forked = [turn(n, requestId=f"n{n}", timestamp=CREATED + 500 + n - 1) for n in (1, 2)]
    fork = log("cccc3333", forked, "Forked: Lamps", creationDate=CREATED + 500)
    moved = "w2/chatSessions/aaaa1111.jsonl"
    past.take({**names, moved: log("aaaa1111", 3), "w2/chatSessions/cccc3333.jsonl": fork})
    lines = past.run("diff").text.splitlines()
    assert "- bbbb2222  Fog  (lighthouse): gone, had 1 turn" in lines
    assert "~ aaaa1111  Lamps  (beacon): moved from lighthouse" in lines
    (line,) = [line for line in lines if "cccc3333  " in line]
    assert 'fork of aaaa1111 "Lamps", 2 shared turns (confidence high: equal turns' in line


def test_a_first_snapshot_is_compared_with_nothing(tmp_path: Path) -> None:
    past = Past.begin(tmp_path)
    past.take({A: log("aaaa1111"), B: log("bbbb2222")})
    lines = past.run("diff").text.splitlines()
    assert lines[-1] == "2 chats added"
    assert not any("copy of" in line for line in lines)


def test_a_rewritten_log_says_that_nothing_was_lost(tmp_path: Path) -> None:
    past = Past.begin(tmp_path)
    past.take({A: log("aaaa1111")})
    past.take({A: log("aaaa1111", hasPendingEdits=False)})
    assert "rewritten with the same content" in past.run("diff").text
