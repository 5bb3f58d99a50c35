"""Change what an editor shows: put chats back, mend its list, take the last change back."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chatcask.advice import Advice, AdviceCode
from chatcask.errors import ChatcaskError, EditorRunningError, NotFoundError
from chatcask.monitor import NullMonitor, OnceMonitor
from chatcask.ops.browse.versions import StoredVersion, best_version, choose_version
from chatcask.ops.editing.apply import Applied, apply_change
from chatcask.ops.editing.change import EditContext
from chatcask.ops.editing.diagnose import diagnose
from chatcask.ops.editing.plan_fix import FixPlan, choose_findings, plan_fix
from chatcask.ops.editing.plan_restore import RestoreMode, RestoreOptions, RestorePlan, plan_restore
from chatcask.ops.editing.undo import UndoPlan, plan_undo, undo
from chatcask.ops.snapshot.capture_sources import Request
from chatcask.ops.snapshot.take import SnapshotOptions
from chatcask.workbench.sources import choose_sources, choose_target

if TYPE_CHECKING:
    from pathlib import Path

    from chatcask.assistants.vscode.places.locate import Source
    from chatcask.monitor import Monitor
    from chatcask.ops.editing.finding import ChatFinding, Diagnosis
    from chatcask.repository.keys import SnapshotReference
    from chatcask.workbench.workbench import Workbench


@dataclass(frozen=True, slots=True)
class RestoreWishes:
    """Where a chat is to be put back, and how.

    Attributes:
        workspace: The id or folder of a workspace; None for where the chat was.
        folder: The editor's user-data folder; None for the one it was captured from.
        product: The editor; None for the one it was captured from.
        mode: What to do when the chat is there already.
        with_edits: Put the chat's record of edits back too.
    """

    workspace: str | None = None
    folder: Path | None = None
    product: str | None = None
    mode: RestoreMode = RestoreMode.PLAIN
    with_edits: bool = False


@dataclass(frozen=True, slots=True)
class Visit:
    """What a look at several editors' folders found, and why some were left alone."""

    diagnoses: tuple[Diagnosis, ...]
    refusals: tuple[EditorRunningError, ...]


