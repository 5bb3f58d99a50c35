"""Retention policies: which snapshots stay and why, as a pure function of their times, roots and tags."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcask.errors import InvalidInputError
from chatcask.format.snapshot import Followed
from chatcask.format.tree import Content
from chatcask.ids import ChunkId, ObjectName, chunk_id, object_name
from chatcask.ops.retention.policy import (
    Candidate,
    ForgetPlan,
    RetentionPolicy,
    plan_forget,
    plan_forget_named,
)
from chatcask.repository.keys import SnapshotReference

START = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)  # a Monday
HERE, THERE = "0" * 16, "1" * 16


def _root(name: str) -> Content:
    return Content(0, ChunkId(chunk_id(name.encode())))


def _row(
    hours: float,
    root: str = "",
    *,
    origin: str = HERE,
    tags: tuple[str, ...] = (),
    pinned: tuple[str, ...] = (),
) -> Candidate:
    taken_at = START + timedelta(hours=hours)
    name = ObjectName(object_name(f"{origin}{hours}".encode()))
    return Candidate(SnapshotReference(taken_at, origin, name), _root(root or str(hours)), tags, pinned)


def _utc(moment: datetime) -> datetime:
    return moment


def _hours(plan: ForgetPlan) -> list[float]:
    return [(row.reference.taken_at - START) / timedelta(hours=1) for row, _ in plan.kept]


def test_by_default_every_change_stays_and_old_runs_without_change_go() -> None:
    day = 24
    rows = [_row(0, "a"), _row(1, "a"), _row(2, "b"), _row(3, "b"), _row(4, "a"), _row(40 * day, "a")]
    rows += [_row(41 * day, "a"), _row(42 * day, "a")]
    plan = plan_forget(rows, RetentionPolicy(), _utc)
    assert _hours(plan) == [0, 2, 4, 40 * day, 41 * day, 42 * day]
    assert {row.reference: why for row, why in plan.kept}[rows[0].reference] == ("change",)


def test_a_tag_keeps_a_run_without_change_by_default() -> None:
    rows = [_row(0, "a"), _row(1, "a", tags=("release",)), _row(1000, "a"), _row(2000, "a")]
    assert _hours(plan_forget(rows, RetentionPolicy(), _utc)) == [0, 1, 2000]


@pytest.mark.parametrize(
    ("policy", "kept"),
    [
        (RetentionPolicy(last=2), [49, 50]),
        (RetentionPolicy(hourly=2), [49, 50]),
        (RetentionPolicy(daily=2), [30, 50]),
        (RetentionPolicy(daily=100), [2, 30, 50]),
        (RetentionPolicy(weekly=5), [50]),
        (RetentionPolicy(within=timedelta(hours=20)), [30, 49, 50]),
        (RetentionPolicy(tags=("x",)), [1, 50]),
        (RetentionPolicy(last=1, daily=2), [30, 50]),
    ],
    ids=str,
)
def test_each_rule(policy: RetentionPolicy, kept: list[float]) -> None:
    rows = [_row(0), _row(1, tags=("x",)), _row(2), _row(26), _row(30), _row(49), _row(50)]
    assert _hours(plan_forget(rows, policy, _utc)) == kept


def test_months_and_years() -> None:
    months = [
        (START.replace(year=2025 + n // 12, month=n % 12 + 1) - START) / timedelta(hours=1) for n in range(30)
    ]
    rows = [_row(hours) for hours in months]
    assert len(plan_forget(rows, RetentionPolicy(monthly=12), _utc).kept) == 12
    yearly = plan_forget(rows, RetentionPolicy(yearly=2), _utc)
    assert [row.reference.taken_at.month for row, _ in yearly.kept] == [12, 6]


def test_days_are_those_of_the_calendar_given() -> None:
    rows = [_row(0), _row(14), _row(15)]  # 09:30, 23:30 and 00:30 in UTC

    def eastward(moment: datetime) -> datetime:
        return moment + timedelta(hours=2)

    assert _hours(plan_forget(rows, RetentionPolicy(daily=9), _utc)) == [14, 15]
    assert _hours(plan_forget(rows, RetentionPolicy(daily=9), eastward)) == [0, 15]


def test_each_machine_is_judged_by_itself() -> None:
    rows = [_row(0), _row(1), _row(2, origin=THERE), _row(3, origin=THERE)]
    plan = plan_forget(rows, RetentionPolicy(last=1), _utc)
    assert _hours(plan) == [1, 3]


def test_a_container_that_is_new_at_every_run_is_one_machine() -> None:
    origins = [f"{number:016x}" for number in range(1, 7)]
    rows = []
    for hour, origin in enumerate(origins):
        earlier = zip(origins, rows, strict=False)
        follows = tuple(Followed(other, row.reference.taken_at) for other, row in earlier)
        rows.append(replace(_row(hour, origin=origin), follows=follows))
    assert _hours(plan_forget(rows, RetentionPolicy(last=2), _utc)) == [4, 5]
    assert _hours(plan_forget(rows[:5], RetentionPolicy(last=1), _utc)) == [4]


def test_a_machine_that_another_began_from_and_that_goes_on_keeps_its_own() -> None:
    first = _row(0)
    other = replace(_row(1, origin=THERE), follows=(Followed(HERE, first.reference.taken_at),))
    rows = [first, other, _row(2), _row(3, origin=THERE)]
    assert _hours(plan_forget(rows, RetentionPolicy(last=1), _utc)) == [2, 3]


def test_pinned_and_damaged_snapshots_stay_under_every_policy() -> None:
    damaged = Candidate(_row(1).reference, None)
    rows = [_row(0, pinned=("pinned",)), damaged, _row(2), _row(3)]
    plan = plan_forget(rows, RetentionPolicy(last=1), _utc)
    assert [why for _, why in plan.kept] == [
        ("pinned",),
        ("cannot be read",),
        ("last", "newest of its machine"),
    ]


@pytest.mark.parametrize(
    "policy", [RetentionPolicy(last=0), RetentionPolicy(tags=("none",)), RetentionPolicy(within=timedelta(0))]
)
def test_a_policy_that_keeps_nothing_is_refused(policy: RetentionPolicy) -> None:
    with pytest.raises(InvalidInputError, match="no snapshot"):
        plan_forget([_row(0), _row(1)], policy, _utc)


def test_negative_numbers_are_refused() -> None:
    for policy in (RetentionPolicy(last=-1), RetentionPolicy(within=timedelta(hours=-1))):
        with pytest.raises(InvalidInputError):
            plan_forget([_row(0)], policy, _utc)


def test_nothing_to_forget_in_an_empty_store() -> None:
    assert plan_forget([], RetentionPolicy(last=1), _utc) == ForgetPlan((), ())


def test_named_snapshots_go_and_no_others() -> None:
    rows = [_row(0), _row(1), _row(2)]
    plan = plan_forget_named(rows, [rows[1].reference.id])
    assert plan.removed == (rows[1],)
    with pytest.raises(InvalidInputError, match="no snapshot would be left"):
        plan_forget_named(rows, [row.reference.id for row in rows])
    with pytest.raises(InvalidInputError, match="pinned"):
        plan_forget_named([_row(0, pinned=("pinned",)), _row(1)], [_row(0).reference.id])


_rows = st.lists(
    st.builds(
        _row,
        st.integers(0, 24 * 400),
        st.sampled_from("abc"),
        origin=st.sampled_from([HERE, THERE]),
        tags=st.sampled_from([(), ("x",)]),
        pinned=st.sampled_from([(), (), ("pinned",)]),
    ),
    min_size=1,
    max_size=30,
    unique_by=lambda row: row.reference,
)
_counts = st.none() | st.integers(1, 5)
_policies = st.builds(
    RetentionPolicy,
    last=_counts,
    hourly=_counts,
    daily=_counts,
    weekly=_counts,
    monthly=_counts,
    yearly=_counts,
    within=st.none() | st.timedeltas(timedelta(hours=1), timedelta(days=90)),
)


@given(rows=_rows, policy=_policies)
def test_what_every_plan_promises(rows: list[Candidate], policy: RetentionPolicy) -> None:
    plan = plan_forget(rows, policy, _utc)
    kept = [row for row, _ in plan.kept]
    assert sorted(row.reference for row in [*kept, *plan.removed]) == sorted(row.reference for row in rows)
    assert all(reasons for _, reasons in plan.kept)
    assert not any(row.pinned for row in plan.removed)
    for origin in {row.reference.origin for row in rows}:
        assert max(row.reference for row in rows if row.reference.origin == origin) in {
            row.reference for row in kept
        }
    # Forgetting again by the same policy forgets nothing more.
    assert plan_forget(kept, policy, _utc).removed == ()


@given(rows=_rows)
def test_by_default_no_root_goes_altogether(rows: list[Candidate]) -> None:
    plan = plan_forget(rows, RetentionPolicy(), _utc)
    assert {row.root for row in rows} == {row.root for row, _ in plan.kept}
