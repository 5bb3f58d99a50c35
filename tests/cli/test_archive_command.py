"""`archive` as a user runs it: sentences, rows, exit codes, choice of chats, and places it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcask.repository.addressing import split_session
from support.console import Console
from support.pasts import Past, log, workspace

A, B = "w1/chatSessions/aaaa1111.jsonl", "w2/chatSessions/bbbb2222.jsonl"
LAMPS, FOG = "2026-06-01/Lamps-aaaa1111.md", "2026-06-01/Fog-bbbb2222.md"


@pytest.fixture
def past(tmp_path: Path) -> Past:
    past = Past.begin(tmp_path)
    names = {"w1/workspace.json": workspace("lighthouse"), "w2/workspace.json": workspace("beacon")}
    past.take({**names, A: log("aaaa1111"), B: log("bbbb2222", 1, "Fog")})
    past.take({**names, A: log("aaaa1111", 3), B: log("bbbb2222", 1, "Fog")})
    return past


def test_what_it_says(past: Past) -> None:
    folder = past.folder / "out"
    first = past.run("archive", folder)
    assert (first.code, first.err) == (0, "")
    assert first.text.splitlines() == [f"+ {LAMPS}", f"+ {FOG}", f"2 chats in {folder}: 2 written"]
    assert past.run("archive", folder).text.splitlines() == [f"2 chats in {folder}: 2 unchanged"]
    assert past.run("archive", folder, "--quiet").out == b""
    (folder / LAMPS).write_text("my notes", encoding="utf-8")
    past.world.storage.joinpath(A).write_bytes(log("aaaa1111", 4))
    past.world.date(past.world.storage / A)
    past.world.take()
    kept = past.run("archive", folder)
    assert "~ 2026-06-01/Lamps-aaaa1111-2.md" in kept.text
    assert f"{LAMPS} was changed by somebody and stays" in kept.err


def test_rows_for_programs(past: Past) -> None:
    document = past.run("archive", past.folder / "out", "--json").document
    assert (document["success"], document["written"], document["unchanged"]) == (True, 2, 0)
    assert [row["path"] for row in document["chats"]] == [LAMPS, FOG]
    assert {row["deed"] for row in document["chats"]} == {"written"}
    assert document["errors"] == []


def test_which_chats(past: Past) -> None:
    folder = past.folder / "out"
    past.run("archive", folder, "--workspace", "beacon")
    assert not (folder / LAMPS).exists()
    assert (folder / FOG).exists()
    past.run("archive", folder, "--snapshot", "latest~1")
    assert "lamp 2?" in (folder / LAMPS).read_text(encoding="utf-8")
    assert "lamp 3?" not in (folder / LAMPS).read_text(encoding="utf-8")
    past.run("archive", folder)
    assert "lamp 3?" in (folder / LAMPS).read_text(encoding="utf-8")


def test_a_chat_that_cannot_be_read_is_a_gap(past: Past) -> None:
    past.world.storage.joinpath(A).write_bytes(b"\0" * 40)
    past.world.date(past.world.storage / A)
    past.world.take()
    done = past.run("archive", past.folder / "out", "--json")
    assert done.code == 3
    assert (done.document["success"], done.document["errors"][0]["kind"]) == (False, "unreadable")
    assert "aaaa1111.jsonl" in done.err


def test_not_inside_an_editors_folder(tmp_path: Path) -> None:
    console = Console(tmp_path)
    (console.editor / "User").mkdir(parents=True)
    done = console.run("archive", console.editor / "User" / "archive")
    assert done.code == 2
    assert list((console.editor / "User").iterdir()) == []


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("abcd", ("abcd", "")),
        ("abcd@latest~2", ("abcd", "latest~2")),
        ("abcd@{3 days ago}", ("abcd", "@{3 days ago}")),
        ("abcd@@{3 days ago}~1", ("abcd", "@{3 days ago}~1")),
        ("mail ada@example.org@tag-1", ("mail ada@example.org", "tag-1")),
        ("a @ b", ("a @ b", "")),
        ("@latest", ("@latest", "")),
        ("two\nlines@latest", ("two\nlines", "latest")),
    ],
)
def test_chats_and_their_snapshots(text: str, parts: tuple[str, str]) -> None:
    assert split_session(text) == parts


@given(st.text(min_size=1, max_size=30), st.sampled_from(["latest", "latest~2", "@{now}", "0a1b2c", "tag.1"]))
def test_a_snapshot_at_the_end_is_always_found(name: str, snapshot: str) -> None:
    at = snapshot if snapshot.startswith("@") else f"@{snapshot}"
    found = split_session(f"{name}{at}")
    assert found == (name, snapshot) or (name.endswith("@") and found == (name[:-1], snapshot))
