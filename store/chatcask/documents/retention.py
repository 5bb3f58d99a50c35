"""What is told of what a store keeps: forgotten snapshots, freed space, tags and pins."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from chatcask.documents.document import Document

if TYPE_CHECKING:
    from chatcask.ops.retention.last_copies import LostChat
    from chatcask.ops.retention.policy import ForgetPlan
    from chatcask.ops.retention.prune import PruneResult
    from chatcask.ops.retention.undelete import Undeleted
    from chatcask.repository.keys import SnapshotReference
    from chatcask.workbench.labels import TagChange


@dataclass(frozen=True, slots=True)
class SnapshotRow:
    """One snapshot."""

    snapshot: str
    timestamp: datetime


@dataclass(frozen=True, slots=True)
class KeptRow(SnapshotRow):
    """One snapshot that stays, and why."""

    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UndeletedRow(SnapshotRow):
    """One snapshot that is back; `bytes_stored` had to be copied for it."""

    bytes_stored: int


@dataclass(frozen=True, slots=True)
class LostChatRow:
    """A chat that loses its last copy."""

    session: str
    path: str
    size: int
    snapshot: str


@dataclass(frozen=True, slots=True)
class ForgetDocument(Document):
    """Which snapshots are forgotten, or would be; `bytes_freed` is told for a dry run only."""

    dry_run: bool
    removed: tuple[SnapshotRow, ...]
    kept: tuple[KeptRow, ...]
    lost_chats: tuple[LostChatRow, ...]
    bytes_freed: int | None


@dataclass(frozen=True, slots=True)
class UndeleteDocument(Document):
    """Which snapshots are back, and which others can still be put back."""

    undeleted: tuple[UndeletedRow, ...]
    forgotten: tuple[SnapshotRow, ...]


@dataclass(frozen=True, slots=True)
class PruneDocument(Document):
    """What a prune did, or would do."""

    dry_run: bool
    packs_condemned: int
    packs_repacked: int
    bytes_condemned: int
    bytes_to_free: int
    bytes_stored: int
    packs_deleted: int
    bytes_deleted: int
    packs_waiting: int
    bytes_waiting: int
    snapshots_deleted: int


@dataclass(frozen=True, slots=True)
class TagsDocument(Document):
    """The tags of a snapshot, and the snapshots that a tag was taken from."""

    snapshot: str
    tags: tuple[str, ...]
    moved_from: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PinsDocument(Document):
    """What is pinned: snapshots, and chats."""

    snapshots: tuple[str, ...]
    sessions: tuple[str, ...]


def forget_document(
    plan: ForgetPlan, lost: Iterable[LostChat], bytes_freed: int | None, *, dry_run: bool
) -> ForgetDocument:
    """Return which snapshots go and stay."""
    return ForgetDocument(
        dry_run=dry_run,
        removed=tuple(_row(candidate.reference) for candidate in plan.removed),
        kept=tuple(
            KeptRow(candidate.reference.id, candidate.reference.taken_at, tuple(reasons))
            for candidate, reasons in plan.kept
        ),
        lost_chats=tuple(LostChatRow(x.session, x.path, x.size, x.snapshot.id) for x in lost),
        bytes_freed=bytes_freed,
    )


def undelete_document(done: Sequence[Undeleted], forgotten: Iterable[SnapshotReference]) -> UndeleteDocument:
    """Return what is back, and of all that could be put back before what still can be."""
    back = {one.reference for one in done}
    return UndeleteDocument(
        tuple(UndeletedRow(one.reference.id, one.reference.taken_at, one.bytes_stored) for one in done),
        tuple(_row(reference) for reference in forgotten if reference not in back),
    )


def prune_document(result: PruneResult, *, dry_run: bool) -> PruneDocument:
    """Return what a prune did."""
    plan = result.plan
    return PruneDocument(
        dry_run=dry_run,
        packs_condemned=len(plan.dead) + len(plan.repack),
        packs_repacked=len(plan.repack),
        bytes_condemned=plan.bytes_dead + plan.bytes_repacked,
        bytes_to_free=plan.bytes_freed,
        bytes_stored=result.bytes_stored,
        packs_deleted=result.packs_deleted,
        bytes_deleted=result.bytes_deleted,
        packs_waiting=result.packs_waiting,
        bytes_waiting=result.bytes_waiting,
        snapshots_deleted=result.manifests_deleted,
    )


def tags_document(change: TagChange) -> TagsDocument:
    """Return the tags of a snapshot, and which snapshots a tag was taken from."""
    return TagsDocument(change.snapshot.id, change.tags, tuple(other.id for other in change.moved_from))


def pins_document(snapshots: Iterable[SnapshotReference], sessions: Iterable[str]) -> PinsDocument:
    """Return what is pinned."""
    return PinsDocument(tuple(reference.id for reference in snapshots), tuple(sessions))


def _row(reference: SnapshotReference) -> SnapshotRow:
    return SnapshotRow(reference.id, reference.taken_at)
