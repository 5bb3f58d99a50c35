"""Verify, mend and measure a store."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from chatcask.ops.integrity import mend_config
from chatcask.ops.integrity.check import CheckResult, check
from chatcask.ops.integrity.findings import Sample
from chatcask.ops.integrity.repair import RepairHelpers, RepairPlan, RepairResult, apply_repair, plan_repair
from chatcask.ops.stats.measure import store_stats
from chatcask.repository.repository import Repository
from chatcask.transport.wrap import ReadOnlyTransport
from chatcask.workbench.machine import new_config, transport_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from chatcask.assistants.base import Source
    from chatcask.monitor import Monitor
    from chatcask.ops.integrity.mend_config import ConfigPlan
    from chatcask.ops.stats.sizes import StoreStats
    from chatcask.transport.base import Transport
    from chatcask.workbench.bench import Bench
    from chatcask.workbench.daily_upkeep import UpkeepPlan, UpkeepResult, UpkeepWishes
    from chatcask.workbench.machine import Machine
    from chatcask.workbench.retention import Retention


class Upkeep:
    """The health of a workbench's store."""

    def __init__(self, bench: Bench, retention: Retention) -> None:
        self._bench = bench
        self._retention = retention

    def check(self, share: float | None, monitor: Monitor) -> CheckResult:
        """Verify the store, and read and prove a share of its data: another one each time.

        Args:
            share: From 0 to 1; None reads no data.
            monitor: Told of progress.
        """
        repository = self._bench.repository
        window = self._window()
        sample = None if share is None else Sample(share, _start(window))
        result = check(repository, sample=sample, monitor=monitor)
        if sample is not None:
            _remember(window, sample.end)
        return result

    @contextmanager
    def plan_repair(
        self, donors: Sequence[Transport | Path], sources: Sequence[Source], monitor: Monitor
    ) -> Iterator[RepairPlan]:
        """Say what a repair would do; the plan can be carried out inside the `with` block.

        Args:
            donors: Other stores that may have what is missing.
            sources: Editors' folders that may have it; read only by `apply_repair`, and while their editors
                are closed.
            monitor: Told of progress.

        Raises:
            StoreNotFoundError: there is no store at the place of a donor.
        """
        with ExitStack() as stack:
            opened = [
                stack.enter_context(Repository.open(ReadOnlyTransport(transport_at(place))))
                for place in donors
            ]
            helpers = RepairHelpers(opened, sources, self._bench.machine.guard)
            yield stack.enter_context(plan_repair(self._bench.repository, helpers, monitor))

    def apply_repair(self, plan: RepairPlan, monitor: Monitor) -> RepairResult:
        """Mend what can be mended.

        Raises:
            StaleError: it took so long that a prune may have overtaken it; run it again.
        """
        return apply_repair(plan, monitor)

    def plan_daily(self, wishes: UpkeepWishes, monitor: Monitor) -> UpkeepPlan:
        """Plan what is done once a day; nothing is changed.

        Raises:
            InvalidInputError: the policy keeps nothing.
            DamagedError: what is pinned, or what is needed, cannot be known.
        """
        from chatcask.workbench.daily_upkeep import plan_upkeep  # noqa: PLC0415 - one command asks

        return plan_upkeep(self._retention, wishes, monitor)

    def daily(self, wishes: UpkeepWishes, holder: str, monitor: Monitor) -> UpkeepResult:
        """Do what is done once a day; a step that cannot be done is named, and the others are done."""
        from chatcask.workbench.daily_upkeep import do_upkeep  # noqa: PLC0415

        return do_upkeep(self._bench.machine, self._retention, self, wishes, holder, monitor)

    def stats(self, largest: int, monitor: Monitor) -> StoreStats:
        """Measure the store: how big it is, how it grows, and which workspaces and chats are the largest."""
        return store_stats(self._bench.repository, largest=largest, monitor=monitor)

    def _window(self) -> Path | None:
        """Return the file that says where the last sample ended; losing it costs nothing."""
        folder = self._bench.machine.cache_folder
        return folder / f"{self._bench.repository.config.store_id}.read-data" if folder else None


def plan_config(place: Transport | Path, machine: Machine) -> ConfigPlan | None:
    """Plan a new `config` if that of a store is damaged or gone, so that it cannot be opened."""
    return mend_config.plan_config(transport_at(place), new_config(machine))


def apply_config(place: Transport | Path, plan: ConfigPlan) -> None:
    """Put a new `config`."""
    mend_config.apply_config(transport_at(place), plan)


def _start(window: Path | None) -> float:
    try:
        start = float(window.read_text(encoding="ascii")) if window else 0.0
    except (OSError, ValueError):
        return 0.0
    return start if 0 <= start < 1 else 0.0


def _remember(window: Path | None, position: float) -> None:
    if window is None:
        return
    with suppress(OSError):
        window.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        window.write_text(f"{position:.9f}", encoding="ascii")
