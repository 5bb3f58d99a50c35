"""The loss alarm: compare with the snapshot before; what cannot be judged is named and judged again later.

A version that cannot be read silences the alarm for its own chat only. That chat is compared with the newest
older snapshot that can be read, and the manifest names it as a problem; later runs compare it with the same
version again, until that can be read or its snapshot is forgotten (docs/format.md section 9).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from chatcask.errors import DamagedError
from chatcask.format.tree import Content
from chatcask.monitor import Problem
from chatcask.ops.snapshot.compare_chats import ComparedRoots, Earlier, Loss, compare
from chatcask.ops.snapshot.observed_chats import ObservedChats
from chatcask.ops.snapshot.parent import ParentSnapshot
from chatcask.repository.keys import SnapshotReference
from chatcask.repository.repository import Repository


def find_losses(
    repository: Repository, parent: ParentSnapshot, after: Content, observed: ObservedChats
) -> tuple[tuple[Loss, ...], tuple[Problem, ...]]:
    """Compare a run's chats with those of its parent, and with versions that earlier runs could not read.

    Return what was lost, and a problem for each version that could not be compared.

    Args:
        repository: The store.
        parent: The snapshot before, and those before it.
        after: The root tree of this run.
        observed: What the run learned of changed chats.
    """
    if parent.reference is None or parent.snapshot is None:
        return (), ()
    before = Earlier(parent.reference.id, parent.snapshot.root)
    comparison = ComparedRoots(repository, observed.catalog, observed.chats, before, after)
    is_wanted = before.root != after and not parent.snapshot.holds_undone
    losses, fresh = _parted(compare(comparison) if is_wanted else ())
    losses += _since_last_run(comparison, parent)
    told, again = _judged_again(comparison, parent)
    losses += told
    losses += _with_older(comparison, _paths(fresh), parent.older)
    largest = _largest(losses)
    settled = {loss.path for loss in largest}
    problems = [problem for problem in fresh if _path(problem) not in settled] + again
    return _with_editors(comparison, largest), tuple(dict.fromkeys(problems))


def _with_editors(comparison: ComparedRoots, losses: Iterable[Loss]) -> tuple[Loss, ...]:
    """Name the editor of each chat whose id another editor's chat has too, so that it says which."""
    told = []
    for loss in losses:
        files = comparison.catalog.files(comparison.before.root, loss.session) if loss.session else ()
        is_shared = len({file.source for file in files}) > 1
        told.append(replace(loss, editor=loss.path.partition("/")[0]) if is_shared else loss)
    return tuple(told)


def _since_last_run(comparison: ComparedRoots, parent: ParentSnapshot) -> Iterator[Loss]:
    """Compare with the last run of a person and the safety snapshots since, if the parent is one of those.

    A safety snapshot finds losses like any run, but what it found may have scrolled by or not been asked for:
    they are told until a run has told them. What was taken back by an undo is no loss.
    """
    is_safety = parent.snapshot is not None and parent.snapshot.is_safety
    for reference in parent.older if is_safety else ():
        try:
            earlier = comparison.repository.load(reference)
        except DamagedError:
            continue
        if not earlier.holds_undone and earlier.root != comparison.after:
            since = replace(comparison, before=Earlier(reference.id, earlier.root))
            yield from _parted(compare(since))[0]
        if not earlier.is_safety:
            return


def _judged_again(comparison: ComparedRoots, parent: ParentSnapshot) -> tuple[list[Loss], list[Problem]]:
    """Compare with the versions that the parent's run could not read, if their snapshots are still there."""
    waiting: dict[str, list[Problem]] = {}
    for problem in parent.not_judged:
        waiting.setdefault(problem.path.partition(":")[0], []).append(problem)
    losses: list[Loss] = []
    problems: list[Problem] = []
    for reference in parent.older:
        asked = waiting.get(reference.id)
        if asked is None:
            continue
        earlier = _read(comparison.repository, reference)
        if earlier is None:
            problems += asked
            continue
        found, left = _parted(compare(replace(comparison, before=earlier), _paths(asked)))
        losses += found
        problems += left
    return losses, problems


def _with_older(
    comparison: ComparedRoots, paths: frozenset[str], older: Sequence[SnapshotReference]
) -> Iterator[Loss]:
    """Compare what the parent has damaged with the newest older snapshot that has it sound."""
    for reference in older:
        if not paths:
            return
        earlier = _read(comparison.repository, reference)
        if earlier is not None:
            losses, problems = _parted(compare(replace(comparison, before=earlier), paths))
            yield from losses
            paths = _paths(problems)


def _read(repository: Repository, reference: SnapshotReference) -> Earlier | None:
    try:
        return Earlier(reference.id, repository.load(reference).root)
    except DamagedError:
        return None


def _parted(found: Iterable[Loss | Problem]) -> tuple[list[Loss], list[Problem]]:
    every = list(found)
    losses = [each for each in every if isinstance(each, Loss)]
    return losses, [each for each in every if isinstance(each, Problem)]


def _paths(problems: Iterable[Problem]) -> frozenset[str]:
    return frozenset(map(_path, problems))


def _path(problem: Problem) -> str:
    return problem.path.partition(":")[2]


def _largest(losses: Iterable[Loss]) -> tuple[Loss, ...]:
    """Return one loss of each kind for each chat: beside which it lost most."""
    largest: dict[tuple[str, str], Loss] = {}
    for loss in losses:
        known = largest.setdefault((loss.path, loss.kind), loss)
        if loss.before > known.before:
            largest[loss.path, loss.kind] = loss
    return tuple(largest.values())
