"""The earlier snapshot that a run is compared with: the newest one that can be read."""

from __future__ import annotations

from dataclasses import dataclass

from chatcask.errors import DamagedError
from chatcask.format.snapshot import Snapshot
from chatcask.monitor import Problem
from chatcask.repository.keys import SnapshotReference
from chatcask.repository.repository import Repository

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
        problems: Which newer snapshots were passed over and why.
        older: The snapshots before it, newest first.
    """

    reference: SnapshotReference | None = None
    snapshot: Snapshot | None = None
    problems: tuple[Problem, ...] = ()
    older: tuple[SnapshotReference, ...] = ()

    @property
    def not_judged(self) -> tuple[Problem, ...]:
        """What the parent's run could not compare, and runs before it."""
        problems = self.snapshot.problems if self.snapshot else ()
        return tuple(problem for problem in problems if problem.kind == NOT_JUDGED)


class ParentFinder:
    """Finds the parent of one origin's next snapshot."""

    def __init__(self, repository: Repository, origin: str) -> None:
        self._repository = repository
        self._origin = origin
        self._passed_over: dict[SnapshotReference, Problem] = {}
        self._found: SnapshotReference | None = None

    def find(self) -> ParentSnapshot:
        """Return the newest snapshot whose manifest can be read and that was not passed over."""
        problems: list[Problem] = []
        newest_first = self._repository.snapshots(self._origin)[::-1]
        for position, reference in enumerate(newest_first):
            if reference in self._passed_over:
                problems.append(self._passed_over[reference])
                continue
            try:
                snapshot = self._repository.load(reference)
            except DamagedError as error:
                problems.append(Problem(reference.key, "damaged_snapshot", error.message))
                continue
            self._found = reference
            return ParentSnapshot(reference, snapshot, tuple(problems), tuple(newest_first[position + 1 :]))
        self._found = None
        return ParentSnapshot(problems=tuple(problems))

    def pass_over(self, error: DamagedError) -> bool:
        """Stop finding what was found last, since its trees cannot be read; False if nothing was found."""
        if self._found is None:
            return False
        self._passed_over[self._found] = Problem(self._found.key, "damaged_snapshot", error.message)
        return True
