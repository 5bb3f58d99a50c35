"""Keep every chat a person had with their code editor: snapshot, compare, restore.

The public names of the library. Each is imported when it is first used, so a program pays only for what it
uses.
"""

from __future__ import annotations

from importlib import import_module

from chatcask._version import __version__

TYPE_CHECKING = False
"""As type checkers know it; importing `typing` for it would take half of what `--version` may."""

if TYPE_CHECKING:
    from chatcask.assistants.vscode.guard.machine_guard import Guard, MachineGuard, RunningEditor
    from chatcask.assistants.vscode.places.locate import (
        Platform,
        Source,
        default_manifest,
        locate,
        refuse_inside_editor,
        source_for,
    )
    from chatcask.assistants.vscode.places.manifest import Selection, read_manifest, selections
    from chatcask.assistants.vscode.places.products import PRODUCTS, Product, product_named
    from chatcask.catalog.catalog import Catalog
    from chatcask.catalog.chat_file import ChatFile
    from chatcask.chats.render.describe import Description
    from chatcask.disk.new_file import new_file
    from chatcask.errors import ChatcaskError
    from chatcask.format.config import Config
    from chatcask.format.snapshot import Snapshot, SourceState, Totals
    from chatcask.format.tree import Content, Entry, EntryKind
    from chatcask.monitor import Monitor, NullMonitor, OnceMonitor, Problem, RecordingMonitor
    from chatcask.ops.browse.diff_chats import (
        ChatChange,
        ChatChangeKind,
        TurnDelta,
        TurnText,
        diff_chats,
        turn_texts,
    )
    from chatcask.ops.browse.diff_files import ChangeKind, FileChange, diff_trees
    from chatcask.ops.browse.find_chat import FoundChat, find_chat
    from chatcask.ops.browse.history import Version, chat_history
    from chatcask.ops.browse.list_chats import ChatFilter, ListedChat, list_chats, list_deleted
    from chatcask.ops.browse.read_chat import ReadableChat, read_chat, with_pasted_images
    from chatcask.ops.browse.related import RelatedChat, find_related
    from chatcask.ops.browse.selection import ChatSelection
    from chatcask.ops.browse.snapshot_folder import SnapshotFolder, snapshot_folder
    from chatcask.ops.bundle.read_in import ImportOptions, ImportResult, import_bundle
    from chatcask.ops.bundle.write import ExportOptions, ExportResult, export_bundle
    from chatcask.ops.documents.archive import ArchivedChat, ArchiveResult, Deed, archive_chats
    from chatcask.ops.documents.export import ChosenChat, ExportedChats, export_chat, export_chats, find_chats
    from chatcask.ops.files.restore_files import RestoredFiles, restore_files
    from chatcask.ops.integrity.check import CheckResult, check
    from chatcask.ops.integrity.findings import AffectedChat, Finding, Sample, Severity
    from chatcask.ops.integrity.mend_config import mend_config
    from chatcask.ops.integrity.repair import RepairHelpers, RepairPlan, RepairResult, repair
    from chatcask.ops.retention.forget import (
        bytes_freed,
        forget,
        plan_forget_by_name,
        plan_forget_by_policy,
    )
    from chatcask.ops.retention.label import (
        pin_chat,
        pin_snapshot,
        tag_snapshot,
        unpin_chat,
        unpin_snapshot,
        untag_snapshot,
    )
    from chatcask.ops.retention.last_copies import LostChat, lost_chats
    from chatcask.ops.retention.policy import Candidate, ForgetPlan, RetentionPolicy
    from chatcask.ops.retention.prune import PruneResult, preview_prune, prune
    from chatcask.ops.retention.prune_plan import PrunePlan
    from chatcask.ops.retention.undelete import Undeleted, find_forgotten, load_forgotten, undelete
    from chatcask.ops.snapshot.capture_sources import Request
    from chatcask.ops.snapshot.compare_chats import Loss
    from chatcask.ops.snapshot.take import (
        Identity,
        SnapshotOptions,
        SnapshotResult,
        take_snapshot,
    )
    from chatcask.ops.stats.measure import store_stats
    from chatcask.ops.stats.sizes import StoreStats
    from chatcask.repository.addressing import (
        check_tag,
        parse_moment,
        parse_snapshot_address,
        split_path,
        split_session,
    )
    from chatcask.repository.keys import SnapshotReference
    from chatcask.repository.labels import Labels
    from chatcask.repository.repository import Repository
    from chatcask.repository.resolve import resolve_snapshot
    from chatcask.repository.snapshots import StoredSnapshot
    from chatcask.transport import LocalTransport, MemoryTransport, ReadOnlyTransport, Transport
    from chatcask.transport.exclusive import exclusive

