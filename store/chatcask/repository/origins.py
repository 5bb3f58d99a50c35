"""Whose snapshots a store has: what each origin saw last, and which snapshots came before it."""

from __future__ import annotations

from collections.abc import Callable, Collection

from chatcask.errors import DamagedError
from chatcask.monitor import Problem
from chatcask.repository.keys import SnapshotReference
from chatcask.repository.repository import Repository
from chatcask.repository.snapshots import StoredSnapshot


def newest_of_each_origin(
    repository: Repository, own: Collection[str], report: Callable[[Problem], object]
) -> list[StoredSnapshot]:
    """Return the newest snapshot of each origin that can be read: own ones first, then the newest first.

    An origin that has ended, since another follows all of its snapshots, is left out.

    Args:
        repository: The store.
        own: The origins of this user on this machine.
        report: Told of manifests that are damaged.
    """
    references: dict[str, list[SnapshotReference]] = {}
    for reference in reversed(repository.snapshots()):
        references.setdefault(reference.origin, []).append(reference)
    found = [
        stored
        for newest_first in references.values()
        if (stored := first_readable(repository, newest_first, report)) is not None
    ]
    followed = [each for stored in found for each in stored.snapshot.follows]
    current = [
        stored
        for stored in found
        if not any(
            each.origin == stored.reference.origin and stored.reference.taken_at <= each.until
            for each in followed
        )
    ]
    return sorted(current, key=lambda stored: stored.reference.origin not in own)


def first_readable(
    repository: Repository, references: Collection[SnapshotReference], report: Callable[[Problem], object]
) -> StoredSnapshot | None:
    """Return the first snapshot whose manifest can be read; those before it are reported."""
    for reference in references:
        try:
            return StoredSnapshot(reference, repository.load(reference))
        except DamagedError as error:
            report(Problem(reference.key, error.kind, error.message))
    return None


def snapshots_up_to(repository: Repository, stored: StoredSnapshot) -> list[SnapshotReference]:
    """Return a snapshot and those before it, newest first: of its origin, then of those that it follows."""
    own = [
        reference
        for reference in repository.snapshots(stored.reference.origin)
        if reference <= stored.reference
    ]
    followed = [
        reference
        for each in stored.snapshot.follows
        if each.origin != stored.reference.origin
        for reference in repository.snapshots(each.origin)
        if reference.taken_at <= each.until
    ]
    return own[::-1] + sorted(followed, reverse=True)
