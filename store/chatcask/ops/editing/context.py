"""What every operation on an editor's folder is given, and the safety snapshot that comes before a change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from chatcask.assistants.base import Guard, Source
from chatcask.assistants.vscode.writing.file_steps import FileOperations
from chatcask.catalog.catalog import Catalog
from chatcask.errors import ChatcaskError
from chatcask.monitor import Monitor
from chatcask.ops.snapshot.capture_sources import Request
from chatcask.ops.snapshot.compare_chats import Loss
from chatcask.ops.snapshot.manifest import Identity
from chatcask.ops.snapshot.take import SnapshotOptions, take_snapshot
from chatcask.repository.keys import SnapshotReference
from chatcask.repository.repository import Repository


@dataclass(frozen=True, slots=True)
class EditContext:
    """What an operation needs to change an editor's folder.

    Attributes:
        repository: The store.
        catalog: Which chats its snapshots hold.
        guard: Says whether an editor is closed.
        clock: The time now, in UTC.
        identity: Who takes safety snapshots.
        origins: Whose changes may be taken back: this origin's and those that it goes on from.
        operations: The steps on files.
    """

    repository: Repository
    catalog: Catalog
    guard: Guard
    clock: Callable[[], datetime]
    identity: Identity
    origins: frozenset[str] = frozenset()
    operations: FileOperations = field(default_factory=FileOperations)


@dataclass(frozen=True, slots=True)
class SafetySnapshot:
    """What was there before a change, and which chats are less than in the snapshot before."""

    reference: SnapshotReference
    losses: tuple[Loss, ...]


def take_safety_snapshot(context: EditContext, source: Source, tag: str, monitor: Monitor) -> SafetySnapshot:
    """Capture a whole folder before anything in it changes.

    Args:
        context: The store and the guard.
        source: The folder.
        tag: Which of the tags of safety snapshots it gets: `SAFETY_TAG` or `UNDO_TAG`.
        monitor: Told of what cannot be read.

    Raises:
        EditorRunningError: the editor runs; nothing was touched.
        TransportError: the store cannot be written.
    """
    result = take_snapshot(
        context.repository,
        [Request(source)],
        SnapshotOptions(tags=(context.clock().strftime(tag),)),
        identity=context.identity,
        guard=context.guard,
        clock=context.clock,
        monitor=monitor,
    )
    if result.reference is None:
        raise ChatcaskError("no safety snapshot could be taken, so nothing was changed")
    return SafetySnapshot(result.reference, result.losses)
