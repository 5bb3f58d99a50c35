"""Change an editor's folder: restore a chat, diagnose and fix, undo.

One shape for each: `plan_restore`, `plan_fix` or `plan_undo` says what would change, and `apply` does it.
"""

from __future__ import annotations

from chatcask.assistants.vscode.places.chat_places import Place as Place
from chatcask.assistants.vscode.state.write import RowChange as RowChange
from chatcask.assistants.vscode.state.write import StateValue as StateValue
from chatcask.assistants.vscode.writing.file_steps import FileOperations as FileOperations
from chatcask.format.undo import FileBefore as FileBefore
from chatcask.format.undo import RowValue as RowValue
from chatcask.format.undo import UndoFile as UndoFile
from chatcask.format.undo import UndoRecord as UndoRecord
from chatcask.format.undo import UndoRow as UndoRow
from chatcask.ops.browse.versions import ChatVersions as ChatVersions
from chatcask.ops.browse.versions import StoredVersion as StoredVersion
from chatcask.ops.editing.apply import Applied as Applied
from chatcask.ops.editing.apply import FailedPlace as FailedPlace
from chatcask.ops.editing.apply import apply as apply
from chatcask.ops.editing.cause import Kind as Kind
from chatcask.ops.editing.change import ChangeCause as ChangeCause
from chatcask.ops.editing.change import EditorChange as EditorChange
from chatcask.ops.editing.change import FieldStep as FieldStep
from chatcask.ops.editing.change import FileChange as FileChange
from chatcask.ops.editing.change import FileStep as FileStep
from chatcask.ops.editing.change import PlaceChange as PlaceChange
from chatcask.ops.editing.change import Plan as Plan
from chatcask.ops.editing.change import field_steps as field_steps
from chatcask.ops.editing.change import file_steps as file_steps
from chatcask.ops.editing.choose_findings import choose_findings as choose_findings
from chatcask.ops.editing.context import EditContext as EditContext
from chatcask.ops.editing.diagnose import Doctor as Doctor
from chatcask.ops.editing.diagnose import Examination as Examination
from chatcask.ops.editing.diagnose import diagnose as diagnose
from chatcask.ops.editing.diagnose import examine as examine
from chatcask.ops.editing.finding import ChatFinding as ChatFinding
from chatcask.ops.editing.finding import Diagnosis as Diagnosis
from chatcask.ops.editing.plan_fix import Fixed as Fixed
from chatcask.ops.editing.plan_fix import FixPlan as FixPlan
from chatcask.ops.editing.plan_fix import apply_fixes as apply_fixes
from chatcask.ops.editing.plan_fix import plan_fix as plan_fix
from chatcask.ops.editing.plan_restore import RestorePlan as RestorePlan
from chatcask.ops.editing.plan_restore import plan_restore as plan_restore
from chatcask.ops.editing.plan_undo import PassedOver as PassedOver
from chatcask.ops.editing.plan_undo import UndoPlan as UndoPlan
from chatcask.ops.editing.plan_undo import plan_undo as plan_undo
from chatcask.ops.editing.restoring import RestoreMode as RestoreMode
from chatcask.ops.editing.restoring import RestoreOptions as RestoreOptions
from chatcask.ops.editing.undo_log import KeptUndo as KeptUndo
