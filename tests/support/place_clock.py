"""A place in memory whose clock the test moves, and one whose calls let others act in between."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

from chatcask.transport import MemoryTransport, ObjectInfo, Transport
from chatcask.transport.wrap import WrapperTransport

_SECOND = 1_000_000_000


class ClockedTransport(WrapperTransport):
    """Dates what is put by a clock that only `pass_time` moves."""

    def __init__(self, inner: Transport | None = None) -> None:
        super().__init__(inner or MemoryTransport())
        self.now_ns = 0
        self._dates: dict[str, int] = {}

    def pass_time(self, time: timedelta) -> None:
        self.now_ns += time // timedelta(microseconds=1) * 1000

    def before(self, verb: str, key: str) -> None:
        if verb in {"put", "put_new"}:
            self._dates[key] = self.now_ns

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        for info in self.inner.list(prefix):
            yield ObjectInfo(info.key, info.size, self._dates[info.key])


class InterruptedTransport(WrapperTransport):
    """Runs `act` right before the n-th call.

    Not before the put that makes a snapshot visible: that the age was looked at right before it is all
    that the rules promise, and a put that takes a day is what they do not cover (docs/design.md).
    """

    def __init__(self, inner: Transport, number: int, act: Callable[[], None]) -> None:
        super().__init__(inner)
        self.calls = 0
        self._number = number
        self._act = act

    def before(self, verb: str, key: str) -> None:
        if verb == "put" and key.startswith("snapshots/"):
            return
        self.calls += 1
        if self.calls == self._number:
            self._act()
