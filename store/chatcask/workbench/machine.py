"""One user on one machine, as a workbench is told of it, and how both reach and make stores.

All that is known of the machine is given, nothing is looked up.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from chatcask.format.config import Config
from chatcask.transport.local import LocalTransport

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime, tzinfo

    from chatcask.assistants.base import Guard, Platform
    from chatcask.transport.base import Transport


@dataclass(frozen=True)
class Machine:
    """One user on one machine.

    Attributes:
        platform: Where programs keep their data here.
        origin: An id of this user on this machine, 16 hex digits; None for a random one that is kept in
            `memory_folder`.
        host: The machine's name for itself, a label for people.
        program: Name and version of the program that works for the user.
        clock: The time now, in UTC.
        cache_folder: Where data that can be derived again may be kept; None keeps it in memory.
        memory_folder: Where what this machine has to remember is kept: which editors' folders were changed;
            None remembers nothing.
        zone: The time zone that dates without one are in; None is that of this machine.
        watcher: Says which editors run; None asks the processes of this machine.
        former_origin: The origin that was used here before one was kept; a store that has snapshots of it
            goes on with it.
    """

    platform: Platform
    origin: str | None
    host: str
    program: str
    clock: Callable[[], datetime]
    cache_folder: Path | None = None
    memory_folder: Path | None = None
    zone: tzinfo | None = None
    watcher: Guard | None = None
    former_origin: str | None = None

    @cached_property
    def guard(self) -> Guard:
        """Says which editors run."""
        if self.watcher is not None:
            return self.watcher
        from chatcask.assistants.known import Guards  # noqa: PLC0415 - reading a store needs no guard

        return Guards(self.platform)

    def in_zone(self, moment: datetime) -> datetime:
        """Return a moment in the user's time zone."""
        return moment.astimezone(self.zone)

    def local_now(self) -> datetime:
        """Return the time now in the user's time zone."""
        return self.in_zone(self.clock())


def new_config(machine: Machine) -> Config:
    """Return parameters for a new store, with an id of its own."""
    created_at = machine.clock().astimezone(UTC).isoformat().replace("+00:00", "Z")
    return Config(store_id=os.urandom(16).hex(), created_at=created_at)


def transport_at(place: Transport | Path) -> Transport:
    """Return how the store at a place is reached: itself, or the folder of that path."""
    return LocalTransport(place) if isinstance(place, Path) else place
