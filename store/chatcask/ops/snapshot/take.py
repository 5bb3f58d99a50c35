"""Take a snapshot. The stages stand in `_take_once`; each hands a frozen value to the next.

choose the parent -> capture each source -> make it durable and ask the guard again -> compare chats -> commit
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, partial
from typing import TYPE_CHECKING

from chatcask.advice import Advice, AdviceCode
from chatcask.assistants.base import Guard, Source
from chatcask.assistants.known import assistant_of
from chatcask.errors import DamagedError, NotFoundError, StaleError
from chatcask.format.snapshot import Snapshot
from chatcask.format.tree import EMPTY, Content, Entry, EntryKind
from chatcask.monitor import Monitor, Problem
from chatcask.ops.snapshot.capture import WorkspaceReport
from chatcask.ops.snapshot.capture_sources import (
    Captures,
    Request,
    Skipped,
    Surroundings,
    capture_sources,
    refuse_if_all_run,
    started_since,
)
from chatcask.ops.snapshot.manifest import Durable, Identity, Judged, snapshot_manifest
from chatcask.ops.snapshot.parent import Parent, ParentFinder, ParentSnapshot
from chatcask.ops.snapshot.store_writer import DryRun, StoreWriter
from chatcask.repository.keys import PACKS, SnapshotReference
from chatcask.repository.repository import Repository
from chatcask.repository.run import Run

if TYPE_CHECKING:
    from chatcask.ops.snapshot.compare_chats import Loss
    from chatcask.ops.snapshot.observed_chats import ObservedChats


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
class SnapshotResult:
    """What a run did. `reference` is None when no manifest was written.

    `chats` is how many it saw in each source.
    """

    reference: SnapshotReference | None
    snapshot: Snapshot
    unchanged: bool
    skipped: tuple[Skipped, ...]
    workspaces: tuple[WorkspaceReport, ...]
    losses: tuple[Loss, ...]
    chats: Mapping[str, int]


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
    carried over from the parent, so a snapshot always has every source. A parent that cannot be read is named
    as a problem, and an older one serves.

    Raises:
        InvalidInputError: a tag cannot be one.
        NotFoundError: there is nothing to capture.
        EditorRunningError: the editor of every source runs; nothing was touched or written.
        TransportError: the store cannot be read or written; earlier snapshots are unharmed.
        StaleError: the run took too long, twice; run it again.
    """
    if options.tags:
        from chatcask.repository.addressing import check_tag  # noqa: PLC0415 - most runs give none

        for tag in options.tags:
            check_tag(tag)
    if not requests:
        raise NotFoundError(
            "no editor's user-data folder was found",
            what="source",
            advice=Advice(AdviceCode.LIST_SOURCES),
        )
    setting = _Setting(repository, guard, clock, identity, options, monitor)
    parents = ParentFinder(repository, identity.origin)
    was_stale = False
    while True:
        try:
            return _take_once(setting, requests, parents)
        except StaleError:  # the machine slept meanwhile: look at everything again, most of it is stored
            if was_stale:
                raise
            was_stale = True
        except DamagedError as error:
            if not parents.pass_over(error):
                raise


@dataclass(frozen=True, slots=True)
class _Setting:
    """Where and how the snapshot is taken: what `take_snapshot` was given, beside the requests."""

    repository: Repository
    guard: Guard
    clock: Callable[[], datetime]
    identity: Identity
    options: SnapshotOptions
    monitor: Monitor


def _take_once(setting: _Setting, requests: Sequence[Request], parents: ParentFinder) -> SnapshotResult:
    started = setting.clock()
    repository, is_dry = setting.repository, setting.options.dry_run
    with ExitStack() as stack:
        run = repository.begin()  # before the snapshots are listed: docs/format.md section 12
        store = DryRun() if is_dry else stack.enter_context(closing(StoreWriter(run, repository.reader)))
        observed = cache(partial(_open_observed, repository, stack))
        surroundings = Surroundings(setting.guard, store, None if is_dry else observed, setting.monitor)
        parent = parents.find(run)
        if parent.newest is None:
            parent = _of_others(setting, parents, requests) or parent
        known = partial(_known, repository, parent, store.reusable, started)
        captures = capture_sources(requests, known, surroundings)
        newer = partial(parents.find_newer, run)
        missing = () if is_dry else _missing_packs(run, setting.monitor)
        durable = replace(_make_durable(setting, requests, store, captures, parent, newer), problems=missing)
        refuse_if_all_run(durable.captures)
        judged = _judge(setting, durable, observed)
        return _commit(setting, run, durable, judged, _manifest(setting, started, durable, judged))


def _missing_packs(run: Run, monitor: Monitor) -> tuple[Problem, ...]:
    """Say that a part of the store was deleted or cut, if so."""
    count = len(run.missing)
    if not count:
        return ()
    what = "1 pack of the store is" if count == 1 else f"{count} packs of the store are"
    words = f"{what} gone or cut; what the editor still has of that was stored again"
    problem = Problem(PACKS.rstrip("/"), "damaged_pack", words, advice=Advice(AdviceCode.REPAIR))
    monitor.problem(problem)
    return (problem,)


