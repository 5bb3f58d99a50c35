"""What a run says of itself in its snapshot manifest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from chatcask.format.snapshot import (
    EDITOR_RUNNING,
    MAXIMUM_PROBLEMS,
    NOT_ASKED,
    SOME_WORKSPACES,
    Snapshot,
    SourceState,
    Totals,
)
from chatcask.format.tree import Content
from chatcask.monitor import Problem
from chatcask.ops.snapshot.capture_sources import Captures
from chatcask.ops.snapshot.parent import ParentSnapshot

if TYPE_CHECKING:
    from chatcask.ops.snapshot.compare_chats import Loss


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
class Durable:
    """What may be committed: a root tree whose content is durable, and what it was made of.

    `problems` are those of the store itself.
    """

    root: Content
    parent: ParentSnapshot
    captures: Captures
    bytes_new: int
    bytes_stored: int
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Judged:
    """What comparing with earlier snapshots gave: what was lost, and what could not be compared."""

    losses: tuple[Loss, ...] = ()
    problems: tuple[Problem, ...] = ()


def snapshot_manifest(
    durable: Durable,
    judged: Judged,
    tags: tuple[str, ...],
    *,
    identity: Identity,
    started: datetime,
    finished: datetime,
) -> Snapshot:
    """Return the manifest of a run that is over."""
    parent, captures = durable.parent, durable.captures
    problems = [*judged.problems, *durable.problems, *parent.problems]
    for captured in captures.captured.values():
        problems += captured.problems
    return Snapshot(
        taken_at=started,
        finished_at=finished,
        host=identity.host,
        program=identity.program,
        parent=parent.reference.id if parent.reference else None,
        root=durable.root,
        sources=tuple(_source_states(started, parent, captures)),
        complete=not problems and not captures.skipped,
        problems=tuple(problems[:MAXIMUM_PROBLEMS]),
        problem_count=len(problems),
        losses=tuple(loss.as_row() for loss in judged.losses),
        totals=_totals(durable),
        tags=tags,
        follows=durable.parent.follows,
    )


def _source_states(started: datetime, parent: ParentSnapshot, captures: Captures) -> Iterator[SourceState]:
    """Yield what is said of each source, by its id (docs/format.md section 9)."""
    before = {state.id: state for state in parent.snapshot.sources} if parent.snapshot else {}
    for name in sorted(before.keys() | captures.captured.keys()):
        known, captured = before.get(name), captures.captured.get(name)
        if captured is not None:
            seen_at = known.seen_at if known and not captured.is_seen else started
            reason = "" if captured.is_whole else SOME_WORKSPACES
            yield SourceState(name, name.partition("~")[0], captured.is_whole, seen_at, reason)
        elif known is not None:
            reason = EDITOR_RUNNING if name in captures.skipped else NOT_ASKED
            yield replace(known, captured=False, reason=reason)


def _totals(durable: Durable) -> Totals:
    every = [captured.totals for captured in durable.captures.captured.values()]
    return Totals(
        files=sum(t.files for t in every),
        files_unchanged=sum(t.files_unchanged for t in every),
        files_extracted=sum(t.files_extracted for t in every),
        bytes_scanned=sum(t.bytes_scanned for t in every),
        bytes_read=sum(t.bytes_read for t in every),
        bytes_new=durable.bytes_new,
        bytes_stored=durable.bytes_stored,
        workspaces=sum(t.workspaces for t in every),
    )
