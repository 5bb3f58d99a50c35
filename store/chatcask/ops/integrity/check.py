"""Verify a store: its objects, what they say of each other, and, if asked, every stored byte."""

from __future__ import annotations

from dataclasses import dataclass

from chatcask.monitor import Monitor, NullMonitor
from chatcask.ops.integrity.findings import Finding, Sample, Severity
from chatcask.ops.integrity.judgement import findings_of
from chatcask.ops.integrity.survey import survey
from chatcask.repository.repository import Repository


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What a check saw. `bytes_read` counts stored data that was read and proved."""

    findings: tuple[Finding, ...]
    snapshots: int
    packs: int
    chunks: int
    bytes_read: int

    @property
    def damage(self) -> tuple[Finding, ...]:
        """What calls for repair."""
        return self._of(Severity.DAMAGE)

    @property
    def lost(self) -> tuple[Finding, ...]:
        """What an earlier repair found to be lost."""
        return self._of(Severity.LOST)

    @property
    def leftovers(self) -> tuple[Finding, ...]:
        """What nobody needs."""
        return self._of(Severity.LEFTOVER)

    def _of(self, severity: Severity) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.severity is severity)


def check(repository: Repository, *, sample: Sample | None, monitor: Monitor | None = None) -> CheckResult:
    """Verify a store; nothing is changed.

    Args:
        repository: The store.
        sample: Which share of the stored data to read and prove; None for the structure only.
        monitor: Is told of progress.

    Raises:
        UnsupportedFormatError: an object was written by a newer program.
        TransportError: the store cannot be read.
    """
    with survey(repository, sample=sample, donors=(), monitor=monitor or NullMonitor()) as seen:
        return CheckResult(
            tuple(findings_of(seen)),
            seen.snapshot_count,
            sum(report.present for report in seen.packs.values()),
            seen.table.chunk_count(),
            sum(report.bytes_read for report in seen.packs.values()),
        )
