"""One run that adds to a store: it learns first what prune is about to delete, and ends within its age.

docs/format.md section 12 says why in this order. `Repository.begin` starts a run.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from chatcask.advice import Advice, AdviceCode
from chatcask.errors import StaleError
from chatcask.format.config import Config
from chatcask.format.snapshot import Snapshot, encode_snapshot
from chatcask.format.tree import Content
from chatcask.ids import ObjectName, object_name
from chatcask.monitor import Problem
from chatcask.repository.chunk_reader import ChunkReader
from chatcask.repository.condemned import condemned_packs, list_condemned
from chatcask.repository.keys import PACKS, SnapshotReference, name_in
from chatcask.repository.locations import Locations
from chatcask.repository.snapshots import list_snapshots
from chatcask.transport.base import Transport

if TYPE_CHECKING:
    from chatcask.repository.chunk_writer import ChunkWriter, WriteTotals

GRACE_PERIOD = timedelta(hours=24)
"""How long a condemned pack and a forgotten snapshot stay at least."""

RUN_LIMIT = GRACE_PERIOD / 2
"""How old a run may be when it commits or deletes."""

_GOES_ON_ASLEEP = {"linux": "CLOCK_BOOTTIME", "darwin": "CLOCK_MONOTONIC"}
_TICK = timedelta(microseconds=1)


class Run:
    """A run from its first look at the store to its commit. One thread at a time."""

    def __init__(
        self, transport: Transport, config: Config, locations: Locations, reader: ChunkReader
    ) -> None:
        self._transport = transport
        self._config = config
        self._locations = locations
        self._reader = reader
        self._began = steady_seconds()
        self._newest: dict[str, SnapshotReference | None] = {}
        self.condemned = condemned_packs(transport, list_condemned(transport))
        """The packs that prune is about to delete; to this run's writers they are absent."""
        locations.expire()

    @cached_property
    def missing(self) -> frozenset[ObjectName]:
        """The packs that somebody deleted or cut; to this run's writers they are absent.

        One listing tells, so a run can afford to ask that finds nothing new. A pack of the right length with
        other bytes is found when it is read, or by a check.
        """
        # First the indexes, which prune rewrites before it deletes, and a writer puts after its packs.
        self._locations.refresh()
        listed = {name: info.size for info in self._transport.list(PACKS) if (name := name_in(info.key))}
        return self._locations.missing_of(listed) - self.condemned

    @property
    def absent(self) -> frozenset[ObjectName]:
        """The packs that hold nothing to this run: condemned ones, and those deleted or cut."""
        return self.condemned | self.missing

    def writer(self, *, level: int | None = None, absent: Collection[ObjectName] = ()) -> ChunkWriter:
        """Return a new writer of chunks; `finish` or `abandon` ends it.

        Args:
            level: How hard to compress, if not as the store's parameters say.
            absent: Packs that do not count as present either, beside those of `absent`.
        """
        from chatcask.repository.chunk_writer import ChunkWriter  # noqa: PLC0415 - an unchanged run writes none

        blocks = self._config.blocks
        return ChunkWriter(
            self._transport,
            self._locations,
            replace(self._config, blocks=replace(blocks, level=level or blocks.level)),
            condemned=self.absent.union(absent),
            distrusted=self._reader.distrusted,
        )

    def preserve(self, root: Content, report: Callable[[Problem], None]) -> WriteTotals:
        """Store again what only condemned packs hold of a durable tree, and make it durable.

        Args:
            root: The tree.
            report: Told of what cannot be read; if it raises, nothing of this is indexed.
        """
        from chatcask.repository.preserve import preserve  # noqa: PLC0415 - only while a prune is under way

        writer = self.writer()
        try:
            preserve(self._reader, writer, root, report)
            return writer.finish()
        finally:
            writer.abandon()

    def snapshots(self, origin: str) -> list[SnapshotReference]:
        """Return references to an origin's snapshots, oldest first; later commits go by this list."""
        found = list_snapshots(self._transport, origin)
        self._newest[origin] = found[-1] if found else None
        return found

    def commit(self, origin: str, snapshot: Snapshot) -> SnapshotReference:
        """Write the manifest of a run whose content is durable; this is what makes it visible.

        Its key orders after the origin's newest snapshot, which is looked up unless this run knows it.

        Raises:
            StaleError: the run is so old that what it relies on may be pruned; nothing was written.
        """
        if origin not in self._newest:
            self.snapshots(origin)
        taken_at, newest = snapshot.taken_at, self._newest[origin]
        if newest and taken_at <= newest.taken_at:
            taken_at = newest.taken_at + _TICK
        data = encode_snapshot(snapshot)
        reference = SnapshotReference(taken_at, origin, object_name(data))
        self.require_young("the run")
        self._transport.put(reference.key, data)
        self._newest[origin] = reference
        return reference

    def put_back(self, reference: SnapshotReference, manifest: bytes) -> None:
        """Write a forgotten snapshot's manifest again, unchanged, once its content is durable.

        Raises:
            StaleError: the run is so old that what the snapshot needs may be pruned; nothing was written.
        """
        self.require_young("putting the snapshot back")
        self._transport.put(reference.key, manifest)

    def require_young(self, what: str) -> None:
        """Refuse to go on when the run is older than `RUN_LIMIT`.

        Raises:
            StaleError: it is; `what` says which run.
        """
        age = timedelta(seconds=steady_seconds() - self._began)
        if age > RUN_LIMIT:
            hours = age / timedelta(hours=1)
            raise StaleError(
                f"{what} took {hours:.0f} hours, so what it relies on may have been pruned meanwhile",
                advice=Advice(AdviceCode.RUN_AGAIN_STORED),
            )


def steady_seconds() -> float:
    """Return seconds by a clock that nobody sets and that goes on while the machine sleeps.

    Python's monotonic clock does so on Windows; on Linux and macOS another one of the system does.
    """
    clock = getattr(time, _GOES_ON_ASLEEP.get(sys.platform, ""), None)
    return time.monotonic() if clock is None else time.clock_gettime(clock)
