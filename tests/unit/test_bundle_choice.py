"""A bundle holds what was asked for, and tells nothing of the machine it was made on."""

from __future__ import annotations

import gzip
import json
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcask.errors import AmbiguousError, InvalidInputError, NotFoundError
from chatcask.ops.bundle.privacy import reduce_workspace
from support.bundles import ADA, SPECIAL, export, lines_of
from support.worlds import START, World


def _paths(bundle: bytes) -> set[str]:
    return {file["path"].removeprefix("workspaces/") for file in lines_of(bundle)[0]["files"]}


def test_a_chosen_chat_brings_what_is_its_own(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.write(
        {
            **SPECIAL,
            "w1/chatSessions/lfx9.jsonl": b"other",
            "w1/chatSessions/lf.jsonl.bak": b"copy",
            "w1/GitHub.copilot-chat/transcripts/lf.jsonl": b"{}\n",
            "w1/chatEditingSessions/lf/state.json": b"{}",
            "w3/workspace.json": ADA,
        }
    )
    world.take()
    bundle, _ = export(world, sessions=("lf",))
    assert _paths(bundle) == {
        "w1/chatSessions/lf.jsonl",
        "w1/chatSessions/lf.jsonl.bak",
        "w1/transcripts/lf.jsonl",
        "w1/chatEditingSessions/lf/state.json",
        "w1/workspace.json",
        "w2/chatEditingSessions/lf/contents/43b4aac",
    }
    bundle, _ = export(world, sessions=("torn", "byte"), workspaces=("w1",))
    assert _paths(bundle) == {
        "w1/chatSessions/torn.jsonl",
        "w1/chatSessions/bytes.jsonl",
        "w1/workspace.json",
    }
    assert _paths(export(world, workspaces=("lighthouse",))[0]) == {
        *(path for path in SPECIAL if path.startswith("w1/")),
        "w1/chatSessions/lfx9.jsonl",
        "w1/chatSessions/lf.jsonl.bak",
        "w1/transcripts/lf.jsonl",
        "w1/chatEditingSessions/lf/state.json",
        "w3/workspace.json",
    }


def test_a_choice_by_time_looks_at_the_files_of_chats(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.write({"w1/chatSessions/old.jsonl": b"1", "w1/workspace.json": ADA})
    world.clock.now += timedelta(days=3)
    world.write({"w1/chatSessions/new.jsonl": b"2"})
    world.take()
    border = START + timedelta(days=1)
    assert _paths(export(world, since=border)[0]) == {"w1/chatSessions/new.jsonl", "w1/workspace.json"}
    assert _paths(export(world, until=border)[0]) == {"w1/chatSessions/old.jsonl", "w1/workspace.json"}
    with pytest.raises(NotFoundError):
        export(world, since=START + timedelta(days=9))


def test_what_is_not_there_or_not_clear_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.write({"w1/chatSessions/chat-one.jsonl": b"1", "w1/chatSessions/chat-two.jsonl": b"2"})
    world.take()
    with pytest.raises(AmbiguousError, match="chat-one, chat-two"):
        export(world, sessions=("chat",))
    with pytest.raises(NotFoundError):
        export(world, sessions=("nobody",))
    with pytest.raises(NotFoundError):
        export(world, workspaces=("nowhere",))
    with pytest.raises(InvalidInputError):
        export(world, sessions=("c",))


def test_nothing_of_the_machine_or_its_user_is_told(tmp_path: Path) -> None:
    world = World(tmp_path / "lovelace-secret")
    remote = b'{"folder":"vscode-remote://ssh-remote%2Blovelace@beacon/home/lovelace"}'
    world.write({**SPECIAL, "w4/workspace.json": remote})
    world.take()
    text = gzip.decompress(export(world, with_paths=False)[0]).decode()
    # No id can spell these: they have letters that are no hexadecimal digits.
    for word in ("lovelace", "secret", "beacon", "/home/", str(tmp_path)):
        assert word not in text
    assert lines_of(export(world, with_paths=False)[0])[0]["files"]
    assert "/home/ada/projects" in gzip.decompress(export(world, with_paths=True)[0]).decode()


@pytest.mark.parametrize(
    ("uri", "name"),
    [
        ("file:///home/ada/projects/tide%20tables", "tide%20tables"),
        ("file:///home/ada", "home"),
        ("file:///home/ada/", "home"),
        ("file:///c%3A/Users/Ada", "home"),
        ("file:///var/home/grace", "home"),
        ("file:///root", "home"),
        ("vscode-remote://wsl%2Bubuntu/mnt/c/Users/ada", "home"),
        ("file://server/share/beacon", "beacon"),
        ("file:///", ""),
        ("", ""),
        ("file://[", ""),
    ],
)
def test_a_workspace_keeps_its_own_name_only(uri: str, name: str) -> None:
    for field in ("folder", "workspace"):
        reduced = json.loads(reduce_workspace(json.dumps({field: uri, "more": uri}).encode()))
        assert reduced == {field: f"file:///{name}"}


@given(st.binary(max_size=60) | st.text(max_size=60).map(lambda text: json.dumps({"folder": text}).encode()))
def test_any_workspace_file_is_reduced_to_json(data: bytes) -> None:
    assert isinstance(json.loads(reduce_workspace(data)), dict)
