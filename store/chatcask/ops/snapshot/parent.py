"""The earlier snapshot that a run is compared with, and what it says of a source.

An origin's first run finds none of its own. If another origin's newest snapshot is of the very folder that is
to be captured, that one is the parent: the machine lost its identity, or the folder moved to another machine.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from chatcask.errors import DamagedError
from chatcask.format.snapshot import Followed, Snapshot
from chatcask.format.tree import Content, Entry
from chatcask.monitor import Problem
from chatcask.repository.keys import SnapshotReference
from chatcask.repository.repository import Repository
from chatcask.repository.run import Run

MAXIMUM_FOLLOWED = 1000
"""How many origins a manifest says it follows; more than that are machines that never were the same twice."""

NOT_JUDGED = "not_judged"
"""Kind of the problem that a chat cannot be compared with an earlier version, which cannot be read.

Its path is `SNAPSHOT:PATH`, and names that version: of a chat, of the editor's list, of a folder of chats.
"""


@dataclass(frozen=True, slots=True)
class ParentSnapshot:
    """The parent, if there is one.

    Attributes:
        reference: Its name.
        snapshot: Its manifest.
        sources: The entries of its root tree: one for each source.
        problems: Which newer snapshots were passed over and why.
        older: The snapshots before it, newest first.
        newest: The origin's newest snapshot, be it the parent or one that was passed over.
        follows: Other origins whose snapshots come before those of this origin.
    """

    reference: SnapshotReference | None = None
    snapshot: Snapshot | None = None
    sources: tuple[Entry, ...] = ()
    problems: tuple[Problem, ...] = ()
    older: tuple[SnapshotReference, ...] = ()
    newest: SnapshotReference | None = None
    follows: tuple[Followed, ...] = ()

    @property
    def not_judged(self) -> tuple[Problem, ...]:
        """What the parent's run could not compare, and runs before it."""
        problems = self.snapshot.problems if self.snapshot else ()
        return tuple(problem for problem in problems if problem.kind == NOT_JUDGED)


@dataclass(frozen=True, slots=True)
class Parent:
    """What the last run knew of a source.

    Attributes:
        tree: Reads a tree of the parent.
        root: The source's tree, empty if it was never captured.
        seen_at: When the source was last captured.
        reusable: Tells whether content of the parent may be referenced again without a look at the file.
        is_trusted: False to read every file anew: for a parent of which some folder cannot be read.
    """

    tree: Callable[[Content], tuple[Entry, ...]]
    root: Content
    seen_at: datetime
    reusable: Callable[[Content], bool] | None = None
    is_trusted: bool = True


class ParentFinder:
    """Finds the parent of one origin's next snapshot; remembers over several runs what to pass over."""

    def __init__(self, repository: Repository, origin: str) -> None:
        self._repository = repository
        self._origin = origin
        self._passed_over: dict[SnapshotReference, Problem] = {}
        self._found: SnapshotReference | None = None

    def find(self, run: Run) -> ParentSnapshot:
        """Return the newest snapshot that can be read and was not passed over."""
        return self._newest_readable(run.snapshots(self._origin)[::-1])

    def find_of_others(self, is_same: Callable[[ParentSnapshot], bool]) -> ParentSnapshot | None:
        """Return the newest snapshot of another origin that `is_same` accepts; it comes before ours."""
        found: dict[str, list[SnapshotReference]] = {}
        for reference in reversed(self._repository.snapshots()):
            found.setdefault(reference.origin, []).append(reference)
        for newest_first in found.values():
            parent = self._newest_readable(newest_first)
            try:
                accepted = parent.reference is not None and is_same(parent)
            except DamagedError:
                accepted = False
            if accepted:
                return _followed(parent, newest_first[0])
        self._found = None
        return None

    def find_newer(self, run: Run, parent: ParentSnapshot) -> ParentSnapshot | None:
        """Return the parent to take instead if another run has committed a snapshot since `find`."""
        newest_first = run.snapshots(self._origin)[::-1]
        if not newest_first or newest_first[0] == parent.newest:
            return None
        return self._newest_readable(newest_first)

    def pass_over(self, error: DamagedError) -> bool:
        """Stop finding what was found last, since its trees cannot be read; False if nothing was found."""
        if self._found is None:
            return False
        self._passed_over[self._found] = Problem(self._found.key, "damaged_snapshot", error.message)
        return True

    def _newest_readable(self, newest_first: list[SnapshotReference]) -> ParentSnapshot:
        problems: list[Problem] = []
        self._found = None
        for position, reference in enumerate(newest_first):
            if reference in self._passed_over:
                problems.append(self._passed_over[reference])
                continue
            try:
                snapshot = self._repository.load(reference)
                sources = self._repository.tree(snapshot.root)
            except DamagedError as error:
                problems.append(Problem(reference.key, "damaged_snapshot", error.message))
                continue
            self._found = reference
            older = tuple(newest_first[position + 1 :])
            return ParentSnapshot(
                reference, snapshot, sources, tuple(problems), older, newest_first[0], snapshot.follows
            )
        return ParentSnapshot(problems=tuple(problems), newest=newest_first[0] if newest_first else None)


def _followed(parent: ParentSnapshot, newest: SnapshotReference) -> ParentSnapshot:
    """Return another origin's snapshot as the one before the first of ours."""
    earlier = [each for each in parent.follows if each.origin != newest.origin]
    follows = (*earlier, Followed(newest.origin, newest.taken_at))[-MAXIMUM_FOLLOWED:]
    return replace(parent, newest=None, follows=follows)
