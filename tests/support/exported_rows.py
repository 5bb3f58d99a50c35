"""Bundles whose content a model knows."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from chatcask.errors import TransportError
from chatcask.ops.bundle.read_in import ImportResult
from chatcask.repository.keys import SnapshotReference
from support.bundles import export, new_store, take_in
from support.transports import FaultyTransport
from support.worlds import World


@dataclass(frozen=True)
class Exported:
    """A bundle, when its snapshots were taken, and what was there then; a copy keeps its original's time."""

    data: bytes
    taken_at: list[datetime]
    files: dict[datetime, dict[str, bytes]]


def export_newest(
    world: World, snapshots: Mapping[SnapshotReference, dict[str, bytes]], count: int
) -> Exported:
    chosen = sorted(snapshots)[-count:]
    data, done = export(world, snapshots=tuple(chosen))
    assert done.snapshots == len(chosen)
    assert not done.problems
    moments = [taken_at(world, reference) for reference in chosen]
    files = (snapshots[reference] for reference in chosen)
    return Exported(data, sorted(moments), dict(zip(moments, files, strict=True)))


def assert_whole(world: World, bundle: Exported, done: ImportResult) -> None:
    """Check that the world's store has all snapshots of a bundle after an import."""
    assert not done.problems
    assert sorted(taken_at(world, found) for found in (*done.committed, *done.present)) == bundle.taken_at


def assert_goes_into_a_new_store(world: World, bundle: Exported, crash: int | None) -> None:
    """Import into an empty store, after an import that died if `crash` says so."""
    other = new_store()
    if crash is not None:
        with suppress(TransportError):
            take_in(FaultyTransport(other, crash), bundle.data)
    assert not take_in(other, bundle.data).problems
    with world.open(other) as repository:
        moments = {found: repository.load(found).taken_at for found in repository.snapshots()}
    assert sorted(moments.values()) == bundle.taken_at
    for reference, moment in moments.items():
        assert world.files_of(reference, other) == bundle.files[moment]


def taken_at(world: World, reference: SnapshotReference) -> datetime:
    """Return when a snapshot was taken; its key may say a little later."""
    with world.open() as repository:
        return repository.load(reference).taken_at
