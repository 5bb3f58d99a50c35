"""What is told of chats that are seen and not saved."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chatcask.assistants.base import Elsewhere


@dataclass(frozen=True, slots=True)
class ElsewhereRow:
    """Chats that are seen and not saved; `source` is "" for those of no editor."""

    source: str
    kind: str
    place: Path
    chats: int


def elsewhere_rows(found: Iterable[Elsewhere]) -> tuple[ElsewhereRow, ...]:
    """Return chats that are seen and not saved."""
    return tuple(ElsewhereRow(each.source, each.kind.value, each.place, each.chats) for each in found)
