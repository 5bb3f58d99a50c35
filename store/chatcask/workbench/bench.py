"""What every view of a workbench is given of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chatcask.assistants.base import Source
    from chatcask.catalog.catalog import Catalog
    from chatcask.ops.snapshot.manifest import Identity
    from chatcask.repository.repository import Repository
    from chatcask.workbench.machine import Machine


class Bench(Protocol):
    """One store and one machine, for the thread that opened it."""

    machine: Machine

    @property
    def repository(self) -> Repository:
        """The store."""

    @property
    def catalog(self) -> Catalog:
        """Which chats each snapshot holds; opened when it is first asked for."""

    @property
    def origin(self) -> str:
        """Whose snapshots are this user's on this machine."""

    @property
    def identity(self) -> Identity:
        """Who takes snapshots."""

    def keep_identity(self) -> None:
        """Make the origin durable, before the first thing is written under it."""

    def keep_out(self, sources: Sequence[Source]) -> None:
        """Refuse to go on when the store lies in one of these editors' folders.

        Raises:
            InvalidInputError: it does.
        """
