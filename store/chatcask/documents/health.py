"""What is told of a store as a whole: what a check found, what a repair did, how big it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from chatcask.advice import Advice
from chatcask.documents.document import Document, ProblemRow, problem_rows

if TYPE_CHECKING:
    from chatcask.ops.integrity.check import CheckResult
    from chatcask.ops.integrity.findings import Finding
    from chatcask.ops.integrity.repair import RepairPlan, RepairResult
    from chatcask.ops.stats.sizes import (
        ChunkSizes,
        EditorSizes,
        FolderSizes,
        MonthGrowth,
        ObjectSizes,
        StoreStats,
    )


@dataclass(frozen=True, slots=True)
class AffectedChatRow:
    """A chat that a finding touches."""

    source: str
    workspace: str | None
    session: str


@dataclass(frozen=True, slots=True)
class FindingRow:
    """One thing of the store that is not as it should be, what it affects, and the way out."""

    key: str
    kind: str
    severity: str
    message: str
    hint: Advice | None
    chats: tuple[AffectedChatRow, ...]
    paths: tuple[str, ...]
    path_count: int
    snapshots: tuple[str, ...]
    snapshot_count: int


@dataclass(frozen=True, slots=True)
class CheckDocument(Document):
    """What a check saw."""

    success: bool
    snapshots: int
    packs: int
    chunks: int
    bytes_read: int
    damage: int
    lost: int
    leftovers: int
    findings: tuple[FindingRow, ...]


@dataclass(frozen=True, slots=True)
class ConfigDocument(Document):
    """The store's `config` has to be made anew before more can be said; `config` says why."""

    success: bool
    dry_run: bool
    config: str


@dataclass(frozen=True, slots=True)
class UnaskedRow:
    """An editor's folder that could not be looked at for missing bytes, since the editor runs."""

    source: str
    folder: Path
    reason: str


@dataclass(frozen=True, slots=True)
class RepairDocument(Document):
    """What a repair did, or would do; `config` says why that was made anew, if it was."""

    success: bool
    dry_run: bool
    timestamp: datetime
    config: str | None
    packs_indexed: tuple[str, ...]
    packs_rescued: tuple[str, ...]
    indexes_replaced: tuple[str, ...]
    put_back: tuple[str, ...]
    snapshots_rescued: tuple[str, ...]
    chunks_wanted: int
    chunks_rescued: int
    chunks_refilled: int
    unasked: tuple[UnaskedRow, ...]
    newly_lost: int
    findings_before: tuple[FindingRow, ...]
    findings: tuple[FindingRow, ...]


@dataclass(frozen=True, slots=True)
class WorkspaceSizesRow:
    """One workspace in the newest snapshots."""

    source: str
    workspace: str
    name: str | None
    chats: int
    files: int
    size: int


@dataclass(frozen=True, slots=True)
class ChatSizeRow:
    """One of the largest chats in the newest snapshots."""

    source: str
    workspace: str
    session: str
    title: str | None
    path: str
    size: int


@dataclass(frozen=True, slots=True)
class StatsDocument(Document):
    """How big a store is, what it saves and how it grows."""

    stored: int
    objects: Mapping[str, ObjectSizes]
    chunks: Mapping[str, ChunkSizes]
    snapshots: int
    logical: FolderSizes
    dedup_ratio: float | None
    compression_ratio: float | None
    months: tuple[MonthGrowth, ...]
    editors: tuple[EditorSizes, ...]
    workspaces: tuple[WorkspaceSizesRow, ...]
    largest_chats: tuple[ChatSizeRow, ...]
    errors: tuple[ProblemRow, ...]


def check_document(result: CheckResult) -> CheckDocument:
    """Return what a check saw."""
    return CheckDocument(
        success=not result.damage,
        snapshots=result.snapshots,
        packs=result.packs,
        chunks=result.chunks,
        bytes_read=result.bytes_read,
        damage=len(result.damage),
        lost=len(result.lost),
        leftovers=len(result.leftovers),
        findings=_findings(result.findings),
    )


def repair_document(
    plan: RepairPlan, result: RepairResult | None, moment: datetime, config: str | None
) -> RepairDocument:
    """Return what a repair did, or without a result would do; `config` says why that was made anew."""
    unasked = result.unasked if result else ()
    return RepairDocument(
        success=not (result or plan).damage,
        dry_run=result is None,
        timestamp=moment,
        config=config,
        packs_indexed=tuple(plan.index_packs),
        packs_rescued=tuple(plan.rescue_packs),
        indexes_replaced=tuple(plan.replace_indexes),
        put_back=tuple(plan.put_back),
        snapshots_rescued=tuple(plan.rescue_snapshots),
        chunks_wanted=plan.wanted,
        chunks_rescued=result.chunks_rescued if result else 0,
        chunks_refilled=result.chunks_refilled if result else 0,
        unasked=tuple(UnaskedRow(one.source.id, one.source.user_data_dir, one.reason) for one in unasked),
        newly_lost=result.newly_lost if result else 0,
        findings_before=_findings(plan.findings),
        findings=_findings((result or plan).findings),
    )


def stats_document(stats: StoreStats) -> StatsDocument:
    """Return the sizes of a store."""
    return StatsDocument(
        stored=stats.stored,
        objects=stats.objects,
        chunks=stats.chunks,
        snapshots=stats.snapshots,
        logical=stats.logical,
        dedup_ratio=stats.dedup_ratio,
        compression_ratio=stats.compression_ratio,
        months=stats.months,
        editors=stats.editors,
        workspaces=tuple(
            WorkspaceSizesRow(p.source, p.workspace, p.name or None, p.chats, p.files, p.size)
            for p in stats.workspaces
        ),
        largest_chats=tuple(
            ChatSizeRow(c.source, c.workspace, c.session, c.title or None, c.path, c.size)
            for c in stats.largest
        ),
        errors=problem_rows(stats.problems),
    )


def _findings(findings: Iterable[Finding]) -> tuple[FindingRow, ...]:
    return tuple(_finding(finding) for finding in findings)


def _finding(finding: Finding) -> FindingRow:
    affects = finding.affects
    return FindingRow(
        key=finding.key,
        kind=finding.kind,
        severity=finding.severity.value,
        message=finding.message,
        hint=finding.advice,
        chats=tuple(
            AffectedChatRow(chat.source, chat.workspace or None, chat.session) for chat in affects.chats
        ),
        paths=affects.paths,
        path_count=affects.path_count,
        snapshots=affects.snapshots,
        snapshot_count=affects.snapshot_count,
    )
