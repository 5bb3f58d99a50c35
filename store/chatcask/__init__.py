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
    from chatcask.addressing import (
        check_tag,
        parse_moment,
        parse_snapshot_address,
        split_path,
        split_session,
    )
    from chatcask.catalog import Catalog
    from chatcask.editors.locate import Platform, Source, locate, source_for
    from chatcask.editors.manifest import Selection, default_manifest, read_manifest, selections
    from chatcask.editors.products import PRODUCTS, Product, product_named
    from chatcask.editors.running import ChatGuard, Guard, RunningEditor
    from chatcask.errors import ChatcaskError
    from chatcask.format.config import Config
    from chatcask.format.snapshot import Snapshot, SourceState, Totals
    from chatcask.format.tree import Content, Entry, EntryKind
    from chatcask.labels import Labels
    from chatcask.layout import SnapshotReference
    from chatcask.monitor import Monitor, NullMonitor, Problem, RecordingMonitor
    from chatcask.ops.archive import ArchivedChat, ArchiveResult, Deed, archive_chats
    from chatcask.ops.chat_selection import ChatSelection
    from chatcask.ops.check import CheckResult, check
    from chatcask.ops.diff import ChangeKind, FileChange, diff_trees
    from chatcask.ops.doctor import diagnose
    from chatcask.ops.doctor_finding import ChatFinding, Diagnosis
    from chatcask.ops.doctor_fix import FixPlan, choose_findings, plan_fix
    from chatcask.ops.editor_apply import Applied, apply_change
    from chatcask.ops.editor_change import EditContext, EditorChange, field_steps, file_steps
    from chatcask.ops.export_ import ExportOptions, ExportResult, export_bundle
    from chatcask.ops.export_chats import Chat, ExportedChats, export_chat, export_chats, find_chats
    from chatcask.ops.findings import AffectedChat, Finding, Sample, Severity
    from chatcask.ops.forget import (
        LostChat,
        bytes_freed,
        forget,
        lost_chats,
        plan_forget_by_name,
        plan_forget_by_policy,
    )
    from chatcask.ops.forget_policy import Candidate, ForgetPlan, RetentionPolicy
    from chatcask.ops.import_ import ImportOptions, ImportResult, import_bundle
    from chatcask.ops.label import (
        pin_session,
        pin_snapshot,
        tag_snapshot,
        unpin_session,
        unpin_snapshot,
        untag_snapshot,
    )
    from chatcask.ops.losses import Loss
    from chatcask.ops.mend_config import mend_config
    from chatcask.ops.new_file import new_file
    from chatcask.ops.placement import refuse_inside_editor
    from chatcask.ops.plan_restore import RestoreMode, RestoreOptions, RestorePlan, plan_restore
    from chatcask.ops.prune import PruneResult, preview_prune, prune
    from chatcask.ops.prune_plan import PrunePlan
    from chatcask.ops.repair import RepairHelpers, RepairPlan, RepairResult, repair
    from chatcask.ops.restore import RestoredFiles, restore_files
    from chatcask.ops.restore_choice import StoredVersion, best_version, choose_version
    from chatcask.ops.session_diff import (
        SessionChange,
        SessionChangeKind,
        TurnDelta,
        TurnText,
        diff_chats,
        turn_texts,
    )
    from chatcask.ops.session_history import Version, session_history
    from chatcask.ops.session_kin import Kin, find_kin
    from chatcask.ops.session_list import (
        ListedSession,
        SessionFilter,
        find_session,
        list_deleted,
        list_sessions,
    )
    from chatcask.ops.show import ReadableChat, read_chat, with_pasted_images
    from chatcask.ops.snapshot import Request, SnapshotOptions, SnapshotResult, take_snapshot
    from chatcask.ops.stats import store_stats
    from chatcask.ops.store_sizes import StoreStats
    from chatcask.ops.undelete import Undeleted, find_forgotten, load_forgotten, undelete
    from chatcask.ops.undo import UndoPlan, plan_undo, undo
    from chatcask.repository import Repository
    from chatcask.session_file import SessionFile
    from chatcask.sessions.render.describe import Description
    from chatcask.transport import LocalTransport, MemoryTransport, ReadOnlyTransport, Transport
    from chatcask.transport.exclusive import exclusive

