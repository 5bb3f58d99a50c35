"""What the demo tells."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from chatcask.documents.document import Document
from chatcask.documents.snapshots import LossRow, loss_rows

if TYPE_CHECKING:
    from chatcask.ops.snapshot.take import SnapshotResult


@dataclass(frozen=True, slots=True)
class DemoDocument(Document):
    """What came of the demo: the snapshots before and after the loss, and the chat's file that is back."""

    success: bool
    folder: Path | None
    snapshots: tuple[str, ...]
    losses: tuple[LossRow, ...]
    restored: str
    identical: bool


def demo_document(
    folder: Path | None, results: Iterable[SnapshotResult], restored: str, *, identical: bool
) -> DemoDocument:
    """Return what came of the demo; the losses are those of the last snapshot."""
    told = tuple(results)
    return DemoDocument(
        success=identical,
        folder=folder,
        snapshots=tuple(result.reference.id for result in told if result.reference),
        losses=loss_rows(loss.as_row() for loss in told[-1].losses),
        restored=restored,
        identical=identical,
    )
