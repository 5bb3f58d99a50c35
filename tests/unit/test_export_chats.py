"""Chats for people: each in its newest state, under a name every system holds, the unreadable ones named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chatcask.catalog.catalog import Catalog
from chatcask.disk.new_file import new_file
from chatcask.errors import DamagedError, InvalidInputError
from chatcask.ops.browse.selection import ChatSelection
from chatcask.ops.documents.export import ExportedChats, export_chat, export_chats, find_chats
from support.monitors import RecordingMonitor
from support.worlds import World


def _log(title: str, prompt: str) -> bytes:
    request = {
        "requestId": "r1",
        "message": {"text": prompt, "parts": []},
        "response": [],
        "variableData": {},
    }
    value = {"version": 3, "sessionId": "s", "customTitle": title, "creationDate": 1, "requests": [request]}
    return json.dumps({"kind": 0, "v": value}).encode() + b"\n"


def _exported(world: World, folder: Path, *, overwrite: bool = False, **chosen: object) -> ExportedChats:
    monitor = RecordingMonitor()
    with world.open() as repository, Catalog(repository) as catalog:
        selection = ChatSelection(tuple(repository.snapshots()), **chosen)  # type: ignore[arg-type]
        chats = find_chats(repository, catalog, selection, monitor)
        done = export_chats(catalog, chats, folder, "md", overwrite=overwrite, monitor=monitor)
    assert list(done.problems) == monitor.problems
    return done


def test_each_chat_is_written_as_its_newest_snapshot_has_it(tmp_path: Path) -> None:
    world = World(tmp_path / "world")
    world.write(
        {"w1/chatSessions/one.jsonl": _log("Lamp", "first"), "w1/chatSessions/two.jsonl": _log("Fog", "kept")}
    )
    world.take()
    world.write({"w1/chatSessions/one.jsonl": _log("Lamp", "second")})
    world.remove("w1/chatSessions/two.jsonl")
    world.take()
    done = _exported(world, tmp_path / "out")
    folder = tmp_path / "out" / world.source.id / "w1"
    assert done.files == (folder / "one.md", folder / "two.md")
    assert "second" in (folder / "one.md").read_text(encoding="utf-8")
    assert "kept" in (folder / "two.md").read_text(encoding="utf-8")
    assert done.bytes_written == sum(path.stat().st_size for path in done.files)


def test_the_file_that_the_editor_reads_is_the_one_that_counts(tmp_path: Path) -> None:
    world = World(tmp_path / "world")
    stale = json.dumps({"version": 3, "sessionId": "s", "requests": [], "customTitle": "Stale"}).encode()
    world.write({"w1/chatSessions/one.json": stale, "w1/chatSessions/one.jsonl": _log("Current", "now")})
    world.take()
    (path,) = _exported(world, tmp_path / "out").files
    text = path.read_text(encoding="utf-8")
    assert "Current" in text
    assert "Stale" not in text


def test_a_chat_that_cannot_be_read_is_named_and_the_others_are_written(tmp_path: Path) -> None:
    world = World(tmp_path / "world")
    torn = _log("Torn", "salvaged") + b'{"kind":1,"k":["requests"'
    world.write(
        {
            "w1/chatSessions/bad.jsonl": b"\0" * 500,
            "w1/chatSessions/empty.json": b"",
            "w1/chatSessions/torn.jsonl": torn,
        }
    )
    world.take()
    done = _exported(world, tmp_path / "out")
    assert [path.name for path in done.files] == ["torn.md"]
    assert [problem.path.rpartition("/")[2] for problem in done.problems] == ["bad.jsonl", "empty.json"]
    with world.open() as repository, Catalog(repository) as catalog:
        (bad,) = (
            chat
            for chat in find_chats(
                repository, catalog, ChatSelection(tuple(repository.snapshots())), RecordingMonitor()
            )
            if chat.session == "bad"
        )
        with pytest.raises(DamagedError, match="no chat in"):
            export_chat(catalog, bad, lambda: new_file(tmp_path / "bad.md", overwrite=False), "md")
    assert not (tmp_path / "bad.md").exists()


def test_names_that_not_every_system_holds_are_changed(tmp_path: Path) -> None:
    world = World(tmp_path / "world")
    world.write(
        {"w1/chatSessions/con.jsonl": _log("Lamp", "x"), "w1/chatSessions/plain.jsonl": _log("Fog", "y")}
    )
    world.take()
    done = _exported(world, tmp_path / "out")
    assert [path.name for path in done.files] == ["con_.md", "plain.md"]


def test_nothing_is_replaced_unless_asked(tmp_path: Path) -> None:
    world = World(tmp_path / "world")
    world.write({"w1/chatSessions/a.jsonl": _log("Lamp", "x"), "w1/chatSessions/b.jsonl": _log("Fog", "y")})
    world.take()
    second = _exported(world, tmp_path / "out").files[1]
    second.with_name("a.md").unlink()
    second.write_text("notes", encoding="utf-8")
    with pytest.raises(InvalidInputError, match="exists already"):
        _exported(world, tmp_path / "out")
    assert second.read_text(encoding="utf-8") == "notes"
    assert not second.with_name("a.md").exists(), "nothing was written"
    assert len(_exported(world, tmp_path / "out", overwrite=True).files) == 2
    assert second.read_text(encoding="utf-8") != "notes"


def test_a_file_whose_name_no_chat_can_have_is_named_once(tmp_path: Path) -> None:
    world = World(tmp_path / "world")
    world.write({"w1/chatSessions/a.jsonl": _log("Lamp", "x"), "w1/chatSessions/a.jsonl.bak": b"kept"})
    world.take()
    world.write({"w2/chatSessions/b.jsonl": _log("Fog", "y"), "w2/chatSessions/notes.txt": b"kept"})
    world.take()
    for chosen, names in (
        ({}, ["a.jsonl.bak", "notes.txt"]),
        ({"workspaces": ("w1",)}, ["a.jsonl.bak"]),
        ({"sessions": ("a",)}, ["a.jsonl.bak"]),
        ({"sessions": ("b",)}, []),
    ):
        monitor = RecordingMonitor()
        with world.open() as repository, Catalog(repository) as catalog:
            selection = ChatSelection(tuple(repository.snapshots()), **chosen)  # type: ignore[arg-type]
            find_chats(repository, catalog, selection, monitor)
        assert [problem.path.rpartition("/")[2] for problem in monitor.problems] == names
        assert {problem.kind for problem in monitor.problems} <= {"name"}
