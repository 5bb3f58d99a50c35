"""Outlines of the chats that a run reads anyway, so that the loss alarm need not read them again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chatcask.sessions.outline import Outline

LARGEST = 32 * 1024 * 1024
"""Bytes of a file above which it is not held in memory."""


class HeardChats:
    """Hears changed session files; `outlines` has one by path, None for a file the editor would not open."""

    def __init__(self) -> None:
        self.outlines: dict[str, Outline | None] = {}

    def wants(self, path: str, size: int) -> bool:
        """Tell whether a file is a session of a size that fits in memory."""
        folder, _, name = path.rpartition("/")
        return size <= LARGEST and folder.endswith("/chatSessions") and name.endswith((".json", ".jsonl"))

    def hear(self, path: str, buffers: Sequence[bytes]) -> None:
        """Take the bytes of a file, named by its path in the snapshot."""
        from chatcask.sessions.outline import outline_of_file  # noqa: PLC0415 - a quiet run hears nothing

        self.outlines[path] = outline_of_file(buffers, path)
