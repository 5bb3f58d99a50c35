"""What check finds, whom it affects, how samples move, and that it reads no more than it has to."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from chatcask.advice import Advice, AdviceCode
from chatcask.errors import UnsupportedFormatError
from chatcask.format.index import decode_index
from chatcask.ids import ObjectName, object_name
from chatcask.ops.integrity.check import check
from chatcask.ops.integrity.findings import EVERYTHING, AffectedChat, Sample, Severity, chat_of
from chatcask.ops.integrity.survey_packs import _position
from chatcask.repository.keys import INDEXES, PACKS, SNAPSHOTS, index_key, pack_key
from chatcask.transport import MemoryTransport
from support import damage_matrix as matrix
from support.damage_matrix import SECOND, Home, Scene, base
from support.transports import RecordingTransport
from support.worlds import World


def _check(world: World, sample: Sample | None = None, transport: MemoryTransport | None = None):  # type: ignore[no-untyped-def]
    with world.open(transport) as repository:
        return check(repository, sample=sample)


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path, base().objects)


def test_a_sound_store_has_nothing_to_say(scene: Scene) -> None:
    result = _check(scene, EVERYTHING)
    assert result.findings == ()
    assert result.snapshots == 2
    assert result.packs == 4
    packs = sum(info.size for info in scene.transport.list(PACKS))
    assert result.bytes_read == packs
    assert _check(scene).bytes_read == 0


def test_damage_names_the_chats_and_snapshots_it_affects(tmp_path: Path) -> None:
    scene = Scene(tmp_path, matrix.damage_store("data pack", "delete"))
    (finding,) = _check(scene).damage
    assert finding.kind == "pack_missing"
    assert finding.key == base().keys["data pack"]
    sessions = {chat.session for chat in finding.affects.chats}
    assert sessions == {"a", "b", "c", "d"}
    assert AffectedChat("code", "w1", "b") in finding.affects.chats
    ids = {base().keys[name][-64:] for name in ("snapshot", "other snapshot")}
    assert set(finding.affects.snapshots) == ids
    assert finding.affects.path_count == len(matrix.FIRST)
    assert finding.advice == Advice(AdviceCode.REPAIR_OR_FROM_COPY)


def test_damage_that_only_one_snapshot_needs_is_said_of_that_one(tmp_path: Path) -> None:
    objects = dict(base().objects)
    del objects[base().keys["other data pack"]]
    (finding,) = _check(Scene(tmp_path, objects)).damage
    assert finding.affects.snapshots == (base().keys["snapshot"][-64:],)
    assert [chat.session for chat in finding.affects.chats] == ["a"]


def test_a_changed_byte_of_data_is_found_only_by_reading_it(tmp_path: Path) -> None:
    scene = Scene(tmp_path, matrix.damage_store("data pack block", "flip"))
    assert _check(scene).findings == ()
    assert [f.kind for f in _check(scene, EVERYTHING).damage] == ["pack_damaged"]


def test_a_changed_byte_of_a_tree_is_found_without_reading_data(tmp_path: Path) -> None:
    scene = Scene(tmp_path, matrix.damage_store("tree pack", "flip"))
    (finding,) = _check(scene).damage
    assert finding.kind == "pack_damaged"
    assert finding.affects.snapshot_count == 1


def test_a_pack_of_an_interrupted_run_is_a_leftover(scene: Scene) -> None:
    keys, transport = base().keys, scene.transport
    for key in [info.key for info in transport.list(SNAPSHOTS)]:
        if key == keys["snapshot"]:
            transport.delete(key)
    transport.delete(keys["other index"])
    result = _check(scene)
    assert not result.damage
    assert {f.kind for f in result.leftovers} == {"pack_unindexed", "runs_unnamed"}


def test_files_of_others_are_strays_and_are_not_touched(scene: Scene) -> None:
    for key in ("notes.txt", "packs/zz/readme", "snapshots/todo", "index/old", "labels/x"):
        scene.transport.put(key, b"mine")
    result = _check(scene, EVERYTHING)
    assert not result.damage
    assert {f.key for f in result.leftovers} == {
        "notes.txt",
        "packs/zz/readme",
        "snapshots/todo",
        "index/old",
        "labels/x",
    }


def test_a_pack_under_the_wrong_folder_does_not_count(scene: Scene) -> None:
    key = base().keys["data pack"]
    wrong = "01" if key[-64:].startswith("00") else "00"
    scene.transport.put(f"packs/{wrong}/{key[-64:]}", scene.transport.get(key))
    scene.transport.delete(key)
    result = _check(scene)
    assert [f.kind for f in result.damage] == ["pack_missing"]
    assert [f.kind for f in result.leftovers] == ["stray"]


def test_samples_of_following_runs_cover_everything_once(scene: Scene) -> None:
    start, read = 0.3, 0
    total = sum(
        block.stored_length
        for index in scene.transport.list(INDEXES)
        for entry in decode_index(scene.transport.get(index.key), "index")
        for block in entry.blocks
    )
    for _ in range(8):
        sample = Sample(0.125, start)
        result = _check(scene, sample)
        assert not result.findings
        assert 0 <= result.bytes_read < total
        read += result.bytes_read
        start = sample.end
    assert read == total


def test_a_sample_finds_damage_when_its_turn_comes(tmp_path: Path) -> None:
    scene = Scene(tmp_path, matrix.damage_store("data pack block", "flip"))
    found = [bool(_check(scene, Sample(0.25, turn / 4)).damage) for turn in range(4)]
    assert found.count(True) == 1


@pytest.mark.parametrize("share", [0.05, 0.3, 1.0])
def test_a_window_holds_its_share_wherever_it_begins(share: float) -> None:
    positions = [_position(ObjectName("ab" * 32), offset) for offset in range(4000)]
    for start in (0.0, 0.2, 0.999):
        sample = Sample(share, start)
        assert abs(sum(map(sample.covers, positions)) / 4000 - share) < 0.04


def test_a_check_walks_each_distinct_tree_once(tmp_path: Path) -> None:
    """Forty runs of which one chat grows: nobody reads the trees of what stayed forty times."""
    world = Home(tmp_path, MemoryTransport())
    world.write({**SECOND, **{f"w{n}/chatSessions/x.json": b"{%d}" % n for n in range(3, 30)}})
    for n in range(40):
        world.write({"w1/chatSessions/a.jsonl": b"x" * (n + 1)})
        world.take()
    recording = RecordingTransport(world.transport)
    with world.open(recording) as repository:
        result = check(repository, sample=None)
    assert result.findings == ()
    assert result.snapshots == 40
    whole = [key for verb, key in recording.calls if verb == "get" and key.startswith(PACKS)]
    # Three looks at the ends of each pack, and few reads of the small packs of trees.
    assert len(whole) < 12 * result.packs


def test_an_index_that_names_bytes_which_are_not_there_is_damage(scene: Scene) -> None:
    """A sound index object, rightly named, that lies about a pack."""
    key = base().keys["index"]
    data = scene.transport.get(key)
    (first, *rest) = decode_index(data, key)
    from dataclasses import replace

    from chatcask.format.index import encode_index

    moved = tuple(replace(block, offset=block.offset + 3) for block in first.blocks)
    lie = encode_index([replace(first, blocks=moved), *rest])
    scene.transport.delete(key)
    scene.transport.put(index_key(object_name(lie)), lie)
    (finding,) = _check(scene).damage
    assert finding.key == pack_key(first.pack)


def test_an_object_of_a_newer_version_is_not_called_damage(scene: Scene) -> None:
    data = bytearray(scene.transport.get(base().keys["index"]))
    data[8] = 9
    scene.transport.put(index_key(object_name(data)), bytes(data))
    with pytest.raises(UnsupportedFormatError, match="version 9"):
        _check(scene)


def test_a_snapshot_taken_while_a_check_runs_is_not_called_damaged(scene: Scene) -> None:
    """Snapshots are listed first, then indexes, then packs: what comes later is not looked for."""
    rng = random.Random(7)

    class Busy(RecordingTransport):
        def before(self, verb: str, key: str) -> None:
            super().before(verb, key)
            if len(self.calls) in moments:
                matrix.World.take(scene)

    for _ in range(6):
        scene.write({"w1/chatSessions/a.jsonl": rng.randbytes(3000)})
        moments = {rng.randrange(1, 40)}
        with scene.open(Busy(scene.transport)) as repository:
            result = check(repository, sample=EVERYTHING)
        assert not result.damage


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("code/workspaces/w1/chatSessions/a.jsonl", AffectedChat("code", "w1", "a")),
        ("code/workspaces/w1/chatEditingSessions/a/contents/9f", AffectedChat("code", "w1", "a")),
        ("code/workspaces/w1/transcripts/a.jsonl", AffectedChat("code", "w1", "a")),
        ("code/empty-window/chatSessions/b.json", AffectedChat("code", "", "b")),
        ("code/workspaces/w1/chatSessions", None),
        ("code/workspaces/w1", None),
        ("code/images/x.png", None),
        ("code", None),
        ("", None),
    ],
)
def test_which_chat_a_path_belongs_to(path: str, expected: AffectedChat | None) -> None:
    assert chat_of(path) == expected


def test_severities_are_what_exit_codes_go_by() -> None:
    assert list(Severity) == ["damage", "lost", "leftover"]
