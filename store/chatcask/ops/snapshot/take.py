"""Take a snapshot: guard, capture each source, make it durable, ask the guard again, commit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from chatcask.advice import Advice, AdviceCode
from chatcask.assistants.vscode.guard.machine_guard import Guard, RunningEditor
from chatcask.assistants.vscode.places.locate import Source
from chatcask.errors import DamagedError, EditorRunningError, NotFoundError, StaleError
from chatcask.format.snapshot import MAXIMUM_PROBLEMS, Snapshot, SourceState, Totals
from chatcask.format.tree import EMPTY, Content, Entry, EntryKind
from chatcask.monitor import Monitor, Problem
from chatcask.ops.snapshot.capture import Captured, Parent, SourceCapture, WorkspaceReport, Writer
from chatcask.ops.snapshot.observed_chats import ObservedChats
from chatcask.ops.snapshot.parent import ParentFinder
from chatcask.ops.snapshot.store_writer import DryRun, StoreWriter
from chatcask.repository.addressing import check_tag
from chatcask.repository.keys import SnapshotReference
from chatcask.repository.repository import Repository

if TYPE_CHECKING:
    from chatcask.ops.snapshot.compare_chats import Loss

NOT_ASKED = "not_asked"
EDITOR_RUNNING = "editor_running"
SOME_WORKSPACES = "some_workspaces"


@dataclass(frozen=True, slots=True)
class Request:
    """One source to capture, whole or only some of its workspaces."""

    source: Source
    only_workspaces: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """Who takes snapshots.

    Attributes:
        origin: One user on one machine, 16 hex digits.
        host: The machine's name for itself.
        program: Name and version of the program.
    """

    origin: str
    host: str
    program: str


@dataclass(frozen=True, slots=True)
class SnapshotOptions:
    """How to take the snapshot.

    Attributes:
        tags: Names to give the snapshot.
        skip_unchanged: Write no manifest when nothing changed.
        dry_run: Read no file and write nothing; tell what would be read.
    """

    tags: tuple[str, ...] = ()
    skip_unchanged: bool = False
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Skipped:
    """A source that was asked for and not captured, since its editor runs."""

    source: Source
    editor: RunningEditor


@dataclass(frozen=True, slots=True)
class SnapshotResult:
    """What a run did. `reference` is None when no manifest was written."""

    reference: SnapshotReference | None
    snapshot: Snapshot
    unchanged: bool
    skipped: tuple[Skipped, ...]
    workspaces: tuple[WorkspaceReport, ...]
    losses: tuple[Loss, ...]


def take_snapshot(
    repository: Repository,
    requests: Sequence[Request],
    options: SnapshotOptions,
    *,
    identity: Identity,
    guard: Guard,
    clock: Callable[[], datetime],
    monitor: Monitor,
) -> SnapshotResult:
    """Capture the sources and commit what was seen.

    A source whose editor runs is left alone; the others go on. Sources that this run does not capture are
    carried over from the parent, so a snapshot is always the whole picture. A parent that cannot be
    read is named as a problem, and an older one serves.

    Raises:
        InvalidInputError: a tag cannot be one.
        NotFoundError: there is nothing to capture.
        EditorRunningError: the editor of every source runs; nothing was touched or written.
        TransportError: the store cannot be read or written; earlier snapshots are unharmed.
        StaleError: the run took too long, twice; run it again.
    """
    for tag in options.tags:
        check_tag(tag)
    if not requests:
        raise NotFoundError(
            "no editor's user-data folder was found",
            what="source",
            advice=Advice(AdviceCode.LIST_SOURCES),
        )
    parents = ParentFinder(repository, identity.origin)
    was_stale = False
    while True:
        try:
            return _Run(repository, guard, clock, identity, options, monitor, parents).take(requests)
        except StaleError:  # the machine slept meanwhile: look at everything again, most of it is stored
            if was_stale:
                raise
            was_stale = True
        except DamagedError as error:
            if not parents.pass_over(error):
                raise


class _Run:
    """One run. Lives as long as `take`; the object only spares every step the same five arguments."""

    def __init__(
        self,
        repository: Repository,
        guard: Guard,
        clock: Callable[[], datetime],
        identity: Identity,
        options: SnapshotOptions,
        monitor: Monitor,
        parents: ParentFinder,
    ) -> None:
        self._repository = repository
        self._guard = guard
        self._clock = clock
        self._identity = identity
        self._options = options
        self._monitor = monitor
        self._started = clock()
        # Before the snapshots are listed: docs/format.md section 12.
        self._run = repository.begin()
        self._storing = StoreWriter(self._run, repository.reader)
        self._newest = repository.latest(identity.origin)
        self._heard = ObservedChats(repository)
        self._parents = parents
        self._parent = parents.find()
        self._captured: dict[str, Captured] = {}
        self._skipped: dict[str, Skipped] = {}

    def take(self, requests: Sequence[Request]) -> SnapshotResult:
        try:
            for request in requests:
                self._capture(request)
            root = self._commit_content(requests)
            self._refuse_if_nothing_was_captured()
            return self._commit(root)
        finally:
            self._storing.abandon()
            self._heard.close()

    def _capture(self, request: Request) -> None:
        source = request.source
        self._monitor.phase(source.product.display_name, None)
        writer: Writer = DryRun() if self._options.dry_run else self._storing
        listener = None if self._options.dry_run else self._heard
        capture = SourceCapture(
            source,
            self._parent_of(source),
            writer,
            partial(self._guard.watch, source),
            self._monitor,
            listener,
        )
        if self._is_running(source):
            return
        try:
            captured = capture.run(request.only_workspaces)
        except EditorRunningError:
            if not self._is_running(source):
                raise
            return
        # The last look at the source's files lies behind; from here on the editor may start.
        if not self._is_running(source):
            self._captured[source.id] = captured

    def _is_running(self, source: Source) -> bool:
        editor = self._guard.running(source)
        if editor is not None:
            self._captured.pop(source.id, None)
            self._skipped[source.id] = Skipped(source, editor)
        return editor is not None

    def _commit_content(self, requests: Sequence[Request]) -> Content:
        """Make all content durable and return the root of what may be committed."""
        while True:
            root = self._root()
            if self._options.dry_run:
                return root
            self._storing.finish()
            self._storing.preserve(root, self._monitor)
            sources = [request.source for request in requests if request.source.id in self._captured]
            started = [source for source in sources if self._is_running(source)]
            if not started and not self._was_overtaken():
                return root

    def _was_overtaken(self) -> bool:
        """Take another run's snapshot as the parent if one was committed meanwhile.

        What this run did not capture must come from there, or the newest snapshot would take it back.
        """
        latest = self._repository.latest(self._identity.origin)
        if latest is None or latest == self._newest:
            return False
        self._newest = latest
        self._parent = self._parents.find()
        return True

    def _root(self) -> Content:
        before = self._sources_before()
        roots = {name: entry.content for name, entry in before.items()}
        roots.update((name, captured.root) for name, captured in self._captured.items())
        entries = [
            Entry(name, EntryKind.FOLDER, 0, 0, content)
            for name, content in sorted(roots.items())
            if content != EMPTY
        ]
        if entries == list(before.values()) and self._parent.snapshot and not self._run.condemned:
            return self._parent.snapshot.root
        writer: Writer = DryRun() if self._options.dry_run else self._storing
        return writer.add_tree(entries) if entries else EMPTY

    def _refuse_if_nothing_was_captured(self) -> None:
        if self._captured:
            return
        running = [entry.editor for entry in self._skipped.values()]
        what = "; ".join(editor.description for editor in running)
        raise EditorRunningError(
            f"nothing was captured: {what}",
            product=running[0].product.name,
            user_data_dir=running[0].user_data_dir,
            reason=running[0].reason,
            pid=running[0].pid,
            advice=Advice(AdviceCode.CLOSE_EDITOR_AND_SNAPSHOT),
        )

    def _commit(self, root: Content) -> SnapshotResult:
        parent = self._parent.snapshot
        losses, unjudged = self._losses(root)
        is_same = parent is not None and root == parent.root and unjudged == self._parent.not_judged
        unchanged = is_same and not losses and not self._options.dry_run
        snapshot = self._manifest(root, losses, unjudged)
        reference = None
        if not self._options.dry_run and not (unchanged and self._options.skip_unchanged):
            reference = self._run.commit(self._identity.origin, snapshot)
        workspaces = tuple(w for captured in self._captured.values() for w in captured.workspaces)
        return SnapshotResult(
            reference, snapshot, unchanged, tuple(self._skipped.values()), workspaces, losses
        )

    def _manifest(self, root: Content, losses: tuple[Loss, ...], unjudged: tuple[Problem, ...]) -> Snapshot:
        problems = [*unjudged, *self._parent.problems]
        for captured in self._captured.values():
            problems += captured.problems
        return Snapshot(
            taken_at=self._started,
            finished_at=self._clock(),
            host=self._identity.host,
            program=self._identity.program,
            parent=self._parent.reference.id if self._parent.reference else None,
            root=root,
            sources=self._source_states(),
            complete=not problems and not self._skipped,
            problems=tuple(problems[:MAXIMUM_PROBLEMS]),
            problem_count=len(problems),
            losses=tuple(loss.as_row() for loss in losses),
            totals=self._totals(),
            tags=self._options.tags,
        )

    def _source_states(self) -> tuple[SourceState, ...]:
        states = {s.id: s for s in self._parent.snapshot.sources} if self._parent.snapshot else {}
        states = {name: replace(s, captured=False, reason=NOT_ASKED) for name, s in states.items()}
        for name in self._skipped:
            if name in states:
                states[name] = replace(states[name], reason=EDITOR_RUNNING)
        for name, captured in self._captured.items():
            product = name.partition("~")[0]
            known = states.get(name)
            seen_at = known.seen_at if known and not captured.is_seen else self._started
            reason = "" if captured.is_whole else SOME_WORKSPACES
            states[name] = SourceState(name, product, captured.is_whole, seen_at, reason)
        return tuple(states[name] for name in sorted(states))

    def _totals(self) -> Totals:
        stored = self._storing
        every = [captured.totals for captured in self._captured.values()]
        return Totals(
            files=sum(t.files for t in every),
            files_unchanged=sum(t.files_unchanged for t in every),
            files_extracted=sum(t.files_extracted for t in every),
            bytes_scanned=sum(t.bytes_scanned for t in every),
            bytes_read=sum(t.bytes_read for t in every),
            bytes_new=stored.bytes_new,
            bytes_stored=stored.bytes_stored,
            workspaces=sum(t.workspaces for t in every),
        )

    def _losses(self, root: Content) -> tuple[tuple[Loss, ...], tuple[Problem, ...]]:
        parent = self._parent.snapshot
        if parent is None or self._options.dry_run:
            return (), ()
        if parent.root == root and not self._parent.not_judged:
            return (), ()
        from chatcask.ops.snapshot.losses import find_losses  # noqa: PLC0415 - see the first lines

        judgement = find_losses(self._repository, self._parent, root, self._heard)
        for problem in judgement.problems:
            self._monitor.problem(problem)
        return judgement.losses, judgement.problems

    def _sources_before(self) -> dict[str, Entry]:
        snapshot = self._parent.snapshot
        return {e.name: e for e in self._repository.tree(snapshot.root)} if snapshot else {}

    def _parent_of(self, source: Source) -> Parent:
        entry = self._sources_before().get(source.id)
        states = self._parent.snapshot.sources if self._parent.snapshot else ()
        seen_at = next((state.seen_at for state in states if state.id == source.id), self._started)
        reusable = self._storing.knows if self._run.condemned and not self._options.dry_run else None
        return Parent(self._repository.tree, entry.content if entry else EMPTY, seen_at, reusable)
