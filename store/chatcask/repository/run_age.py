"""How old a run is: prune's grace period holds only for runs that end in time (docs/format.md section 12)."""

from __future__ import annotations

import sys
import time
from datetime import timedelta

from chatcask.errors import StaleError

GRACE_PERIOD = timedelta(hours=24)
"""How long a condemned pack and a forgotten snapshot stay at least."""

RUN_LIMIT = GRACE_PERIOD / 2
"""How old a run may be when it commits or deletes."""

_GOES_ON_ASLEEP = {"linux": "CLOCK_BOOTTIME", "darwin": "CLOCK_MONOTONIC"}


class RunAge:
    """Measures from its making, also while the machine sleeps."""

    def __init__(self) -> None:
        self._began = steady_seconds()

    def require_young(self, what: str) -> None:
        """Refuse to go on when the run is older than the session limit.

        Raises:
            StaleError: it is; `what` says which run.
        """
        age = timedelta(seconds=steady_seconds() - self._began)
        if age > RUN_LIMIT:
            hours = age / timedelta(hours=1)
            raise StaleError(
                f"{what} took {hours:.0f} hours, so what it relies on may have been pruned meanwhile",
                hint="run it again; what it stored already is not stored again",
            )


def steady_seconds() -> float:
    """Return seconds by a clock that nobody sets and that goes on while the machine sleeps.

    Python's monotonic clock does so on Windows; on Linux and macOS another one of the system does.
    """
    clock = getattr(time, _GOES_ON_ASLEEP.get(sys.platform, ""), None)
    return time.monotonic() if clock is None else time.clock_gettime(clock)
