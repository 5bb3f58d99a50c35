"""Forgotten snapshots: which there are, which prune may delete for good, which labels outlived theirs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chatcask.repository.condemned import CondemnedList
from chatcask.repository.keys import FORGOTTEN, SnapshotReference, snapshot_reference
from chatcask.repository.labels import take_label
from chatcask.repository.repository import Repository


@dataclass(frozen=True, slots=True)
class ForgottenManifest:
    """One object under `forgotten/`. It is a leftover when its snapshot was put back."""

    reference: SnapshotReference
    modified_ns: int
    is_leftover: bool

    @property
    def key(self) -> str:
        """Its key."""
        return self.reference.forgotten_key


def list_forgotten(repository: Repository) -> list[ForgottenManifest]:
    """Return everything under `forgotten/`."""
    # Snapshots first: forget writes here before it deletes there, so none is missed in both lists.
    present = set(repository.snapshots())
    found = []
    for info in repository.transport.list(FORGOTTEN):
        reference = snapshot_reference(info.key)
        if reference is not None:
            found.append(ForgottenManifest(reference, info.modified_ns, reference in present))
    return found


def expired(
    forgotten: Sequence[ForgottenManifest],
    ripe: Sequence[CondemnedList],
    oldest_allowed_ns: int,
    *,
    nothing_condemned: bool,
) -> tuple[ForgottenManifest, ...]:
    """Return the manifests that go: old enough, and their packs go now or none of them is to go.

    Args:
        forgotten: What `list_forgotten` gave.
        ripe: The condemned lists whose packs are deleted by this run.
        oldest_allowed_ns: What was modified after this time is within the grace period.
        nothing_condemned: Whether no pack is to go, now or later.
    """
    newest_ripe = max((entry.modified_ns for entry in ripe), default=None)
    return tuple(
        manifest
        for manifest in forgotten
        if manifest.modified_ns <= oldest_allowed_ns
        and (
            manifest.is_leftover
            or nothing_condemned
            or (newest_ripe is not None and manifest.modified_ns <= newest_ripe)
        )
    )


def delete_stale_labels(repository: Repository) -> None:
    """Take away labels of snapshots that are neither kept nor forgotten."""
    labels = repository.labels()
    known = {reference.id for reference in repository.snapshots()}
    known |= {manifest.reference.id for manifest in list_forgotten(repository)}
    for label in labels.every:
        if label.snapshot is not None and label.snapshot not in known:
            take_label(repository.transport, label)
