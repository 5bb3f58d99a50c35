"""Change what an editor shows: put chats back, mend its list, take the last change back."""

from __future__ import annotations

import os
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chatcask.advice import Advice, AdviceCode
from chatcask.errors import ChatcaskError, EditorRunningError, NotFoundError
from chatcask.jobs.changing import changing
from chatcask.monitor import OnceMonitor
from chatcask.ops.browse.versions import ChatVersions
from chatcask.ops.editing.apply import Applied, apply
from chatcask.ops.editing.choose_findings import choose_findings
from chatcask.ops.editing.context import EditContext
from chatcask.ops.editing.diagnose import Examination, examine
from chatcask.ops.editing.look import Doctor
from chatcask.ops.editing.plan_fix import Fixed, FixPlan, apply_fixes, plan_fix
from chatcask.ops.editing.plan_restore import RestorePlan, plan_restore
from chatcask.ops.editing.plan_undo import UndoPlan, plan_undo
from chatcask.ops.editing.restore_many import (
    FolderRestore,
    RefusedRestore,
    RestoredFolder,
    apply_restores,
    by_folder,
)
from chatcask.ops.editing.restoring import RestoreMode, RestoreOptions
from chatcask.workbench.known_folders import known_folders, remember_folder
from chatcask.workbench.lost_chats import ManyChats, choose_chats
from chatcask.workbench.restore_choice import RestoreWishes, editor_meant, find_meant, version_meant
from chatcask.workbench.sources import choose_sources, choose_target

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from chatcask.assistants.base import Source
    from chatcask.monitor import Monitor
    from chatcask.ops.editing.change import Plan
    from chatcask.ops.editing.finding import Diagnosis
    from chatcask.repository.snapshots import StoredSnapshot
    from chatcask.workbench.bench import Bench
    from chatcask.workbench.chats import Chats
    from chatcask.workbench.old_copies import CopiesSeen
    from chatcask.workbench.snapshots import Snapshots


@dataclass(frozen=True, slots=True)
class ManyRestores:
    """Chats to put back, by the editor's folder that they go to, and those that cannot be."""

    folders: tuple[FolderRestore, ...]
    refused: tuple[RefusedRestore, ...]


