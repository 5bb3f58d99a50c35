"""Change an editor's folder: restore a chat, diagnose and fix, undo. The public names of `ops/editing`.

One shape for each: `plan_restore`, `plan_fix` or `plan_undo` says what would change, and `apply` does it.
"""

from __future__ import annotations

from chatcask.ops.browse.versions import ChatVersions, StoredVersion
from chatcask.ops.editing.apply import Applied, FailedPlace, apply
from chatcask.ops.editing.cause import Kind
from chatcask.ops.editing.change import (
    ChangeCause,
    EditorChange,
    FieldStep,
    FileStep,
    Plan,
    field_steps,
    file_steps,
)
from chatcask.ops.editing.choose_findings import choose_findings
from chatcask.ops.editing.context import EditContext
from chatcask.ops.editing.diagnose import Doctor, Examination, diagnose, examine
from chatcask.ops.editing.finding import ChatFinding, Diagnosis
from chatcask.ops.editing.plan_fix import Fixed, FixPlan, apply_fixes, plan_fix
from chatcask.ops.editing.plan_restore import RestorePlan, plan_restore
from chatcask.ops.editing.plan_undo import PassedOver, UndoPlan, plan_undo
from chatcask.ops.editing.restoring import RestoreMode, RestoreOptions

__all__ = [
    "Applied",
    "ChangeCause",
    "ChatFinding",
    "ChatVersions",
    "Diagnosis",
    "Doctor",
    "EditContext",
    "EditorChange",
    "Examination",
    "FailedPlace",
    "FieldStep",
    "FileStep",
    "FixPlan",
    "Fixed",
    "Kind",
    "PassedOver",
    "Plan",
    "RestoreMode",
    "RestoreOptions",
    "RestorePlan",
    "StoredVersion",
    "UndoPlan",
    "apply",
    "apply_fixes",
    "choose_findings",
    "diagnose",
    "examine",
    "field_steps",
    "file_steps",
    "plan_fix",
    "plan_restore",
    "plan_undo",
]
