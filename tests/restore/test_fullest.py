"""The fullest version comes back, and what else was lost is told until a run told it."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatcask.catalog.catalog import Catalog
from chatcask.errors import NotFoundError
from chatcask.monitor import NullMonitor
from chatcask.ops.browse.stored_version import StoredVersion
from chatcask.ops.browse.versions import ChatVersions
from chatcask.repository.addressing import parse_snapshot_address
from chatcask.repository.resolve import resolve_snapshot
from chatcask.repository.snapshots import StoredSnapshot
from chatcask_cli.demo import folder as fictional
from support.console import Console
from support.worlds import START, World, chat

A = "w1/chatSessions/a.jsonl"
RETRY, FOG = fictional.session_id("retry"), fictional.session_id("fog")


def chosen(world: World) -> StoredVersion:
    with world.open() as repository, Catalog(repository) as catalog:
        newest_first = [StoredSnapshot(r, repository.load(r)) for r in reversed(repository.snapshots())]
        return ChatVersions(repository, catalog, newest_first, NullMonitor()).choose("a")


def take_tagged(world: World, tag: str = "") -> None:
    from dataclasses import replace

    world.take(change=lambda options: replace(options, tags=(tag,) if tag else ()))


UNDONE = "safety-undo-20261101T120000Z"
SAFETY = "safety-20261101T120000Z"


@pytest.mark.parametrize(
    ("versions", "place"),
    [
        ([chat(3), chat(1)], 0),
        ([chat(3), chat(0)], 0),
        ([chat(3), b""], 0),
        ([chat(3), b"\0" * 99, chat(2)], 0),
        ([chat(3), chat(3).replace(b"answer 1", b"")], 0),
        ([chat(3), chat(3).replace(b"answer 1", b"other")], 1),
        ([chat(3), chat(3)[:-1] + b"{"], 0),
        ([chat(1), chat(4)[:-1] + b"\n{"], 1),
        ([chat(3), chat(5), chat(2), chat(5, title="Lens")], 3),
    ],
)
def test_the_fullest_version_comes_back(tmp_path: Path, versions: list[bytes], place: int) -> None:
    world = World(tmp_path)
    for data in versions:
        world.write({A: data})
        world.take()
    with world.open() as repository:
        assert repository.reader.read_all(chosen(world).file.content) == versions[place]


def test_a_chat_that_never_had_a_turn_is_not_put_back(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.write({A: chat(0, title="Lamp")})
    world.take()
    with pytest.raises(NotFoundError, match="with a turn"):
        chosen(world)


def test_what_was_undone_is_not_the_newest(tmp_path: Path) -> None:
    world = World(tmp_path)
    for data, tag in [(b"old", ""), (b"new", SAFETY), (b"old", UNDONE)]:
        world.write({A: chat(3).replace(b"answer 2", data)})
        take_tagged(world, tag)
    with world.open() as repository:
        assert b"new" in repository.reader.read_all(chosen(world).file.content)


def test_steps_back_do_not_count_safety_snapshots(tmp_path: Path) -> None:
    world = World(tmp_path)
    taken = []
    for number, tag in enumerate(["", "", SAFETY, UNDONE, ""]):
        world.write({A: chat(number + 1)})
        take_tagged(world, tag)
    with world.open() as repository:
        taken = repository.snapshots()
        for text, place in [("latest", 4), ("latest~1", 1), ("latest~2", 0), (f"{taken[3].id}~", 1)]:
            found = resolve_snapshot(repository, parse_snapshot_address(text, START), taken)
            assert found == taken[place], text
        with pytest.raises(NotFoundError, match="only 3 snapshots"):
            resolve_snapshot(repository, parse_snapshot_address("latest~3", START), taken)


def test_a_loss_that_a_safety_snapshot_saw_is_told_by_the_next_run(tmp_path: Path) -> None:
    world = World(tmp_path)
    b = A.replace("a.", "b.")
    world.write({A: chat(3), b: chat(2, session="b")})
    world.take()
    world.remove(A, b)
    take_tagged(world, SAFETY)
    world.write({A: chat(3)})
    assert [(loss.session, loss.kind) for loss in world.take().losses] == [("b", "vanished")]
    assert world.take().losses == ()


def test_what_an_undo_took_back_is_no_loss(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.write({A: chat(3)})
    world.take()
    world.write({"w1/chatSessions/c.jsonl": chat(2, session="c")})
    take_tagged(world, UNDONE)
    world.remove("w1/chatSessions/c.jsonl")
    assert world.take().losses == ()


def test_two_lost_chats_of_which_one_is_noticed(tmp_path: Path) -> None:
    console = Console(tmp_path)
    fictional.build_folder(console.editor, START)
    assert console.run("snapshot").code == 0
    fictional.lose_chat(console.editor, RETRY)
    fictional.lose_chat(console.editor, FOG)
    done = console.run("restore", RETRY[:8])
    assert done.code == 0, done.err
    assert "also lost since" in done.text
    assert f"chatcask restore {FOG[:8]}@" in done.text
    assert f"restore {RETRY[:8]}@" not in done.text
    again = console.run("snapshot", "--alarm-exit", "--json")
    assert again.code == 4
    assert [loss["session"] for loss in again.document["losses"]] == [FOG]
    assert console.run("snapshot", "--alarm-exit").code == 0


def test_an_emptied_chat_is_among_the_lost_and_shown_with_the_way_to_its_turns(tmp_path: Path) -> None:
    console = Console(tmp_path)
    fictional.build_folder(console.editor, START)
    assert console.run("snapshot").code == 0
    (path,) = console.editor.rglob(f"{RETRY}.jsonl")
    path.write_bytes(chat(0, session=RETRY))
    assert console.run("snapshot").code == 0
    for option in ("--deleted", "--lost"):
        assert f"{RETRY[:8]}" in console.run("sessions", option).text
    (row,) = console.run("sessions", "--lost", "--json").document["sessions"]
    assert (row["session"], row["turns"]) == (RETRY, 3)
    shown = console.run("show", RETRY)
    assert shown.code == 0
    assert "this version has 0 turns; 3 turns on " in shown.err
    assert f"chatcask show {RETRY[:8]}@{row['snapshot'][:12]}" in shown.err
    fuller = console.run("show", RETRY, "--json").document["fuller"]
    assert (fuller["snapshot"], fuller["turns"]) == (row["snapshot"], 3)
    refused = console.run("restore", f"{RETRY[:8]}@latest")
    assert refused.code == 15
    assert f"chatcask restore {RETRY[:8]}@{row['snapshot'][:12]}" in refused.err
    assert console.run("show", f"{RETRY}@{row['snapshot'][:12]}").err == ""


@pytest.mark.parametrize("data", [b"", b"\0" * 300])
def test_a_chat_of_which_nothing_can_be_read_names_its_fullest_version(tmp_path: Path, data: bytes) -> None:
    console = Console(tmp_path)
    fictional.build_folder(console.editor, START)
    assert console.run("snapshot").code == 0
    (path,) = console.editor.rglob(f"{RETRY}.jsonl")
    path.write_bytes(data)
    assert console.run("snapshot").code == 0
    shown = console.run("show", RETRY)
    assert shown.code == 1
    assert "3 turns on " in shown.err
    assert f"chatcask show {RETRY[:8]}@" in shown.err
    assert RETRY[:8] in console.run("sessions", "--lost").text