_HOMES = {
    "chatcask.addressing": (
        "check_tag",
        "parse_moment",
        "parse_snapshot_address",
        "split_path",
        "split_session",
    ),
    "chatcask.labels": ("Labels",),
    "chatcask.ops.check": ("CheckResult", "check"),
    "chatcask.ops.doctor": ("diagnose",),
    "chatcask.ops.doctor_finding": ("ChatFinding", "Diagnosis"),
    "chatcask.ops.doctor_fix": ("FixPlan", "choose_findings", "plan_fix"),
    "chatcask.ops.editor_apply": ("Applied", "apply_change"),
    "chatcask.ops.editor_change": ("EditContext", "EditorChange", "field_steps", "file_steps"),
    "chatcask.ops.findings": ("AffectedChat", "Finding", "Sample", "Severity"),
    "chatcask.ops.forget": (
        "LostChat",
        "bytes_freed",
        "forget",
        "lost_chats",
        "plan_forget_by_name",
        "plan_forget_by_policy",
    ),
    "chatcask.ops.forget_policy": ("Candidate", "ForgetPlan", "RetentionPolicy"),
    "chatcask.ops.label": (
        "pin_session",
        "pin_snapshot",
        "tag_snapshot",
        "unpin_session",
        "unpin_snapshot",
        "untag_snapshot",
    ),
    "chatcask.ops.mend_config": ("mend_config",),
    "chatcask.ops.plan_restore": ("RestoreMode", "RestoreOptions", "RestorePlan", "plan_restore"),
    "chatcask.ops.prune": ("PruneResult", "preview_prune", "prune"),
    "chatcask.ops.prune_plan": ("PrunePlan",),
    "chatcask.ops.repair": ("RepairHelpers", "RepairPlan", "RepairResult", "repair"),
    "chatcask.ops.restore_choice": ("StoredVersion", "best_version", "choose_version"),
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
    "chatcask.catalog": ("Catalog",),
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
    "chatcask.ops.undelete": ("Undeleted", "find_forgotten", "load_forgotten", "undelete"),
    "chatcask.ops.undo": ("UndoPlan", "plan_undo", "undo"),
    "chatcask.repository": ("Repository",),
    "chatcask.transport": ("LocalTransport", "MemoryTransport", "ReadOnlyTransport", "Transport"),
    "chatcask.ops.archive": ("ArchiveResult", "ArchivedChat", "Deed", "archive_chats"),
    "chatcask.ops.show": ("ReadableChat", "read_chat", "with_pasted_images"),
    "chatcask.ops.session_diff": (
        "SessionChange",
        "SessionChangeKind",
        "TurnDelta",
        "TurnText",
        "diff_chats",
        "turn_texts",
    ),
    "chatcask.ops.session_kin": ("Kin", "find_kin"),
    "chatcask.session_file": ("SessionFile",),
    "chatcask.sessions.render.describe": ("Description",),
    "chatcask.transport.exclusive": ("exclusive",),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "PRODUCTS",
    "AffectedChat",
    "Applied",
    "ArchiveResult",
    "ArchivedChat",
    "Candidate",
    "Catalog",
    "ChangeKind",
    "Chat",
    "ChatFinding",
    "ChatGuard",
    "ChatSelection",
    "ChatcaskError",
    "CheckResult",
    "Config",
    "Content",
    "Deed",
    "Description",
    "Diagnosis",
    "EditContext",
    "EditorChange",
    "Entry",
    "EntryKind",
    "ExportOptions",
    "ExportResult",
    "ExportedChats",
    "FileChange",
    "Finding",
    "FixPlan",
    "ForgetPlan",
    "Guard",
    "ImportOptions",
    "ImportResult",
    "Kin",
    "Labels",
    "ListedSession",
    "LocalTransport",
    "Loss",
    "LostChat",
    "MemoryTransport",
    "Monitor",
    "NullMonitor",
    "Platform",
    "Problem",
    "Product",
    "PrunePlan",
    "PruneResult",
    "ReadOnlyTransport",
    "ReadableChat",
    "RecordingMonitor",
    "RepairHelpers",
    "RepairPlan",
    "RepairResult",
    "Repository",
    "Request",
    "RestoreMode",
    "RestoreOptions",
    "RestorePlan",
    "RestoredFiles",
    "RetentionPolicy",
    "RunningEditor",
    "Sample",
    "Selection",
    "SessionChange",
    "SessionChangeKind",
    "SessionFile",
    "SessionFilter",
    "Severity",
    "Snapshot",
    "SnapshotOptions",
    "SnapshotReference",
    "SnapshotResult",
    "Source",
    "SourceState",
    "StoreStats",
    "StoredVersion",
    "Totals",
    "Transport",
    "TurnDelta",
    "TurnText",
    "Undeleted",
    "UndoPlan",
    "Version",
    "__version__",
    "apply_change",
    "archive_chats",
    "best_version",
    "bytes_freed",
    "check",
    "check_tag",
    "choose_findings",
    "choose_version",
    "default_manifest",
    "diagnose",
    "diff_chats",
    "diff_trees",
    "exclusive",
    "export_bundle",
    "export_chat",
    "export_chats",
    "field_steps",
    "file_steps",
    "find_chats",
    "find_forgotten",
    "find_kin",
    "find_session",
    "forget",
    "import_bundle",
    "list_deleted",
    "list_sessions",
    "load_forgotten",
    "locate",
    "lost_chats",
    "mend_config",
    "new_file",
    "parse_moment",
    "parse_snapshot_address",
    "pin_session",
    "pin_snapshot",
    "plan_fix",
    "plan_forget_by_name",
    "plan_forget_by_policy",
    "plan_restore",
    "plan_undo",
    "preview_prune",
    "product_named",
    "prune",
    "read_chat",
    "read_manifest",
    "refuse_inside_editor",
    "repair",
    "restore_files",
    "selections",
    "session_history",
    "source_for",
    "split_path",
    "split_session",
    "store_stats",
    "tag_snapshot",
    "take_snapshot",
    "turn_texts",
    "undelete",
    "undo",
    "unpin_session",
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
