"""Keep every chat a person had with their code editor: snapshot, compare, restore.

The public names of the library. Each is imported when it is first used, so a program pays only for what it
uses.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from chatcask._version import __version__

if TYPE_CHECKING:
    from chatcask.addressing import check_tag, parse_moment, parse_snapshot_address, split_path
    from chatcask.catalog import Catalog, SessionFile
    from chatcask.editors.locate import Platform, Source, locate, source_for
    from chatcask.editors.manifest import Selection, default_manifest, read_manifest, selections
    from chatcask.editors.products import PRODUCTS, Product, product_named
    from chatcask.editors.running import ChatGuard, Guard, RunningEditor
    from chatcask.errors import ChatcaskError
    from chatcask.format.config import Config
    from chatcask.format.snapshot import Snapshot, SourceState, Totals
    from chatcask.format.tree import Content, Entry, EntryKind
    from chatcask.layout import SnapshotReference
    from chatcask.monitor import Monitor, NullMonitor, Problem, RecordingMonitor
    from chatcask.ops.chat_selection import ChatSelection
    from chatcask.ops.diff import ChangeKind, FileChange, diff_trees
    from chatcask.ops.export_ import ExportOptions, ExportResult, export_bundle
    from chatcask.ops.export_chats import Chat, ExportedChats, export_chat, export_chats, find_chats
    from chatcask.ops.import_ import ImportOptions, ImportResult, import_bundle
    from chatcask.ops.losses import Loss
    from chatcask.ops.new_file import new_file
    from chatcask.ops.placement import refuse_inside_editor
    from chatcask.ops.restore import RestoredFiles, restore_files
    from chatcask.ops.session_history import Version, session_history
    from chatcask.ops.session_list import (
        ListedSession,
        SessionFilter,
        find_session,
        list_deleted,
        list_sessions,
    )
    from chatcask.ops.snapshot import Request, SnapshotOptions, SnapshotResult, take_snapshot
    from chatcask.ops.stats import store_stats
    from chatcask.ops.store_sizes import StoreStats
    from chatcask.repository import Repository
    from chatcask.transport import LocalTransport, MemoryTransport, ReadOnlyTransport, Transport

_HOMES = {
    "chatcask.addressing": (
        "check_tag",
        "parse_moment",
        "parse_snapshot_address",
        "split_path",
    ),
    "chatcask.ops.session_history": (
        "Version",
        "session_history",
    ),
    "chatcask.ops.session_list": (
        "ListedSession",
        "SessionFilter",
        "find_session",
        "list_deleted",
        "list_sessions",
    ),
    "chatcask.catalog": (
        "Catalog",
        "SessionFile",
    ),
    "chatcask.editors.locate": ("Platform", "Source", "locate", "source_for"),
    "chatcask.editors.manifest": ("Selection", "default_manifest", "read_manifest", "selections"),
    "chatcask.editors.products": ("PRODUCTS", "Product", "product_named"),
    "chatcask.editors.running": ("ChatGuard", "Guard", "RunningEditor"),
    "chatcask.errors": ("ChatcaskError",),
    "chatcask.format.config": ("Config",),
    "chatcask.format.snapshot": ("Snapshot", "SourceState", "Totals"),
    "chatcask.format.tree": ("Content", "Entry", "EntryKind"),
    "chatcask.layout": ("SnapshotReference",),
    "chatcask.monitor": ("Monitor", "NullMonitor", "Problem", "RecordingMonitor"),
    "chatcask.ops.chat_selection": ("ChatSelection",),
    "chatcask.ops.export_": ("ExportOptions", "ExportResult", "export_bundle"),
    "chatcask.ops.export_chats": (
        "Chat",
        "ExportedChats",
        "export_chat",
        "export_chats",
        "find_chats",
    ),
    "chatcask.ops.import_": ("ImportOptions", "ImportResult", "import_bundle"),
    "chatcask.ops.new_file": ("new_file",),
    "chatcask.ops.stats": ("store_stats",),
    "chatcask.ops.store_sizes": ("StoreStats",),
    "chatcask.ops.diff": ("ChangeKind", "FileChange", "diff_trees"),
    "chatcask.ops.losses": ("Loss",),
    "chatcask.ops.placement": ("refuse_inside_editor",),
    "chatcask.ops.restore": ("RestoredFiles", "restore_files"),
    "chatcask.ops.snapshot": ("Request", "SnapshotOptions", "SnapshotResult", "take_snapshot"),
    "chatcask.repository": ("Repository",),
    "chatcask.transport": ("LocalTransport", "MemoryTransport", "ReadOnlyTransport", "Transport"),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "CHAT_FORMATS",
    "PRODUCTS",
    "Catalog",
    "ChangeKind",
    "Chat",
    "ChatGuard",
    "ChatSelection",
    "ChatcaskError",
    "Config",
    "Content",
    "Entry",
    "EntryKind",
    "ExportOptions",
    "ExportResult",
    "ExportedChats",
    "FileChange",
    "Guard",
    "ImportOptions",
    "ImportResult",
    "ListedSession",
    "LocalTransport",
    "Loss",
    "MemoryTransport",
    "Monitor",
    "NullMonitor",
    "Platform",
    "Problem",
    "Product",
    "ReadOnlyTransport",
    "RecordingMonitor",
    "Repository",
    "Request",
    "RestoredFiles",
    "RunningEditor",
    "Selection",
    "SessionFile",
    "SessionFilter",
    "Snapshot",
    "SnapshotOptions",
    "SnapshotReference",
    "SnapshotResult",
    "Source",
    "SourceState",
    "StoreStats",
    "Totals",
    "Transport",
    "Version",
    "__version__",
    "check_tag",
    "default_manifest",
    "diff_trees",
    "export_bundle",
    "export_chat",
    "export_chats",
    "find_chats",
    "find_session",
    "import_bundle",
    "list_deleted",
    "list_sessions",
    "locate",
    "new_file",
    "parse_moment",
    "parse_snapshot_address",
    "product_named",
    "read_manifest",
    "refuse_inside_editor",
    "restore_files",
    "selections",
    "session_history",
    "source_for",
    "split_path",
    "store_stats",
    "take_snapshot",
]


def __getattr__(name: str) -> object:
    """Import a public name on first use."""
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module 'chatcask' has no attribute {name!r}")
    value: object = getattr(import_module(home), name)
    globals()[name] = value
    return value
