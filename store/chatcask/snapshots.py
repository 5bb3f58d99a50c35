"""Snapshots as values: what a run keeps, what it holds, and how a person names one."""

from __future__ import annotations

from chatcask.format.config import BlockParameters as BlockParameters
from chatcask.format.config import ChunkerParameters as ChunkerParameters
from chatcask.format.config import Config as Config
from chatcask.format.snapshot import Snapshot as Snapshot
from chatcask.format.snapshot import SourceState as SourceState
from chatcask.format.snapshot import Totals as Totals
from chatcask.format.tree import Content as Content
from chatcask.format.tree import Entry as Entry
from chatcask.format.tree import EntryKind as EntryKind
from chatcask.ops.snapshot.capture import WorkspaceReport as WorkspaceReport
from chatcask.ops.snapshot.capture_sources import Request as Request
from chatcask.ops.snapshot.capture_sources import Skipped as Skipped
from chatcask.ops.snapshot.compare_chats import Loss as Loss
from chatcask.ops.snapshot.take import Identity as Identity
from chatcask.ops.snapshot.take import SnapshotOptions as SnapshotOptions
from chatcask.ops.snapshot.take import SnapshotResult as SnapshotResult
from chatcask.ops.snapshot.take import take_snapshot as take_snapshot
from chatcask.repository.addressing import SnapshotAddress as SnapshotAddress
from chatcask.repository.addressing import check_tag as check_tag
from chatcask.repository.addressing import parse_moment as parse_moment
from chatcask.repository.addressing import parse_snapshot_address as parse_snapshot_address
from chatcask.repository.addressing import split_path as split_path
from chatcask.repository.addressing import split_session as split_session
from chatcask.repository.keys import SnapshotReference as SnapshotReference
from chatcask.repository.resolve import resolve_snapshot as resolve_snapshot
from chatcask.repository.run import Run as Run
from chatcask.repository.snapshots import StoredSnapshot as StoredSnapshot