def _of_others(
    setting: _Setting, parents: ParentFinder, requests: Sequence[Request]
) -> ParentSnapshot | None:
    """Return the snapshot that an origin without any goes on from."""
    from chatcask.ops.snapshot.same_folder import FolderMarks  # noqa: PLC0415 - only a first run asks

    sources = [request.source for request in requests]
    return parents.find_of_others(FolderMarks(sources, setting.guard, setting.repository).match)


def _open_observed(repository: Repository, stack: ExitStack) -> ObservedChats:
    from chatcask.ops.snapshot.observed_chats import ObservedChats  # noqa: PLC0415 - unchanged runs observe none

    return stack.enter_context(closing(ObservedChats(repository)))


def _known(
    repository: Repository,
    parent: ParentSnapshot,
    reusable: Callable[[Content], bool] | None,
    started: datetime,
    source: Source,
) -> Parent:
    """Return what the parent knows of a source."""
    root = next((entry.content for entry in parent.sources if entry.name == source.id), EMPTY)
    states = parent.snapshot.sources if parent.snapshot else ()
    seen_at = next((state.seen_at for state in states if state.id == source.id), started)
    return Parent(repository.tree, root, seen_at, reusable)


def _make_durable(
    setting: _Setting,
    requests: Sequence[Request],
    store: DryRun | StoreWriter,
    captures: Captures,
    parent: ParentSnapshot,
    newer: Callable[[ParentSnapshot], ParentSnapshot | None],
) -> Durable:
    """Make all content durable, until no editor was started and no other run has committed meanwhile.

    What this run did not capture must come from the newest snapshot, or this one would take it back.
    """
    while True:
        root = _root(parent, captures, store)
        store.finish()
        store.preserve(root, setting.monitor)
        started = started_since(requests, captures, setting.guard)
        other = None if started else newer(parent)
        if not started and other is None:
            return Durable(root, parent, captures, store.bytes_new, store.bytes_stored)
        captures, parent = captures.without(started), other or parent


def _root(parent: ParentSnapshot, captures: Captures, store: DryRun | StoreWriter) -> Content:
    roots = {entry.name: entry.content for entry in parent.sources}
    roots.update((name, captured.root) for name, captured in captures.captured.items())
    entries = tuple(
        Entry(name, EntryKind.FOLDER, 0, 0, content)
        for name, content in sorted(roots.items())
        if content != EMPTY
    )
    if parent.snapshot and entries == parent.sources and store.reusable is None:
        return parent.snapshot.root
    return store.add_tree(entries) if entries else EMPTY


def _judge(setting: _Setting, durable: Durable, observed: Callable[[], ObservedChats]) -> Judged:
    parent = durable.parent
    is_same = parent.snapshot is not None and parent.snapshot.root == durable.root
    is_told = is_same and not parent.not_judged and not (parent.snapshot and parent.snapshot.is_safety)
    if parent.snapshot is None or is_told or setting.options.dry_run:
        return Judged()
    from chatcask.ops.snapshot.losses import find_losses  # noqa: PLC0415 - unchanged runs compare no chats

    losses, problems = find_losses(setting.repository, parent, durable.root, observed())
    losses = tuple(loss for loss in losses if not durable.captures.passed_over(loss.path))
    for problem in problems:
        setting.monitor.problem(problem)
    return Judged(losses, problems)


def _commit(
    setting: _Setting, run: Run, durable: Durable, judged: Judged, snapshot: Snapshot
) -> SnapshotResult:
    options, parent, captures = setting.options, durable.parent, durable.captures
    is_same = parent.snapshot is not None and parent.snapshot.root == durable.root
    says_nothing_new = not judged.losses and judged.problems == parent.not_judged
    unchanged = is_same and says_nothing_new and not options.dry_run
    reference = None
    if not options.dry_run and not (unchanged and options.skip_unchanged):
        reference = run.commit(setting.identity.origin, snapshot)
    workspaces = tuple(each for captured in captures.captured.values() for each in captured.workspaces)
    skipped = tuple(captures.skipped.values())
    tree, read = setting.repository.tree, setting.repository.reader.read_all
    chats = {
        name: len(captured.chats) if options.dry_run else captured.count_chats(assistant_of(name), tree, read)
        for name, captured in captures.captured.items()
    }
    return SnapshotResult(reference, snapshot, unchanged, skipped, workspaces, judged.losses, chats)


def _manifest(setting: _Setting, started: datetime, durable: Durable, judged: Judged) -> Snapshot:
    return snapshot_manifest(
        durable,
        judged,
        setting.options.tags,
        identity=setting.identity,
        started=started,
        finished=setting.clock(),
    )