class Editing:
    """Plans and carries out changes of editors' folders; each is preceded by a safety snapshot."""

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench

    def plan_restore(self, text: str, wishes: RestoreWishes, monitor: Monitor) -> RestorePlan:
        """Plan how the chat that `SESSION[@SNAP]` names is put back; without @SNAP its best version.

        Raises:
            NotFoundError: there is no such chat, or no such folder.
            AmbiguousError: several answer to the name, or the chat would not be shown where it was.
            EditorRunningError: the editor runs; nothing was touched.
            RestoreRefusedError: the chat is there with other content, or the editor's list is malformed.
            InvalidInputError: the store is inside the editor's folder.
        """
        bench, machine = self._bench, self._bench.machine
        once = OnceMonitor(monitor)
        chosen = bench.chats.find(text, once)
        everything = list(bench.snapshots.history(once))
        candidates = [chosen.stored] if chosen.is_pinned_down else everything
        version = choose_version(bench.catalog, chosen.file.session, candidates, once)
        target = choose_target(machine, wishes.folder, wishes.product, version.file.source)
        bench.keep_out([target])
        options = RestoreOptions(
            family=machine.platform.family,
            mode=wishes.mode,
            new_id=str(uuid.uuid4()) if wishes.mode is RestoreMode.COPY else "",
            workspace=wishes.workspace,
            with_edits=wishes.with_edits,
        )
        return plan_restore(self._context(monitor), bench.catalog, version, target, options, everything)

    def plan_undo(self, folder: Path | None, monitor: Monitor) -> UndoPlan:
        """Plan how the last change is taken back; `folder` is the editor's, if it is not found by itself.

        Raises:
            NotFoundError: there is nothing to undo, or the folder is not there.
            EditorRunningError: the editor runs; nothing was touched.
            DamagedError: the store no longer has what was there before.
        """
        return plan_undo(self._context(monitor), choose_sources(self._bench.machine, folder, None))

    def diagnose(self, sources: Sequence[Source], monitor: Monitor) -> Visit:
        """Look at every chat of closed editors for what the editor does not list or cannot open.

        Raises:
            NotFoundError: there are no folders to look at.
            EditorRunningError: every one of the editors runs.
        """
        if not sources:
            raise NotFoundError(
                "no editor's folder was found", what="source", advice=Advice(AdviceCode.NAME_USER_DATA_DIR)
            )
        found, refusals = [], []
        for source in sources:
            try:
                found.append(self._diagnosis(source, monitor))
            except EditorRunningError as error:
                refusals.append(error)
        if not found:
            raise refusals[0]
        return Visit(tuple(found), tuple(refusals))

    def plan_fixes(
        self, diagnoses: Sequence[Diagnosis], names: Sequence[str], monitor: Monitor
    ) -> list[FixPlan]:
        """Plan how findings are mended: those of the named chats and workspaces, or all. One plan a folder.

        Raises:
            NotFoundError: a name matches no finding.
            InvalidInputError: the store is inside an editor's folder.
            EditorRunningError: an editor runs; nothing was touched.
        """
        bench = self._bench
        history = list(bench.snapshots.history(monitor))
        plans = []
        for diagnosis, findings in _chosen(diagnoses, names):
            bench.keep_out([diagnosis.source])
            plans.append(plan_fix(self._context(monitor), bench.catalog, history, diagnosis, findings))
        return plans

    def apply(self, plan: RestorePlan | FixPlan, monitor: Monitor) -> Applied | None:
        """Carry out a restore or a fix; None if there is nothing to do.

        Raises:
            EditorRunningError: the editor runs; if it was started meanwhile, the message says what was done.
            RestoreRefusedError: the folder is no longer what the plan was made for; nothing was changed.
            StateDatabaseError: a database cannot be changed; the old state is there.
            EditorFolderError: a file cannot be written; the old state is there.
        """
        return None if plan.change.is_empty else apply_change(self._context(monitor), plan.change)

    def undo(self, plan: UndoPlan, monitor: Monitor) -> Applied | None:
        """Take the last change back; None if everything is as it was before already. Raises as `apply`."""
        return undo(self._context(monitor), plan)

    def _diagnosis(self, source: Source, monitor: Monitor) -> Diagnosis:
        machine = self._bench.machine

        def lookup(session: str) -> StoredVersion | None:
            return best_version(self._bench.catalog, session, self._bench.snapshots.history(monitor), monitor)

        return diagnose(
            source,
            guard=machine.guard,
            family=machine.platform.family,
            lookup=lookup,
            monitor=monitor,
        )

    def _context(self, monitor: Monitor) -> EditContext:
        machine = self._bench.machine
        return EditContext(
            repository=self._bench.repository,
            guard=machine.guard,
            clock=machine.clock,
            origin=machine.origin,
            save=self._save,
            monitor=monitor,
        )

    def _save(self, source: Source, tag: str) -> SnapshotReference:
        result = self._bench.snapshots.take([Request(source)], SnapshotOptions((tag,)), NullMonitor())
        if result.reference is None:
            raise ChatcaskError(
                "no safety snapshot could be taken", advice=Advice(AdviceCode.RUN_AGAIN_UNCHANGED)
            )
        return result.reference


def _chosen(
    diagnoses: Sequence[Diagnosis], names: Sequence[str]
) -> Iterator[tuple[Diagnosis, list[ChatFinding]]]:
    """Yield what to mend in each folder; a name must be known in one of them."""
    unknown = set(names)
    chosen = []
    for diagnosis in diagnoses:
        known = [name for name in names if _is_known(diagnosis, name)]
        unknown -= set(known)
        if known or not names:
            chosen.append((diagnosis, choose_findings(diagnosis, known)))
    if unknown:
        choose_findings(diagnoses[0], sorted(unknown))
    yield from chosen


def _is_known(diagnosis: Diagnosis, name: str) -> bool:
    try:
        choose_findings(diagnosis, [name])
    except NotFoundError:
        return False
    return True
