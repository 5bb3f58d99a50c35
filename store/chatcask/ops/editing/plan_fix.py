"""Plan how findings of the doctor are put right: which files and which fields would change.

Nothing is written here. `apply` carries the plan out, safety snapshot first, and `undo` takes it back. Of a
chat that cannot be opened, what the file still gives is used, unless the store or a second file of the chat
has more turns. What cannot be put right is named in the plan and keeps nothing else from being put right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from chatcask.assistants.editing import Place
from chatcask.assistants.known import editing_of
from chatcask.assistants.vscode.chat_list.read import read_index
from chatcask.errors import ChatcaskError, EditorRunningError, InvalidInputError
from chatcask.monitor import Monitor
from chatcask.ops.browse.versions import ChatVersions
from chatcask.ops.editing.apply import Applied, apply
from chatcask.ops.editing.cause import FindingKind
from chatcask.ops.editing.change import (
    ChangeCause,
    EditorChange,
    FileChange,
    PlaceChange,
    notes_on_links,
)
from chatcask.ops.editing.choose_findings import Chosen
from chatcask.ops.editing.context import EditContext
from chatcask.ops.editing.finding import ChatFinding
from chatcask.ops.editing.fix_body import fixed_body
from chatcask.ops.editing.fix_list import fixed_entry, mended_list
from chatcask.ops.editing.fixing import Fixing
from chatcask.ops.editing.place_state import ListState, read_list


@dataclass(frozen=True, slots=True)
class FixPlan:
    """What a fix would do: the change, what is put right, and what cannot be and why."""

    change: EditorChange
    fixed: tuple[ChatFinding, ...]
    refused: tuple[tuple[ChatFinding, str], ...]

    @property
    def notes(self) -> tuple[str, ...]:
        """What should be known before it is carried out."""
        return tuple(notes_on_links(self.change))


@dataclass(frozen=True, slots=True)
class Fixed:
    """What a fix did. `plan` says what of it was put right in the end; nothing was applied if not needed."""

    plan: FixPlan
    applied: Applied | None


def plan_fix(context: EditContext, versions: ChatVersions, chosen: Chosen) -> FixPlan:
    """Plan how findings are put right.

    Args:
        context: The store and the guard.
        versions: Where older versions and earlier lists of chats are found.
        chosen: A folder, and what is to be put right in it.

    Raises:
        NotEditableError: the folder is one that is never changed.
        EditorRunningError: the editor runs; nothing was touched.
    """
    diagnosis, findings = chosen
    editing_of(diagnosis.source.id)
    context.guard.require_closed(diagnosis.source)
    fixing = Fixing(context, versions, diagnosis.source)
    drafts: dict[str, _Draft] = {}
    fixed: list[ChatFinding] = []
    refused: list[tuple[ChatFinding, str]] = []
    # A list is mended before an entry is added to it.
    for finding in sorted(findings, key=lambda finding: bool(finding.session)):
        try:
            _put_right(fixing, finding, _draft(fixing, drafts, _place_of(finding)))
        except EditorRunningError:
            raise
        except ChatcaskError as error:
            refused.append((finding, error.message))
        else:
            fixed.append(finding)
    drafted = [_change(draft) for draft in drafts.values()]
    change = EditorChange(
        source=diagnosis.source,
        cause=ChangeCause.FIX,
        about=tuple(f"fix {finding.about}: {finding.cause}" for finding in fixed),
        places=tuple(place for place in drafted if not place.is_empty),
    )
    return FixPlan(change, tuple(fixed), tuple(refused))


def apply_fixes(context: EditContext, plans: Sequence[FixPlan], monitor: Monitor) -> list[Fixed]:
    """Carry out the fixes of several folders; one that fails does not keep the others from being done.

    Raises:
        ChatcaskError: the only one failed.
    """
    done = []
    for plan in plans:
        try:
            applied = apply(context, plan, monitor)
        except ChatcaskError as error:
            if len(plans) == 1:
                raise
            refused = tuple((finding, error.message) for finding in plan.fixed)
            done.append(Fixed(replace(plan, fixed=(), refused=(*plan.refused, *refused)), None))
        else:
            done.append(Fixed(_as_done(plan, applied), applied))
    return done


def _as_done(plan: FixPlan, applied: Applied | None) -> FixPlan:
    """Return a plan that says what was put right in the end: not what is in places that failed."""
    why = {failed.place.workspace: failed.error.message for failed in applied.failed} if applied else {}
    fixed = tuple(finding for finding in plan.fixed if _place_of(finding).workspace not in why)
    refused = tuple((f, why[_place_of(f).workspace]) for f in plan.fixed if _place_of(f).workspace in why)
    return replace(plan, fixed=fixed, refused=(*plan.refused, *refused))


@dataclass(slots=True)
class _Draft:
    """A place being put right: its list as it becomes, its files, and the chats that must be shown."""

    place: Place
    listed: ListState
    text: str | None
    files: list[FileChange] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)


def _place_of(finding: ChatFinding) -> Place:
    """Return the place that changes."""
    return finding.target or finding.place


def _draft(fixing: Fixing, drafts: dict[str, _Draft], place: Place) -> _Draft:
    draft = drafts.get(place.workspace)
    if draft is None:
        listed = read_list(place, fixing.watch)
        draft = drafts[place.workspace] = _Draft(place, listed, listed.text)
    return draft


def _put_right(fixing: Fixing, finding: ChatFinding, draft: _Draft) -> None:
    """Change a draft so that a finding is put right, or leave it as it is and raise."""
    if finding.kind is FindingKind.MALFORMED_INDEX:
        draft.text = mended_list(fixing, finding.place, draft.text or "")
        return
    index = read_index(draft.text)
    if index.problem:
        raise InvalidInputError(f"the list of {finding.place.name} is malformed: {index.problem}")
    fixed = fixed_body(fixing, finding)
    draft.text = fixing.editing.put_entry(draft.text, fixed_entry(fixing, finding, draft.text, fixed))
    draft.files += fixed.files
    draft.shown.append(finding.session)


def _change(draft: _Draft) -> PlaceChange:
    """Return what changes in a place; the marks of archived chats are those of all that are shown."""
    rows = () if draft.text is None else draft.listed.changes(draft.text, draft.shown)
    return PlaceChange(draft.place, tuple(draft.files), rows)
