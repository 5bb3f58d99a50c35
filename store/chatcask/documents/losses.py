"""What is told of all losses that a store knows of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from chatcask.documents.document import Document
from chatcask.documents.snapshots import LossRow, loss_rows

if TYPE_CHECKING:
    from chatcask.workbench.past_losses import PastLoss


@dataclass(frozen=True, slots=True)
class PastLossRow:
    """A loss, the snapshot whose run found it, and whether the chat is back with as many turns."""

    found_in: str
    found_at: datetime
    host: str
    is_back: bool
    loss: LossRow


@dataclass(frozen=True, slots=True)
class LossesDocument(Document):
    """All losses that snapshots of the store tell of, newest first."""

    losses: tuple[PastLossRow, ...]


def losses_document(losses: Iterable[PastLoss]) -> LossesDocument:
    """Return what was found lost."""
    return LossesDocument(tuple(map(_row, losses)))


def _row(past: PastLoss) -> PastLossRow:
    (loss,) = loss_rows([past.loss.as_row()])
    return PastLossRow(past.found.id, past.found.taken_at, past.host, past.is_back, loss)
