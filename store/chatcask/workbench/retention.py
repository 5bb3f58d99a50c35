"""Let go of snapshots, put them back, and free the space of what none needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatcask.errors import InvalidInputError
from chatcask.ops.retention.forget import (
    apply_forget,
    bytes_freed,
    plan_forget_by_name,
    plan_forget_by_policy,
)
from chatcask.ops.retention.last_copies import LostChat, lost_chats
from chatcask.ops.retention.prune import PruneResult, preview_prune, prune
from chatcask.ops.retention.undelete import Undeleted, UndeletePlan, apply_undelete, plan_undelete
from chatcask.transport.exclusive import exclusive

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chatcask.monitor import Monitor
    from chatcask.ops.retention.policy import ForgetPlan, RetentionPolicy
    from chatcask.repository.keys import SnapshotReference
    from chatcask.workbench.bench import Bench
    from chatcask.workbench.snapshots import Snapshots


class Retention:
    """What a workbench's store keeps."""

    def __init__(self, bench: Bench, snapshots: Snapshots) -> None:
        self._bench = bench
        self._snapshots = snapshots

    def plan_forget(self, names: Sequence[str], policy: RetentionPolicy) -> ForgetPlan:
        """Plan which snapshots go: exactly those named, or without names those that the policy does not keep.

        Raises:
            InvalidInputError: names and a policy are given, the policy keeps nothing, or one is pinned.
            NotFoundError: there is no snapshot of that name.
            DamagedError: a label is damaged, so it is not known what is pinned.
        """
        if not names:
            return plan_forget_by_policy(self._bench.repository, policy, self._bench.machine.in_zone)
        if not policy.is_default:
            raise InvalidInputError("name snapshots or give a policy, not both")
        references = [self._snapshots.find(name)[0] for name in names]
        return plan_forget_by_name(self._bench.repository, references)

    def preview_forget(self, plan: ForgetPlan, monitor: Monitor) -> tuple[tuple[LostChat, ...], int | None]:
        """Return the chats that would lose their last copy, and the bytes that prune could free, if known."""
        repository = self._bench.repository
        return lost_chats(repository, plan, monitor), bytes_freed(repository, plan)

    def apply_forget(self, plan: ForgetPlan, *, allow_losing_chats: bool = False, monitor: Monitor) -> None:
        """Carry out a plan.

        Raises:
            ChatLossError: a chat would lose its last copy; nothing was changed.
            DamagedError: a manifest to be forgotten is damaged; those before it are forgotten.
        """
        apply_forget(self._bench.repository, plan, allow_losing_chats=allow_losing_chats, monitor=monitor)

    def forgotten(self) -> list[SnapshotReference]:
        """Return the snapshots that can be put back, oldest first."""
        return self._bench.repository.forgotten()

    def plan_undelete(self, names: Sequence[str]) -> list[UndeletePlan]:
        """Plan to put forgotten snapshots back: by the beginnings of their ids, or their tags.

        Raises:
            NotFoundError: none answers to a name.
            AmbiguousError: several do.
        """
        return [plan_undelete(self._bench.repository, name) for name in names]

    def apply_undelete(self, plans: Sequence[UndeletePlan]) -> list[Undeleted]:
        """Put forgotten snapshots back.

        Raises:
            DamagedError: prune has deleted what one needs; those before it are back.
        """
        return [apply_undelete(self._bench.repository, plan) for plan in plans]

    def preview_prune(self, monitor: Monitor) -> PruneResult:
        """Tell what a prune would do now; nothing is changed."""
        return preview_prune(self._bench.repository, self._bench.machine.clock(), monitor)

    def prune(self, holder: str, wait_seconds: float, monitor: Monitor) -> PruneResult:
        """Free the space of what no snapshot needs, in two steps at least a day apart.

        Args:
            holder: Who prunes, for those who wait for the lock in vain.
            wait_seconds: How long to wait for the lock.
            monitor: Told of progress.

        Raises:
            StoreLockedError: another prune is at work.
            DamagedError: what is needed cannot be known, so nothing was deleted.
        """
        repository = self._bench.repository
        with exclusive(repository.transport, "prune", holder=holder, wait_seconds=wait_seconds):
            return prune(repository, monitor)
