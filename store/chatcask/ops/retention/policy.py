"""Which snapshots a policy keeps: a pure function of what is known about each, with the reason for each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta

from chatcask.advice import Advice, AdviceCode
from chatcask.errors import InvalidInputError
from chatcask.format.snapshot import Followed
from chatcask.format.tree import Content
from chatcask.ids import ObjectName
from chatcask.repository.keys import SnapshotReference

RECENT = timedelta(days=7)
"""The default policy keeps runs without change that are not older than this."""

Calendar = Callable[[datetime], datetime]
"""Gives a moment in the time zone whose hours, days and weeks count."""


@dataclass(frozen=True, slots=True)
class RetentionPolicy:
    """How many snapshots of each kind to keep for each machine; without any, every change is kept.

    Attributes:
        last: So many newest ones.
        hourly: The newest of each hour, for so many hours that have one. The next four alike.
        daily: By day.
        weekly: By week, which begins on Monday.
        monthly: By month.
        yearly: By year.
        within: All that are not older than the newest by more than this.
        tags: All that have one of these tags.
    """

    last: int | None = None
    hourly: int | None = None
    daily: int | None = None
    weekly: int | None = None
    monthly: int | None = None
    yearly: int | None = None
    within: timedelta | None = None
    tags: tuple[str, ...] = ()

    @property
    def is_default(self) -> bool:
        """Whether nothing was asked for."""
        return all(getattr(self, field.name) in (None, ()) for field in fields(self))

    def over(self, other: RetentionPolicy) -> RetentionPolicy:
        """Return this policy with what another one asks for where this one asks for nothing."""
        said = {field.name: getattr(self, field.name) for field in fields(self)}
        return replace(other, **{name: value for name, value in said.items() if value not in (None, ())})


@dataclass(frozen=True, slots=True)
class Candidate:
    """What a policy looks at.

    Attributes:
        reference: The snapshot.
        root: Its tree; None when the manifest is damaged.
        tags: Its tags.
        pinned: Reasons to keep it whatever the policy says.
        follows: Other origins whose snapshots its own goes on from.
    """

    reference: SnapshotReference
    root: Content | None
    tags: tuple[str, ...] = ()
    pinned: tuple[str, ...] = ()
    follows: tuple[Followed, ...] = ()


@dataclass(frozen=True, slots=True)
class ForgetPlan:
    """Which snapshots stay, each with its reasons, and which go. Oldest first."""

    kept: tuple[tuple[Candidate, tuple[str, ...]], ...]
    removed: tuple[Candidate, ...]


_PERIODS: Mapping[str, Callable[[datetime], tuple[int, ...]]] = {
    "hourly": lambda moment: (moment.year, moment.month, moment.day, moment.hour),
    "daily": lambda moment: (moment.year, moment.month, moment.day),
    "weekly": lambda moment: moment.isocalendar()[:2],
    "monthly": lambda moment: (moment.year, moment.month),
    "yearly": lambda moment: (moment.year,),
}


def plan_forget(candidates: Iterable[Candidate], policy: RetentionPolicy, calendar: Calendar) -> ForgetPlan:
    """Apply a policy to each machine's snapshots, with those of the origins that the machine goes on from.

    The newest snapshot of a machine always stays: the next run is compared with it.

    Raises:
        InvalidInputError: a number is negative, or the policy itself keeps nothing.
    """
    _check(policy)
    rows = sorted(candidates, key=lambda candidate: candidate.reference)
    reasons: dict[SnapshotReference, list[str]] = {row.reference: [] for row in rows}
    lines: dict[str, list[Candidate]] = {}
    heirs = _heirs(rows)
    for row in rows:
        lines.setdefault(_last_heir(heirs, row.reference.origin), []).append(row)
    for line in lines.values():
        for row, reason in _chosen(line, policy, calendar):
            reasons[row.reference].append(reason)
    if rows and not any(reasons.values()):
        raise InvalidInputError("this policy keeps no snapshot at all", advice=Advice(AdviceCode.KEEP_LAST))
    newest = {id(line[-1]) for line in lines.values()}
    for row in rows:
        reasons[row.reference] += row.pinned
        if row.root is None:
            reasons[row.reference].append("cannot be read")
        if id(row) in newest:
            reasons[row.reference].append("newest of its machine")
    return ForgetPlan(
        kept=tuple((row, tuple(reasons[row.reference])) for row in rows if reasons[row.reference]),
        removed=tuple(row for row in rows if not reasons[row.reference]),
    )


def _heirs(rows: Iterable[Candidate]) -> dict[str, str]:
    """Return which origin goes on from each one that has ended since, given candidates oldest first."""
    rows = list(rows)
    newest = {row.reference.origin: row.reference.taken_at for row in rows}
    return {
        each.origin: row.reference.origin
        for row in rows
        for each in row.follows
        if each.origin != row.reference.origin and newest.get(each.origin, each.until) <= each.until
    }


def _last_heir(heirs: Mapping[str, str], origin: str) -> str:
    seen = {origin}
    while (heir := heirs.get(origin)) is not None and heir not in seen:
        seen.add(heir)
        origin = heir
    return origin


def plan_forget_named(candidates: Iterable[Candidate], named: Iterable[ObjectName]) -> ForgetPlan:
    """Forget exactly the named snapshots.

    Raises:
        InvalidInputError: one of them is pinned, or none would be left.
    """
    rows = sorted(candidates, key=lambda candidate: candidate.reference)
    wanted = set(named)
    for row in rows:
        if row.reference.id in wanted and row.pinned:
            raise InvalidInputError(
                f"snapshot {row.reference.id[:12]} is kept: {', '.join(row.pinned)}",
                advice=Advice(AdviceCode.REMOVE_PIN),
            )
    kept = tuple((row, ("not named",)) for row in rows if row.reference.id not in wanted)
    if not kept:
        raise InvalidInputError("no snapshot would be left", advice=Advice(AdviceCode.KEEP_ONE))
    return ForgetPlan(kept, tuple(row for row in rows if row.reference.id in wanted))


def _check(policy: RetentionPolicy) -> None:
    numbers = (policy.last, *(getattr(policy, name) for name in _PERIODS))
    if any(number is not None and number < 0 for number in numbers):
        raise InvalidInputError("a policy cannot keep fewer than 0 snapshots")
    if policy.within is not None and policy.within < timedelta(0):
        raise InvalidInputError("a policy cannot keep a negative time")


def _chosen(
    rows: Sequence[Candidate], policy: RetentionPolicy, calendar: Calendar
) -> Iterable[tuple[Candidate, str]]:
    """Yield what the policy itself keeps of one machine's snapshots, oldest first in, any order out."""
    if policy.is_default:
        yield from _changes(rows)
        return
    newest_first = list(reversed(rows))
    yield from ((row, "last") for row in newest_first[: policy.last or 0])
    for name, period in _PERIODS.items():
        yield from _newest_of_each(newest_first, getattr(policy, name) or 0, name, calendar, period)
    if policy.within:
        limit = rows[-1].reference.taken_at - policy.within
        yield from ((row, "within") for row in rows if row.reference.taken_at >= limit)
    for row in rows:
        yield from ((row, f"tag {tag}") for tag in row.tags if tag in policy.tags)


def _newest_of_each(
    newest_first: Sequence[Candidate],
    limit: int,
    reason: str,
    calendar: Calendar,
    period: Callable[[datetime], tuple[int, ...]],
) -> Iterable[tuple[Candidate, str]]:
    seen: set[tuple[int, ...]] = set()
    for row in newest_first:
        if len(seen) == limit:
            return
        key = period(calendar(row.reference.taken_at))
        if key not in seen:
            seen.add(key)
            yield row, reason


def _changes(rows: Sequence[Candidate]) -> Iterable[tuple[Candidate, str]]:
    """Keep what differs from the run before, and recent runs; the rest holds nothing of its own."""
    before: Content | None = None
    recent = rows[-1].reference.taken_at - RECENT
    for row in rows:
        if row.root != before:
            yield row, "change"
        elif row.reference.taken_at >= recent:
            yield row, "recent"
        if row.tags:
            yield row, f"tag {row.tags[0]}"
        before = row.root
