"""What a store needs once a day: old runs forgotten by the policy, space freed, a part of the data proved.

Each step stands for itself: one that cannot be done is named, and the others are done. None begins while a
restore is at work on this machine, nor after the time that was given.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from chatcask.errors import ChatcaskError
from chatcask.jobs.changing import is_changing

if TYPE_CHECKING:
    from chatcask.monitor import Monitor
    from chatcask.ops.integrity.check import CheckResult
    from chatcask.ops.retention.policy import ForgetPlan, RetentionPolicy
    from chatcask.ops.retention.prune import PruneResult
    from chatcask.workbench.machine import Machine
    from chatcask.workbench.retention import Retention
    from chatcask.workbench.upkeep import Upkeep

_LOCK_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class UpkeepWishes:
    """What upkeep is to do.

    Attributes:
        policy: What `forget` keeps.
        prune: Whether space is freed.
        share: The share of the stored data that is read and proved, from 0 to 1.
        time_limit: After this time no further step begins.
    """

    policy: RetentionPolicy
    prune: bool
    share: float
    time_limit: timedelta


@dataclass(frozen=True, slots=True)
class UpkeepPlan:
    """What would be done: which snapshots go, what prune would do by now, and what is read."""

    wishes: UpkeepWishes
    forget: ForgetPlan
    prune: PruneResult | None


@dataclass(frozen=True, slots=True)
class LeftOutStep:
    """A step that was not done: `forget`, `prune` or `check`, and why, with a code and in words."""

    step: str
    kind: str
    reason: str


@dataclass(slots=True)
class UpkeepResult:
    """What was done; None is a step that was not, and `left_out` says why if it was to be."""

    forgotten: ForgetPlan | None = None
    prune: PruneResult | None = None
    check: CheckResult | None = None
    left_out: list[LeftOutStep] = field(default_factory=list)


def plan_upkeep(retention: Retention, wishes: UpkeepWishes, monitor: Monitor) -> UpkeepPlan:
    """Plan what upkeep does; nothing is changed.

    Raises:
        InvalidInputError: the policy keeps nothing.
        DamagedError: what is pinned, or what is needed, cannot be known.
    """
    forget = retention.plan_forget((), wishes.policy)
    prune = retention.preview_prune(monitor) if wishes.prune else None
    return UpkeepPlan(wishes, forget, prune)


def do_upkeep(
    machine: Machine,
    retention: Retention,
    upkeep: Upkeep,
    wishes: UpkeepWishes,
    holder: str,
    monitor: Monitor,
) -> UpkeepResult:
    """Do what the wishes say, step by step.

    Args:
        machine: The machine that it runs on.
        retention: What the store keeps.
        upkeep: The store's health.
        wishes: What to do.
        holder: Who does it, for those who wait for the lock of prune.
        monitor: Told of progress.
    """
    result = UpkeepResult()
    until = machine.clock() + wishes.time_limit

    def forget() -> None:
        plan = retention.plan_forget((), wishes.policy)
        retention.apply_forget(plan, monitor=monitor)
        result.forgotten = plan

    def prune() -> None:
        result.prune = retention.prune(holder, _LOCK_SECONDS, monitor)

    def check() -> None:
        result.check = upkeep.check(wishes.share, monitor)

    steps: dict[str, Callable[[], None]] = {"forget": forget}
    steps |= {"prune": prune} if wishes.prune else {}
    steps |= {"check": check} if wishes.share else {}
    for name, step in steps.items():
        if is_changing(machine.memory_folder):
            result.left_out.append(LeftOutStep(name, "restoring", "a restore is at work"))
        elif machine.clock() >= until:
            result.left_out.append(LeftOutStep(name, "time", "the time is over"))
        else:
            try:
                step()
            except ChatcaskError as error:
                result.left_out.append(LeftOutStep(name, error.kind, error.message))
    return result