FACES = ("advice", "editing", "errors", "workbench")
"""The rooms whose own public names a program may use beside those of this package."""

_HOMES = {
    "chatcask.repository.addressing": (
        "check_tag",
        "parse_moment",
        "parse_snapshot_address",
        "split_path",
        "split_session",
    ),
    "chatcask.repository.labels": ("Labels",),
    "chatcask.repository.resolve": ("resolve_snapshot",),
    "chatcask.repository.snapshots": ("StoredSnapshot",),
    "chatcask.ops.integrity.check": ("CheckResult", "check"),
    "chatcask.ops.integrity.findings": ("AffectedChat", "Finding", "Sample", "Severity"),
    "chatcask.ops.retention.forget": (
        "bytes_freed",
        "forget",
        "plan_forget_by_name",
        "plan_forget_by_policy",
    ),
    "chatcask.ops.retention.last_copies": ("LostChat", "lost_chats"),
    "chatcask.ops.retention.policy": ("Candidate", "ForgetPlan", "RetentionPolicy"),
    "chatcask.ops.retention.label": (
        "pin_chat",
        "pin_snapshot",
        "tag_snapshot",
        "unpin_chat",
        "unpin_snapshot",
        "untag_snapshot",
    ),
    "chatcask.ops.integrity.mend_config": ("mend_config",),
    "chatcask.ops.retention.prune": ("PruneResult", "preview_prune", "prune"),
    "chatcask.ops.retention.prune_plan": ("PrunePlan",),
    "chatcask.ops.integrity.repair": ("RepairHelpers", "RepairPlan", "RepairResult", "repair"),
    "chatcask.ops.browse.history": ("Version", "chat_history"),
    "chatcask.ops.browse.list_chats": (
        "ListedChat",
        "ChatFilter",
        "list_deleted",
        "list_chats",
    ),
    "chatcask.ops.browse.find_chat": ("FoundChat", "find_chat"),
    "chatcask.ops.browse.snapshot_folder": ("SnapshotFolder", "snapshot_folder"),
    "chatcask.catalog.catalog": ("Catalog",),
    "chatcask.assistants.vscode.places.locate": (
        "Platform",
        "Source",
        "default_manifest",
        "locate",
        "refuse_inside_editor",
        "source_for",
    ),
    "chatcask.assistants.vscode.places.manifest": ("Selection", "read_manifest", "selections"),
    "chatcask.assistants.vscode.places.products": ("PRODUCTS", "Product", "product_named"),
    "chatcask.assistants.vscode.guard.machine_guard": ("Guard", "MachineGuard", "RunningEditor"),
    "chatcask.errors": ("ChatcaskError",),
    "chatcask.format.config": ("Config",),
    "chatcask.format.snapshot": ("Snapshot", "SourceState", "Totals"),
    "chatcask.format.tree": ("Content", "Entry", "EntryKind"),
    "chatcask.repository.keys": ("SnapshotReference",),
    "chatcask.monitor": ("Monitor", "NullMonitor", "OnceMonitor", "Problem", "RecordingMonitor"),
    "chatcask.ops.browse.selection": ("ChatSelection",),
    "chatcask.ops.bundle.write": ("ExportOptions", "ExportResult", "export_bundle"),
    "chatcask.ops.documents.export": (
        "ChosenChat",
        "ExportedChats",
        "export_chat",
        "export_chats",
        "find_chats",
    ),
    "chatcask.ops.bundle.read_in": ("ImportOptions", "ImportResult", "import_bundle"),
    "chatcask.disk.new_file": ("new_file",),
    "chatcask.ops.stats.measure": ("store_stats",),
    "chatcask.ops.stats.sizes": ("StoreStats",),
    "chatcask.ops.browse.diff_files": ("ChangeKind", "FileChange", "diff_trees"),
    "chatcask.ops.snapshot.compare_chats": ("Loss",),
    "chatcask.ops.files.restore_files": ("RestoredFiles", "restore_files"),
    "chatcask.ops.snapshot.capture_sources": ("Request",),
    "chatcask.ops.snapshot.take": (
        "Identity",
        "SnapshotOptions",
        "SnapshotResult",
        "take_snapshot",
    ),
    "chatcask.ops.retention.undelete": ("Undeleted", "find_forgotten", "load_forgotten", "undelete"),
    "chatcask.repository.repository": ("Repository",),
    "chatcask.transport": ("LocalTransport", "MemoryTransport", "ReadOnlyTransport", "Transport"),
    "chatcask.ops.documents.archive": ("ArchiveResult", "ArchivedChat", "Deed", "archive_chats"),
    "chatcask.ops.browse.read_chat": ("ReadableChat", "read_chat", "with_pasted_images"),
    "chatcask.ops.browse.diff_chats": (
        "ChatChange",
        "ChatChangeKind",
        "TurnDelta",
        "TurnText",
        "diff_chats",
        "turn_texts",
    ),
    "chatcask.ops.browse.related": ("RelatedChat", "find_related"),
    "chatcask.catalog.chat_file": ("ChatFile",),
    "chatcask.chats.render.describe": ("Description",),
    "chatcask.transport.exclusive": ("exclusive",),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "PRODUCTS",
    "AffectedChat",
    "ArchiveResult",
    "ArchivedChat",
    "Candidate",
    "Catalog",
    "ChangeKind",
    "ChatChange",
    "ChatChangeKind",
    "ChatFile",
    "ChatFilter",
    "ChatSelection",
    "ChatcaskError",
    "CheckResult",
    "ChosenChat",
    "Config",
    "Content",
    "Deed",
    "Description",
    "Entry",
    "EntryKind",
    "ExportOptions",
    "ExportResult",
    "ExportedChats",
    "FileChange",
    "Finding",
    "ForgetPlan",
    "FoundChat",
    "Guard",
    "Identity",
    "ImportOptions",
    "ImportResult",
    "Labels",
    "ListedChat",
    "LocalTransport",
    "Loss",
    "LostChat",
    "MachineGuard",
    "MemoryTransport",
    "Monitor",
    "NullMonitor",
    "OnceMonitor",
    "Platform",
    "Problem",
    "Product",
    "PrunePlan",
    "PruneResult",
    "ReadOnlyTransport",
    "ReadableChat",
    "RecordingMonitor",
    "RelatedChat",
    "RepairHelpers",
    "RepairPlan",
    "RepairResult",
    "Repository",
    "Request",
    "RestoredFiles",
    "RetentionPolicy",
    "RunningEditor",
    "Sample",
    "Selection",
    "Severity",
    "Snapshot",
    "SnapshotFolder",
    "SnapshotOptions",
    "SnapshotReference",
    "SnapshotResult",
    "Source",
    "SourceState",
    "StoreStats",
    "StoredSnapshot",
    "Totals",
    "Transport",
    "TurnDelta",
    "TurnText",
    "Undeleted",
    "Version",
    "__version__",
    "archive_chats",
    "bytes_freed",
    "chat_history",
    "check",
    "check_tag",
    "default_manifest",
    "diff_chats",
    "diff_trees",
    "exclusive",
    "export_bundle",
    "export_chat",
    "export_chats",
    "find_chat",
    "find_chats",
    "find_forgotten",
    "find_related",
    "forget",
    "import_bundle",
    "list_chats",
    "list_deleted",
    "load_forgotten",
    "locate",
    "lost_chats",
    "mend_config",
    "new_file",
    "parse_moment",
    "parse_snapshot_address",
    "pin_chat",
    "pin_snapshot",
    "plan_forget_by_name",
    "plan_forget_by_policy",
    "preview_prune",
    "product_named",
    "prune",
    "read_chat",
    "read_manifest",
    "refuse_inside_editor",
    "repair",
    "resolve_snapshot",
    "restore_files",
    "selections",
    "snapshot_folder",
    "source_for",
    "split_path",
    "split_session",
    "store_stats",
    "tag_snapshot",
    "take_snapshot",
    "turn_texts",
    "undelete",
    "unpin_chat",
    "unpin_snapshot",
    "untag_snapshot",
    "with_pasted_images",
]


def __getattr__(name: str) -> object:
    """Import a public name on first use."""
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module 'chatcask' has no attribute {name!r}")
    value: object = getattr(import_module(home), name)
    globals()[name] = value
    return value
