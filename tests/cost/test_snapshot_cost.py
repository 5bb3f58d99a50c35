"""What a run costs in calls, counted: an unchanged run reads no chat and writes one small manifest."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from chatcask.assistants import watched_file as reading
from chatcask.assistants.base import Platform
from chatcask.assistants.vscode.places.locate import source_for
from chatcask.assistants.vscode.reading import outline
from chatcask.format.tree import EntryKind
from chatcask.monitor import NullMonitor
from chatcask.ops.files.restore_files import restore_files
from chatcask.ops.snapshot.capture_sources import Request
from chatcask.repository.repository import Repository
from support.transports import RecordingTransport
from support.worlds import World, chat

GENUINE = Path(__file__).parent.parent / "data" / "genuine"


@pytest.fixture
def genuine(tmp_path: Path) -> World:
    """A world whose folder is a copy of one that VS Code wrote."""
    world = World(tmp_path)
    shutil.rmtree(world.user_data_dir)
    shutil.copytree(GENUINE, world.user_data_dir)
    for path in world.user_data_dir.rglob("*"):
        if path.is_file():
            world.date(path)
    return world


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of all files that are opened for capturing, in order."""
    names: list[str] = []
    real = os.open

    def watching(path: str, flags: int, mode: int = 0o777, **more: object) -> int:
        names.append(os.path.basename(str(path)))
        return real(path, flags, mode)

    monkeypatch.setattr(reading.os, "open", watching)
    return names


def test_an_unchanged_run_reads_no_chat_and_writes_one_manifest_under_a_kilobyte(
    genuine: World, opened: list[str]
) -> None:
    genuine.take()
    opened.clear()
    recording = RecordingTransport(genuine.transport)
    result = genuine.take(transport=recording)
    assert result.unchanged
    assert result.snapshot.totals.bytes_read == 0
    assert result.snapshot.totals.files_unchanged == result.snapshot.totals.files > 0
    assert [name for name in opened if name != "workspace.json"] == []
    assert result.reference is not None
    assert recording.keys("put") == [result.reference.key]
    assert recording.keys("put_new") == recording.keys("delete") == []
    assert len(genuine.transport.get(result.reference.key)) < 1024


def test_an_unchanged_run_that_skips_writes_nothing(genuine: World) -> None:
    genuine.take()
    before = [info.key for info in genuine.transport.list("")]
    from dataclasses import replace

    result = genuine.take(change=lambda options: replace(options, skip_unchanged=True))
    assert result.reference is None
    assert result.unchanged
    assert [info.key for info in genuine.transport.list("")] == before


def test_a_changed_chat_is_opened_once_and_nothing_else_is(genuine: World, opened: list[str]) -> None:
    genuine.take()
    body = next(genuine.user_data_dir.rglob("chatSessions/*.jsonl"))
    body.write_bytes(body.read_bytes() + b'{"kind":1,"k":["customTitle"],"v":"x"}\n')
    genuine.date(body)
    opened.clear()
    recording = RecordingTransport(genuine.transport)
    result = genuine.take(transport=recording)
    assert [name for name in opened if name != "workspace.json"] == [body.name]
    assert result.snapshot.totals.files_extracted == 1
    assert result.snapshot.totals.bytes_read == body.stat().st_size
    kinds = [key.partition("/")[0] for key in recording.keys("put")]
    assert kinds == ["packs", "packs", "index", "snapshots"]


def _streamed_turn(number: int) -> bytes:
    """Return the lines of one turn as an answer comes in: each part is appended behind a length."""
    parts = [{"kind": "thinking", "value": "hm"}, {"value": "because"}, {"kind": "undoStop"}]
    entries = [
        {"kind": 2, "k": ["requests"], "v": [{"message": {"text": "why"}, "response": []}]},
        *(
            {"kind": 2, "k": ["requests", number, "response"], "v": [part], "i": length}
            for length, part in enumerate(parts)
        ),
        {"kind": 1, "k": ["requests", number, "modelState"], "v": {"value": 1}},
    ]
    return b"".join(json.dumps(entry).encode() + b"\n" for entry in entries)


def test_a_chat_that_grew_is_read_once_and_from_then_on_only_its_new_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(tmp_path)
    monkeypatch.setattr(world, "open", lambda _=None: Repository.open(world.transport, tmp_path / "cache"))
    name = "w1/chatSessions/a.jsonl"
    text = chat(2)
    world.write({name: text})
    world.take()
    read: list[str] = []
    real = outline.replay
    monkeypatch.setattr(outline, "replay", lambda buffers: read.append("whole") or real(buffers))
    counts = []
    for number in (2, 3, 4):
        text += _streamed_turn(number)
        world.write({name: text})
        assert world.take().losses == ()
        counts.append(len(read))
    assert counts == [1, 1, 1]


def test_the_genuine_folder_comes_back_byte_for_byte(genuine: World, tmp_path: Path) -> None:
    reference = genuine.take().reference
    assert reference is not None
    with genuine.open() as repository:
        root = repository.load(reference).root
        entry = repository.entry(root, genuine.source.id)
        output = tmp_path / "output"
        done = restore_files(repository, entry, output, overwrite=False, monitor=NullMonitor())
        assert done.problems == ()
        chats = [path for path, e in repository.walk(root) if e.kind is EntryKind.FILE]
    user = genuine.user_data_dir / "User"
    expected = {
        f"workspaces/{p.relative_to(user / 'workspaceStorage').as_posix()}": p
        for p in (user / "workspaceStorage").rglob("*")
        if p.is_file() and not p.name.startswith("state.vscdb")
    }
    expected |= {
        f"empty-window/chatSessions/{p.name}": p
        for p in (user / "globalStorage" / "emptyWindowChatSessions").iterdir()
    }
    assert len(expected) >= 13
    for name, original in expected.items():
        restored = output / name
        assert restored.read_bytes() == original.read_bytes(), name
        assert restored.stat().st_mtime_ns == original.stat().st_mtime_ns
    assert any(path.endswith("state/chat.ChatSessionStore.index.json") for path in chats)


def test_a_dry_run_reads_and_writes_nothing(genuine: World) -> None:
    from dataclasses import replace

    recording = RecordingTransport(genuine.transport)
    result = genuine.take(transport=recording, change=lambda options: replace(options, dry_run=True))
    assert result.reference is None
    assert result.snapshot.totals.files_extracted == result.snapshot.totals.files > 0
    assert result.snapshot.totals.bytes_read > 10_000  # what would be read
    assert recording.keys("put") == recording.keys("put_new") == recording.keys("delete") == []


def test_reading_the_parent_takes_few_requests(genuine: World) -> None:
    genuine.take()
    recording = RecordingTransport(genuine.transport)
    genuine.take(transport=recording)
    assert len(recording.keys("get")) <= 7  # config, manifest, index, and the blocks of trees, small here
    # Condemned packs, indexes, and snapshots twice: to choose the parent, and to see whether it still is it.
    # Packs once: to see that none was deleted or cut since it was stored.
    assert recording.keys("list").count("packs/") == 1
    assert len(recording.keys("list")) == 5


def test_a_source_named_twice_is_captured_once_per_request(genuine: World) -> None:
    source = source_for(genuine.user_data_dir, "code", Platform("linux", genuine.user_data_dir.parent, {}))
    result = genuine.take(requests=[Request(source)])
    assert [state.id for state in result.snapshot.sources] == [source.id]