class Editing:
    """Plans and carries out changes of editors' folders; each is preceded by a safety snapshot."""

    def __init__(self, bench: Bench, snapshots: Snapshots, chats: Chats) -> None:
        self._bench = bench
        self._snapshots = snapshots
        self._chats = chats

    def plan_restore(self, text: str, wishes: RestoreWishes, monitor: Monitor) -> RestorePlan:
        """Plan how the chat that `SESSION[@SNAP]` names is put back; without @SNAP its best version.

        Raises:
            NotFoundError: there is no such chat or folder, or no turn in any version or in the named one.
            AmbiguousError: several answer to the name, or the chat would not be shown where it was.
            EditorRunningError: the editor runs; nothing was touched.
            RestoreRefusedError: the chat is there with other content, or the editor's list is malformed.
            InvalidInputError: the store is inside the editor's folder.
            DamagedError: the store cannot give any version of the chat.
        """
        return self._plan_restore(text, wishes, None, OnceMonitor(monitor))

    def plan_restores(self, names: Sequence[str], wishes: RestoreWishes, monitor: Monitor) -> ManyRestores:
        """Plan how several chats are put back; one that cannot be is named and keeps no other from it.

        Args:
            names: The chats, each as for `plan_restore`.
            wishes: Where all of them are to be put back, and how.
            monitor: Told of what cannot be read.

        Raises:
            EditorRunningError: the editor of every chat runs; nothing was touched.
        """
        once = OnceMonitor(monitor)
        everything = self._versions(self._snapshots.history(once), once)
        plans: dict[str, RestorePlan] = {}
        refused: list[RefusedRestore] = []
        for name in names:
            try:
                plan = self._plan_restore(name, wishes, everything, once)
            except ChatcaskError as error:
                refused.append(RefusedRestore(name, error))
            else:
                plans.setdefault(plan.version.file.session, plan)
        if not plans:
            for refusal in refused:
                if isinstance(refusal.error, EditorRunningError):
                    raise refusal.error
        return ManyRestores(by_folder(plans.values()), tuple(refused))

    def apply_restores(self, restores: ManyRestores, monitor: Monitor) -> list[RestoredFolder]:
        """Put several chats back; a safety snapshot and an undo for each editor's folder.

        Raises:
            ChatcaskError: the only folder cannot be changed; nothing was changed.
        """
        self._prepare(restores.folders)
        with changing(self._bench.machine.memory_folder):
            return apply_restores(self._context(), restores.folders, monitor)

    def choose_chats(self, many: ManyChats, monitor: Monitor) -> list[str]:
        """Return the names of the chats that somebody wants back who names none.

        Raises:
            NotFoundError: the store has no snapshot.
        """
        return choose_chats(self._bench.machine, self._snapshots, self._chats, many, monitor)

    def _plan_restore(
        self, text: str, wishes: RestoreWishes, everything: ChatVersions | None, once: Monitor
    ) -> RestorePlan:
        """Plan one restore; without a look at everything it looks at this chat alone."""
        bench, machine = self._bench, self._bench.machine
        chosen = find_meant(machine, self._chats, text, wishes, once)
        session = chosen.file.session
        if chosen.is_transcript:
            raise NotFoundError(
                f"of the chat {session} only the Copilot extension's transcript is left",
                what="version",
                name=session,
                advice=Advice(AdviceCode.REBUILD_CHAT, session=session),
            )
        if everything is None:
            everything = self._versions(self._snapshots.history(once), once, session)
        source = editor_meant(machine, text, wishes, chosen, everything.sources(session))
        named = everything
        if chosen.is_pinned_down or source is not None:
            snapshots = [chosen.stored] if chosen.is_pinned_down else self._snapshots.history(once)
            named = self._versions(snapshots, once, session, source)
        version = version_meant(named, everything, chosen)
        target = choose_target(machine, wishes.folder, wishes.product, version.file.source)
        bench.keep_out([target])
        options = RestoreOptions(
            family=machine.platform.family,
            mode=wishes.mode,
            new_id=str(uuid.uuid4()) if wishes.mode is RestoreMode.COPY else "",
            workspace=wishes.workspace,
            with_edits=wishes.with_edits,
        )
        return plan_restore(self._context(), everything, version, target, options, once)

    def plan_undo(self, folder: Path | None, skip: Sequence[str], monitor: Monitor) -> UndoPlan:
        """Plan how the last change is taken back that can be; the plan names newer ones that cannot.

        Args:
            folder: The editor's folder; None for those found and those changed before on this machine.
            skip: Ids of changes that shall stay, or their beginnings.
            monitor: Told of what cannot be read.

        Raises:
            NotFoundError: there is nothing to undo, or the folder is not there.
            EditorRunningError: the editor runs; nothing was touched.
            DamagedError: the store no longer has what was there before.
        """
        machine = self._bench.machine
        noted = [source for source in known_folders(machine) if _is_at(source, folder)]
        sources = [*choose_sources(machine, folder, None), *noted]
        return plan_undo(self._context(), sources, skip, monitor)

    def diagnose(self, sources: Sequence[Source], monitor: Monitor) -> Examination:
        """Look at every chat of closed editors for what the editor does not list or cannot open.

        Raises:
            NotFoundError: there are no folders to look at.
            EditorRunningError: every one of the editors runs.
        """
        if not sources:
            raise NotFoundError(
                "no editor's folder was found", what="source", advice=Advice(AdviceCode.NAME_USER_DATA_DIR)
            )
        machine = self._bench.machine
        versions = self._versions(self._snapshots.history(monitor), monitor)
        return examine(Doctor(machine.guard, machine.platform.family, versions, monitor), sources)

    def look_into_copies(
        self, paths: Sequence[Path], sources: Sequence[Source], monitor: Monitor
    ) -> CopiesSeen:
        """Look into old copies for chats that are not here any more, or hold less here; nothing is stored.

        Args:
            paths: Folders, zip files, or files of single chats.
            sources: The editors' folders here.
            monitor: Told of what cannot be read.

        Raises:
            NotFoundError: one is not there.
            InvalidInputError: one is an editor's own folder.
            EditorRunningError: an editor uses one; nothing was touched.
        """
        from chatcask.workbench.old_copies import look_into_copies  # noqa: PLC0415 - few have copies

        history = self._snapshots.history(monitor)
        return look_into_copies(self._bench, history, paths, sources, monitor)

    def plan_fixes(
        self, diagnoses: Sequence[Diagnosis], names: Sequence[str], monitor: Monitor
    ) -> list[FixPlan]:
        """Plan how findings are mended: those of the named chats and workspaces, or all. One plan a folder.

        Raises:
            NotFoundError: a name matches no finding.
            InvalidInputError: the store is inside an editor's folder.
            EditorRunningError: an editor runs; nothing was touched.
        """
        versions = self._versions(self._snapshots.history(monitor), monitor)
        plans = []
        for chosen in choose_findings(diagnoses, names):
            self._bench.keep_out([chosen[0].source])
            plans.append(plan_fix(self._context(), versions, chosen))
        return plans

    def apply(self, plan: Plan, monitor: Monitor) -> Applied | None:
        """Carry out a restore, a fix or an undo; None if there is nothing to do.

        Raises:
            EditorRunningError: the editor runs; if it was started meanwhile, the message says what was done.
            RestoreRefusedError: the folder is no longer what the plan was made for; nothing was changed.
            StateDatabaseError: a database cannot be changed; the old state is there.
            EditorFolderError: a file cannot be written; the old state is there.
        """
        self._prepare([plan])
        with changing(self._bench.machine.memory_folder):
            return apply(self._context(), plan, monitor)

    def apply_fixes(self, plans: Sequence[FixPlan], monitor: Monitor) -> list[Fixed]:
        """Carry out fixes; one that fails is named and does not keep the others from being done.

        Raises:
            ChatcaskError: the only one failed.
        """
        self._prepare(plans)
        with changing(self._bench.machine.memory_folder):
            return apply_fixes(self._context(), plans, monitor)

    def _versions(
        self,
        newest_first: Iterable[StoredSnapshot],
        monitor: Monitor,
        session: str | None = None,
        source: str | None = None,
    ) -> ChatVersions:
        return ChatVersions(
            self._bench.repository, self._bench.catalog, newest_first, monitor, session, source
        )

    def _prepare(self, plans: Iterable[Plan | FolderRestore]) -> None:
        """Keep what a later undo needs to know of this machine: the folders, and who it is."""
        for plan in plans:
            if not plan.change.is_empty:
                remember_folder(self._bench.machine, plan.change.source)
        self._bench.keep_identity()

    def _context(self) -> EditContext:
        machine = self._bench.machine
        return EditContext(
            repository=self._bench.repository,
            catalog=self._bench.catalog,
            guard=machine.guard,
            clock=machine.clock,
            identity=self._bench.identity,
            origins=self._snapshots.own_origins(),
        )


def _is_at(source: Source, folder: Path | None) -> bool:
    """Tell whether a source is the folder that was named; without a name, any is."""
    return folder is None or os.path.realpath(source.user_data_dir) == os.path.realpath(folder)
