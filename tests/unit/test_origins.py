"""Proves that snapshots of one folder go on under another origin, and those of another folder never do."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from chatcask.errors import EditorRunningError
from chatcask.format.snapshot import Followed, decode_snapshot, encode_snapshot
from chatcask.ops.snapshot.take import SnapshotOptions
from chatcask.repository.origins import newest_of_each_origin, snapshots_up_to
from support.worlds import ORIGIN, StartingGuard, World, chat

OTHER = "ffeeddcc00112233"
THIRD = "0123012301230123"
FIRST = "11111111-1111-4111-8111-111111111111"
SECOND = "22222222-2222-4222-8222-222222222222"


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    world.write(
        {
            "w1/workspace.json": b'{"folder": "file:///lighthouse"}',
            f"w1/chatSessions/{FIRST}.jsonl": chat(3, session=FIRST),
            f"w1/chatSessions/{SECOND}.jsonl": chat(2, session=SECOND),
        }
    )
    return world


def _skip_unchanged(options: SnapshotOptions) -> SnapshotOptions:
    return replace(options, skip_unchanged=True)


def _current(world: World, own: str = ORIGIN) -> list[str]:
    with world.open() as repository:
        found = newest_of_each_origin(repository, {own}, world.monitor.problem)
        return [stored.reference.origin for stored in found]


def test_a_first_run_is_compared_with_what_another_origin_saw_of_the_folder(world: World) -> None:
    before = world.take(origin=OTHER)
    world.remove(f"w1/chatSessions/{FIRST}.jsonl")
    after = world.take()
    assert before.reference is not None
    assert after.snapshot.parent == before.reference.id
    assert after.snapshot.follows == (Followed(OTHER, before.reference.taken_at),)
    assert [loss.session for loss in after.losses] == [FIRST]


def test_a_first_run_without_a_change_writes_nothing_when_told_so(world: World) -> None:
    world.take(origin=OTHER)
    for origin in (ORIGIN, THIRD):
        result = world.take(origin=origin, change=_skip_unchanged)
        assert result.unchanged
        assert result.reference is None
        assert result.snapshot.totals.files_unchanged == 3


def test_what_was_followed_is_repeated_and_comes_before_all_own_snapshots(world: World) -> None:
    taken = [world.take(origin=OTHER), world.take(origin=OTHER), world.take(), world.take(), world.take()]
    assert taken[-1].snapshot.follows == taken[2].snapshot.follows
    with world.open() as repository:
        (newest,) = newest_of_each_origin(repository, {ORIGIN}, world.monitor.problem)
        references = [result.reference for result in taken]
        assert snapshots_up_to(repository, newest) == references[::-1]


def test_several_origins_follow_each_other(world: World) -> None:
    for origin in (OTHER, THIRD, ORIGIN):
        world.take(origin=origin)
    assert _current(world) == [ORIGIN]


def test_an_origin_that_goes_on_after_it_was_followed_counts_again(world: World) -> None:
    world.take(origin=OTHER)
    world.take()
    assert _current(world) == [ORIGIN]
    world.take(origin=OTHER)
    assert _current(world) == [ORIGIN, OTHER]
    assert _current(world, own=OTHER) == [OTHER, ORIGIN]


def test_another_machine_with_the_same_workspace_id_is_not_followed(world: World) -> None:
    """A folder on a server has the same workspace id on every machine."""
    world.take(origin=OTHER)
    shutil.rmtree(world.storage)
    world.write(
        {
            "w1/workspace.json": b'{"folder": "vscode-remote://ssh-remote+server/lighthouse"}',
            "w1/chatSessions/other.jsonl": chat(1, session="other"),
        }
    )
    result = world.take()
    assert result.snapshot.parent is None
    assert result.snapshot.follows == ()
    assert result.losses == ()


def test_a_workspace_that_was_made_at_the_same_time_is_the_same_without_any_chat(world: World) -> None:
    world.take(origin=OTHER)
    world.remove(f"w1/chatSessions/{FIRST}.jsonl", f"w1/chatSessions/{SECOND}.jsonl")
    assert sorted(loss.session for loss in world.take().losses) == [FIRST, SECOND]


def test_a_folder_whose_editor_runs_is_not_looked_at(world: World) -> None:
    world.take(origin=OTHER)
    world.guard = StartingGuard(1)
    with pytest.raises(EditorRunningError):
        world.take()
    with world.open() as repository:
        assert {reference.origin for reference in repository.snapshots()} == {OTHER}


def test_a_manifest_keeps_what_it_follows_and_one_without_has_no_such_key(world: World) -> None:
    snapshot = world.take().snapshot
    assert b"follows" not in encode_snapshot(snapshot)
    assert decode_snapshot(encode_snapshot(snapshot), "it").follows == ()
    following = replace(snapshot, follows=(Followed(OTHER, snapshot.taken_at),))
    assert decode_snapshot(encode_snapshot(following), "it") == following
