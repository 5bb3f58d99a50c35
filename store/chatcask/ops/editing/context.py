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
from chatcask.ops.snapshot.manifest import Identity
from chatcask.ops.snapshot.take import SnapshotOptions, take_snapshot
from chatcask.repository.keys import SnapshotReference
from chatcask.repository.repository import Repository

_SAFETY_TAG = "safety-%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, slots=True)
class EditContext:
    """What an operation needs to change an editor's folder.

    Attributes:
        repository: The store.
        catalog: Which chats its snapshots hold.
        guard: Says whether an editor is closed.
        clock: The time now, in UTC.
        identity: Who takes safety snapshots.
        operations: The steps on files.
    """

    repository: Repository
    catalog: Catalog
    guard: Guard
    clock: Callable[[], datetime]
    identity: Identity
    operations: FileOperations = field(default_factory=FileOperations)


def take_safety_snapshot(context: EditContext, source: Source, monitor: Monitor) -> SnapshotReference:
    """Capture a whole folder before anything in it changes; the snapshot has a tag that says so.

    Raises:
        EditorRunningError: the editor runs; nothing was touched.
        TransportError: the store cannot be written.
    """
    result = take_snapshot(
        context.repository,
        [Request(source)],
        SnapshotOptions(tags=(context.clock().strftime(_SAFETY_TAG),)),
        identity=context.identity,
        guard=context.guard,
        clock=context.clock,
        monitor=monitor,
    )
    if result.reference is None:
        raise ChatcaskError("no safety snapshot could be taken, so nothing was changed")
    return result.reference
