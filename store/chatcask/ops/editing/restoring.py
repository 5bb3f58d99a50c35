"""What the planning of one restore is about: the version, the folder it goes to, and how."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from chatcask.assistants.base import Family, Source
from chatcask.assistants.editing import Editing
from chatcask.assistants.known import editing_of
from chatcask.monitor import Monitor
from chatcask.ops.browse.stored_version import StoredVersion
from chatcask.ops.browse.versions import ChatVersions
from chatcask.ops.editing.context import EditContext


class RestoreMode(StrEnum):
    """What to do when the chat is there already."""

    PLAIN = "plain"
    """Refuse if what is there is another version."""
    REPLACE = "replace"
    """Put the stored version in its place."""
    COPY = "copy"
    """Leave it alone and restore under a new id."""


@dataclass(frozen=True, slots=True)
class RestoreOptions:
    """How to restore.

    Attributes:
        family: The kind of operating system.
        mode: What to do when the chat is there already.
        new_id: The id of a copy; used with `RestoreMode.COPY` only.
        workspace: Where to restore to, as the user named it; None for where the chat was.
        with_edits: Restore the chat's record of edits too.
    """

    family: Family
    mode: RestoreMode = RestoreMode.PLAIN
    new_id: str = ""
    workspace: str | None = None
    with_edits: bool = False


@dataclass(frozen=True, slots=True)
class Restoring:
    """One restore being planned."""

    context: EditContext
    versions: ChatVersions
    version: StoredVersion
    target: Source
    options: RestoreOptions
    monitor: Monitor

    @property
    def session(self) -> str:
        """The id that the chat will have.

        Raises:
            InvalidInputError: it is no name of a file.
        """
        is_copy = self.options.mode is RestoreMode.COPY
        return self.editing.plain_name(self.options.new_id if is_copy else self.version.file.session)

    @property
    def editing(self) -> Editing:
        """How the folder is changed."""
        return editing_of(self.version.file.source, self.target.id)

    def watch(self) -> None:
        """Ask the guard again before a look at the folder."""
        self.context.guard.watch(self.target)
