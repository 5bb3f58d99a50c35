"""Repair deletes nothing, goes on after a crash at any write, and leaves running editors alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from chatcask.errors import TransportError, UnsupportedFormatError
from chatcask.format.config import decode_config
from chatcask.format.index import decode_index
from chatcask.format.label import Label, LabelKind
from chatcask.format.lost import decode_lost
from chatcask.ids import ObjectName, object_name
from chatcask.monitor import NullMonitor
from chatcask.ops.integrity.check import check
from chatcask.ops.integrity.findings import EVERYTHING
from chatcask.ops.integrity.mend_config import apply_config, plan_config
from chatcask.ops.integrity.repair import RepairHelpers, RepairPlan, RepairResult, apply_repair, plan_repair
from chatcask.repository.keys import CONFIG, INDEXES, LABELS, LOST, PACKS, REPLACED, SNAPSHOTS
from chatcask.repository.labels import give_label
from chatcask.repository.repository import Repository
from chatcask.transport import MemoryTransport, Transport
from support import damage_matrix as matrix
from support.damage_matrix import FIRST, SECOND, Scene, base
from support.transports import FaultyTransport, RecordingTransport
from support.worlds import SMALL, StartingGuard


@contextmanager
def _planned(
    scene: Scene, transport: Transport | None, donors: Sequence[Repository], *, live: bool
) -> Iterator[RepairPlan]:
    helpers = RepairHelpers(donors, [scene.source] if live else [], scene.guard)
    with ExitStack() as stack, scene.open(transport) as repository:
        for donor in donors:
            stack.enter_context(donor)
        yield stack.enter_context(plan_repair(repository, helpers, NullMonitor()))


def _plan(scene: Scene) -> RepairPlan:
    """Plan a repair and do nothing."""
    with _planned(scene, None, (), live=False) as plan:
        return plan


def _repair(
    scene: Scene,
    *,
    transport: Transport | None = None,
    donors: Sequence[Repository] = (),
    live: bool = True,
) -> RepairResult:
    """Repair a store; the donors are closed."""
    with _planned(scene, transport, donors, live=live) as plan:
        return apply_repair(plan, NullMonitor())


def _copy() -> Repository:
    return Repository.open(matrix._filled(base().objects))


def _objects(transport: Transport) -> dict[str, bytes]:
    return {info.key: transport.get(info.key) for info in transport.list("")}


def _scene(tmp_path: Path, target: str, damage: str) -> Scene:
    return Scene(tmp_path, matrix.damage_store(target, damage))


CASES = [
    ("index", "delete"),
    ("index", "flip"),
    ("data pack", "delete"),
    ("data pack block", "flip"),
    ("data pack footer", "zero"),
    ("tree pack", "flip"),
    ("snapshot", "flip"),
    ("snapshot", "swap"),
]


@pytest.mark.parametrize(("target", "damage"), CASES)
def test_a_dry_run_tells_and_writes_nothing(tmp_path: Path, target: str, damage: str) -> None:
    scene = _scene(tmp_path, target, damage)
    before = _objects(scene.transport)
    plan = _plan(scene)
    assert plan.has_work
    assert plan.damage
    assert _objects(scene.transport) == before
    assert scene.guard.asked == scene.guard.watched == 0


def test_a_sound_store_needs_nothing_and_gets_nothing(tmp_path: Path) -> None:
    scene = Scene(tmp_path, base().objects)
    assert not _plan(scene).has_work
    _repair(scene)
    assert _objects(scene.transport) == dict(base().objects)


@pytest.mark.parametrize(("target", "damage"), CASES)
def test_nothing_is_deleted_but_indexes_that_were_replaced(tmp_path: Path, target: str, damage: str) -> None:
    scene = _scene(tmp_path, target, damage)
    before = _objects(scene.transport)
    plan = _plan(scene)
    _repair(scene)
    after = _objects(scene.transport)
    gone = before.keys() - after.keys()
    assert all(key.startswith(INDEXES) for key in gone)
    assert {key[-64:] for key in gone} == set(plan.replace_indexes)
    changed = {key for key in before.keys() & after.keys() if before[key] != after[key]}
    # What changed became what its name says it always was.
    assert all(object_name(after[key]) == key[-64:] != object_name(before[key]) for key in changed)


@pytest.mark.parametrize(("target", "damage"), CASES)
def test_no_index_names_bytes_that_are_not_there(tmp_path: Path, target: str, damage: str) -> None:
    scene = _scene(tmp_path, target, damage)
    _repair(scene)
    objects = _objects(scene.transport)
    for key, data in objects.items():
        if not key.startswith(INDEXES) or object_name(data) != key[-64:]:
            continue
        for entry in decode_index(data, key):
            pack = objects.get(f"packs/{entry.pack[:2]}/{entry.pack}")
            if pack is not None:  # what names a pack that is gone does not count
                assert object_name(pack) == entry.pack


@pytest.mark.parametrize(("target", "damage"), CASES)
def test_a_crash_at_every_write_leaves_what_the_next_repair_mends(
    tmp_path: Path, target: str, damage: str
) -> None:
    recording = RecordingTransport(_scene(tmp_path / "count", target, damage).transport)
    scene = Scene(tmp_path / "counting", _objects(recording.inner))
    counting = RecordingTransport(scene.transport)
    _repair(scene, transport=counting, donors=[_copy()])
    writes = len(counting.keys("put")) + len(counting.keys("delete"))
    assert writes > 0
    for dies_after in range(writes):
        scene = _scene(tmp_path / str(dies_after), target, damage)
        with pytest.raises(TransportError):
            _repair(scene, transport=FaultyTransport(scene.transport, dies_after), donors=[_copy()])
        result = _repair(scene, donors=[_copy()])
        assert not result.damage
        assert not result.lost
        assert matrix.outcome_of_restore(scene) == "all"


def test_a_running_editor_is_not_touched_and_nothing_is_called_lost(tmp_path: Path) -> None:
    scene = _scene(tmp_path, "data pack", "delete")
    scene.guard = StartingGuard(1)
    result = _repair(scene)
    assert [unasked.source.id for unasked in result.unasked] == ["code"]
    assert "4711" in result.unasked[0].reason
    assert result.chunks_refilled == 0
    assert result.newly_lost == 0
    assert result.damage
    assert not list(scene.transport.list(LOST))


def test_an_editor_that_starts_meanwhile_ends_the_look_and_what_was_found_stays(tmp_path: Path) -> None:
    scene = _scene(tmp_path, "data pack", "delete")
    scene.guard = StartingGuard(9)
    result = _repair(scene)
    assert result.unasked
    assert result.newly_lost == 0
    scene.guard = matrix.Home.__mro__[1](tmp_path / "other").guard
    assert _repair(scene).newly_lost > 0


def test_what_is_lost_is_noted_once_and_comes_back_with_a_copy(tmp_path: Path) -> None:
    scene = _scene(tmp_path, "data pack", "delete")
    result = _repair(scene)
    assert result.newly_lost > 0
    assert [f.kind for f in result.lost] == ["chunks_lost"]
    assert "b" in {chat.session for chat in result.lost[0].affects.chats}
    (note,) = scene.transport.list(LOST)
    assert len(decode_lost(scene.transport.get(note.key), "note")) == result.newly_lost
    again = _repair(scene)
    assert again.newly_lost == 0
    assert not again.damage
    assert len(list(scene.transport.list(LOST))) == 1
    healed = _repair(scene, donors=[_copy()], live=False)
    assert not healed.lost
    assert matrix.outcome_of_restore(scene) == "all"


def test_new_damage_is_told_from_known_losses(tmp_path: Path) -> None:
    scene = _scene(tmp_path, "data pack", "delete")
    _repair(scene)
    scene.transport.delete(base().keys["other tree pack"])
    with scene.open() as repository:
        result = check(repository, sample=None)
    assert result.damage
    assert result.lost or result.damage[0].kind == "pack_missing"


def test_the_closed_editor_gives_back_what_it_still_has(tmp_path: Path) -> None:
    scene = _scene(tmp_path, "data pack", "delete")
    result = _repair(scene)
    assert result.chunks_refilled > 0
    with scene.open() as repository:
        reference = repository.snapshots()[0]
        files = {
            path.rpartition("workspaces/")[2]: entry
            for path, entry in repository.walk(repository.load(reference).root)
        }
        for name in (matrix.C, "w1/workspace.json"):
            assert repository.reader.read_all(files[name].content) == FIRST[name]


def test_a_later_run_heals_what_repair_could_only_withdraw(tmp_path: Path) -> None:
    """The damaged pack is no longer counted on, so the same text is stored again when it is met again."""
    scene = _scene(tmp_path, "data pack block", "zero")
    _repair(scene, live=False)
    scene.replace_all({**FIRST, "w1/chatSessions/extra.jsonl": b"x"})
    scene.take()
    with scene.open() as repository:
        assert not check(repository, sample=EVERYTHING).damage
        assert not check(repository, sample=EVERYTHING).lost
    assert matrix.outcome_of_restore(scene) == "all"


def test_a_store_that_lost_every_index_and_footer_comes_back(tmp_path: Path) -> None:
    objects = {key: data for key, data in base().objects.items() if not key.startswith(INDEXES)}
    for key in [key for key in objects if key.startswith(PACKS)]:
        start, _ = matrix._footer(objects[key])
        objects[key] = objects[key][:start] + bytes(len(objects[key]) - start)
    scene = Scene(tmp_path, objects)
    assert len(_plan(scene).rescue_packs) == 4
    assert not _repair(scene, live=False).damage
    assert matrix.outcome_of_restore(scene) == "all"


def test_a_damaged_label_comes_back_from_a_copy_or_is_noted(tmp_path: Path) -> None:
    scene = Scene(tmp_path, base().objects)
    give_label(scene.transport, Label(LabelKind.PIN, ObjectName(base().keys["snapshot"][-64:])))
    copy = Repository.open(matrix._filled(_objects(scene.transport)))
    (label,) = scene.transport.list(LABELS)
    sound = scene.transport.get(label.key)
    scene.transport.put(label.key, sound[:-1] + b"!")
    with scene.open() as repository:
        assert [f.kind for f in check(repository, sample=None).damage] == ["labels_damaged"]
    noted = _repair(scene)
    assert noted.newly_lost == 1
    assert not noted.damage
    _repair(scene, donors=[copy])
    assert scene.transport.get(label.key) == sound


def test_a_rescued_snapshot_keeps_time_and_origin_and_says_what_it_is(tmp_path: Path) -> None:
    scene = _scene(tmp_path, "snapshot", "flip")
    plan = _plan(scene)
    assert len(plan.rescue_snapshots) == 1
    _repair(scene, live=False)
    damaged = base().keys["snapshot"]
    with scene.open() as repository:
        (rescued,) = (r for r in repository.snapshots() if r.key in plan.rescue_snapshots)
        snapshot = repository.load(rescued)
        assert rescued.key[:-64] == damaged[:-64]
        assert not snapshot.complete
        assert snapshot.problems[0].path == damaged
        assert [state.id for state in snapshot.sources] == ["code"]
        assert not check(repository, sample=EVERYTHING).damage
    assert damaged in _objects(scene.transport)
    assert not _plan(scene).has_work


def _with(**changes: object) -> Callable[[bytes], bytes]:
    def change(data: bytes) -> bytes:
        import json

        return json.dumps({**json.loads(data), **changes}).encode()

    return change


@pytest.mark.parametrize(
    ("damage", "keeps_id"),
    [
        (lambda data: data[:40], False),
        (lambda data: b"", False),
        (lambda data: b"[]", False),
        (lambda data: bytes(len(data)), False),
        (_with(checksum="0"), True),
        (_with(chunker="gone", blocks={"size": "x", "level": 99}), True),
        (_with(chunker={"minimum": 1, "average": 2, "maximum": 3, "normalization": 9}), True),
        (_with(store_id="../etc"), False),
    ],
)
def test_a_config_is_made_anew_from_what_is_left(
    tmp_path: Path, damage: Callable[[bytes], bytes], *, keeps_id: bool
) -> None:
    scene = Scene(tmp_path, base().objects)
    old = scene.transport.get(CONFIG)
    damaged = damage(old)
    scene.transport.put(CONFIG, damaged)
    plan = plan_config(scene.transport, SMALL)
    assert plan is not None
    assert scene.transport.get(CONFIG) == damaged
    apply_config(scene.transport, plan)
    config = decode_config(scene.transport.get(CONFIG))
    assert config.store_id == SMALL.store_id
    assert keeps_id or config == SMALL
    kept = [scene.transport.get(info.key) for info in scene.transport.list(REPLACED)]
    assert kept == [damaged]
    assert plan_config(scene.transport, SMALL) is None
    assert matrix.outcome_of_restore(scene) == "all"
    assert scene.take().reference is not None


def test_no_config_is_made_where_there_is_no_store_or_a_newer_one(tmp_path: Path) -> None:
    empty = MemoryTransport()
    assert plan_config(empty, SMALL) is None
    assert list(empty.list("")) == []
    scene = Scene(tmp_path, base().objects)
    scene.transport.put(CONFIG, _with(format=7)(scene.transport.get(CONFIG)))
    with pytest.raises(UnsupportedFormatError):
        plan_config(scene.transport, SMALL)
    scene.transport.delete(CONFIG)
    key = next(info.key for info in scene.transport.list(SNAPSHOTS))
    newer = bytearray(scene.transport.get(key))
    newer[8] = 9
    scene.transport.put(key[:-64] + object_name(newer), bytes(newer))
    with pytest.raises(UnsupportedFormatError):
        plan_config(scene.transport, SMALL)


def test_snapshots_go_on_beside_unreadable_parents(tmp_path: Path) -> None:
    """Every tree of every earlier run is gone: the next run reads everything, says so, and is whole."""
    objects = dict(base().objects)
    del objects[base().keys["tree pack"]]
    del objects[base().keys["other tree pack"]]
    scene = Scene(tmp_path, objects)
    scene.replace_all(SECOND)
    result = scene.take()
    assert result.reference is not None
    assert result.snapshot.parent is None
    assert [p.kind for p in result.snapshot.problems] == ["damaged_pack"] + ["damaged_snapshot"] * 2
    assert scene.files_of(result.reference) == SECOND
    assert [p.kind for p in scene.take().snapshot.problems] == ["damaged_pack"], "until a repair"
