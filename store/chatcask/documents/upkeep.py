"""What upkeep tells: what it did, or would do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from chatcask.documents.document import Document

if TYPE_CHECKING:
    from chatcask.ops.retention.policy import ForgetPlan
    from chatcask.ops.retention.prune import PruneResult
    from chatcask.workbench.daily_upkeep import UpkeepPlan, UpkeepResult


@dataclass(frozen=True, slots=True)
class LeftOutRow:
    """A step that was not done, and why."""

    step: str
    kind: str
    reason: str


@dataclass(frozen=True, slots=True)
class UpkeepDocument(Document):
    """What upkeep did, or would do; a number of a step that was not done is null."""

    success: bool
    dry_run: bool
    ended: datetime
    forgotten: tuple[str, ...] | None
    bytes_deleted: int | None
    bytes_waiting: int | None
    bytes_read: int | None
    damage: int | None
    left_out: tuple[LeftOutRow, ...]


def upkeep_document(result: UpkeepResult, ended: datetime) -> UpkeepDocument:
    """Return what upkeep did."""
    return UpkeepDocument(
        success=not result.left_out and not (result.check and result.check.damage),
        dry_run=False,
        ended=ended,
        forgotten=_ids(result.forgotten),
        bytes_deleted=result.prune.bytes_deleted if result.prune else None,
        bytes_waiting=result.prune.bytes_waiting if result.prune else None,
        bytes_read=result.check.bytes_read if result.check else None,
        damage=len(result.check.damage) if result.check else None,
        left_out=tuple(LeftOutRow(each.step, each.kind, each.reason) for each in result.left_out),
    )


def upkeep_plan_document(plan: UpkeepPlan, now: datetime) -> UpkeepDocument:
    """Return what upkeep would do."""
    prune: PruneResult | None = plan.prune
    return UpkeepDocument(
        success=True,
        dry_run=True,
        ended=now,
        forgotten=_ids(plan.forget),
        bytes_deleted=prune.bytes_deleted if prune else None,
        bytes_waiting=prune.bytes_waiting if prune else None,
        bytes_read=None,
        damage=None,
        left_out=(),
    )


def _ids(plan: ForgetPlan | None) -> tuple[str, ...] | None:
    return None if plan is None else tuple(each.reference.id for each in plan.removed)
