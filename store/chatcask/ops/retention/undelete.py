"""Put forgotten snapshots back, as long as prune has not deleted what they need."""

from __future__ import annotations

from dataclasses import dataclass

from chatcask.advice import Advice, AdviceCode
from chatcask.errors import DamagedError, NotFoundError
from chatcask.format.snapshot import Snapshot, decode_snapshot
from chatcask.monitor import Problem
from chatcask.repository.keys import SnapshotReference
from chatcask.repository.repository import Repository
from chatcask.repository.resolve import beginning_with
from chatcask.repository.snapshots import read_manifest, read_snapshot


@dataclass(frozen=True, slots=True)
class UndeletePlan:
    """Which forgotten snapshot is to be put back."""

    reference: SnapshotReference


@dataclass(frozen=True, slots=True)
class Undeleted:
    """A snapshot that is back; `bytes_stored` is what had to be copied out of condemned packs."""

    reference: SnapshotReference
    bytes_stored: int


def plan_undelete(repository: Repository, text: str) -> UndeletePlan:
    """Plan to put back the forgotten snapshot that `text` names: the beginning of its id, or its tag.

    Raises:
        NotFoundError: none answers to that name.
        AmbiguousError: several ids begin so; the message lists them.
    """
    forgotten = repository.forgotten()
    found = beginning_with(text, forgotten, "forgotten ids")
    if found is not None:
        return UndeletePlan(found)
    labels = repository.labels()
    for reference in reversed(forgotten):
        if text in labels.tags(reference.id, load_forgotten(repository, reference).tags):
            return UndeletePlan(reference)
    raise NotFoundError(
        f"no forgotten snapshot {text!r}",
        what="snapshot",
        name=text,
        advice=Advice(AdviceCode.LIST_FORGOTTEN),
    )


def load_forgotten(repository: Repository, reference: SnapshotReference) -> Snapshot:
    """Read the manifest of a forgotten snapshot.

    Raises:
        DamagedError: it is cut short, changed or gone.
    """
    return read_snapshot(repository.transport, reference.forgotten_key)


def apply_undelete(repository: Repository, plan: UndeletePlan) -> Undeleted:
    """Put a forgotten snapshot back under its old name.

    Raises:
        DamagedError: prune has deleted what it needs, or it is damaged; nothing was put back.
        StaleError: it took too long; run it again.
        TransportError: the store cannot be read or written; nothing was put back.
    """
    # Before anything else is read: docs/format.md section 12.
    run = repository.begin()
    reference = plan.reference
    data = read_manifest(repository.transport, reference.forgotten_key)
    root = decode_snapshot(data, reference.forgotten_key).root

    def refuse(problem: Problem) -> None:
        raise DamagedError(
            f"snapshot {reference.id[:12]} cannot be put back: {problem.path}: {problem.message}",
            advice=Advice(AdviceCode.MAYBE_PRUNED),
        )

    stored = run.preserve(root, refuse).bytes_stored
    run.put_back(reference, data)
    return Undeleted(reference, stored)
