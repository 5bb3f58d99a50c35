"""A monitor that keeps what it was told."""

from __future__ import annotations

from dataclasses import dataclass, field

from chatcask.monitor import Problem


@dataclass(slots=True)
class RecordingMonitor:
    """Keeps what was reported."""

    phases: list[tuple[str, int | None]] = field(default_factory=list)
    advanced: int = 0
    problems: list[Problem] = field(default_factory=list)

    def phase(self, name: str, total: int | None) -> None:
        """Record the phase."""
        self.phases.append((name, total))

    def advance(self, amount: int) -> None:
        """Add to the sum of progress."""
        self.advanced += amount

    def problem(self, problem: Problem) -> None:
        """Record the problem."""
        self.problems.append(problem)
