"""What the planning of one fix is about: the folder, and where older versions and lists are found."""

from __future__ import annotations

from dataclasses import dataclass

from chatcask.assistants.base import Source
from chatcask.assistants.editing import Editing
from chatcask.assistants.known import editing_of
from chatcask.ops.browse.versions import ChatVersions
from chatcask.ops.editing.context import EditContext


@dataclass(frozen=True, slots=True)
class Fixing:
    """One fix being planned."""

    context: EditContext
    versions: ChatVersions
    source: Source

    @property
    def editing(self) -> Editing:
        """How the folder is changed."""
        return editing_of(self.source.id)

    def watch(self) -> None:
        """Ask the guard again before a look at the folder."""
        self.context.guard.watch(self.source)

    @property
    def now_ms(self) -> int:
        """The time now, in milliseconds since 1970."""
        return int(self.context.clock().timestamp() * 1000)
