"""What is told of a look into old copies of editors' folders."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from chatcask.advice import Advice
from chatcask.documents.document import moment_of

if TYPE_CHECKING:
    from chatcask.ops.editing.copied_chats import CopiedChat
    from chatcask.workbench.old_copies import CopiesSeen


@dataclass(frozen=True, slots=True)
class CopiedChatRow:
    """A chat of which an old copy holds more than there is here; `commands` bring it back.

    `turns_here` is null where it has no file; `user_data_dir` and `workspace` say where it belongs now.
    """

    session: str
    title: str
    turns: int
    last_message: datetime | None
    copied_at: datetime
    turns_here: int | None
    in_store: bool
    user_data_dir: Path | None
    workspace: str | None
    folder: str | None
    commands: tuple[Advice, ...]


@dataclass(frozen=True, slots=True)
class LookedIntoRow:
    """What was looked into, when its copies were made, and the chats of which it has more than is here."""

    path: Path
    chats: int
    copied_at: tuple[datetime, ...]
    missing: tuple[CopiedChatRow, ...]


def looked_into_rows(seen: CopiesSeen | None) -> tuple[LookedIntoRow, ...]:
    """Return what old copies hold."""
    if seen is None:
        return ()
    return tuple(
        LookedIntoRow(
            looked.path,
            looked.chats,
            looked.dates,
            tuple(_row(chat) for chat in seen.chats if chat.copy == looked.path),
        )
        for looked in seen.looked_into
    )


def _row(chat: CopiedChat) -> CopiedChatRow:
    return CopiedChatRow(
        session=chat.session,
        title=chat.version.summary.title,
        turns=chat.turns,
        last_message=moment_of(chat.version.summary.last_message_ms),
        copied_at=chat.version.snapshot.taken_at,
        turns_here=chat.turns_here,
        in_store=chat.stored is not None,
        user_data_dir=chat.source.user_data_dir if chat.source else None,
        workspace=chat.place.workspace if chat.place else None,
        folder=chat.version.file.folder or None,
        commands=chat.steps,
    )
