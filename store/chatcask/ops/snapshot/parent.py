"""The earlier snapshot that a run is compared with: the newest one that can be read."""

from __future__ import annotations

from dataclasses import dataclass

from chatcask.errors import DamagedError
from chatcask.format.snapshot import Snapshot
from chatcask.monitor import Problem
from chatcask.repository.keys import SnapshotReference
from chatcask.repository.repository import Repository


@dataclass(frozen=True, slots=True)
class ParentSnapshot:
    """The parent, if there is one, and which newer snapshots were passed over and why."""

    reference: SnapshotReference | None
    snapshot: Snapshot | None
    problems: tuple[Problem, ...]


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
        for reference in reversed(self._repository.snapshots(self._origin)):
            if reference in self._passed_over:
                problems.append(self._passed_over[reference])
                continue
            try:
                snapshot = self._repository.load(reference)
            except DamagedError as error:
                problems.append(Problem(reference.key, "damaged_snapshot", error.message))
                continue
            self._found = reference
            return ParentSnapshot(reference, snapshot, tuple(problems))
        self._found = None
        return ParentSnapshot(None, None, tuple(problems))

    def pass_over(self, error: DamagedError) -> bool:
        """Stop finding what was found last, since its trees cannot be read; False if nothing was found."""
        if self._found is None:
            return False
        self._passed_over[self._found] = Problem(self._found.key, "damaged_snapshot", error.message)
        return True
