"""A store, its catalogue and the machine in one hand: what every command works with.

What can be done stands in the views, which know it as a `bench.Bench` and each other by name only.
"""

from __future__ import annotations

import os
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from threading import get_ident
from typing import TYPE_CHECKING, Self

from chatcask.advice import Advice, AdviceCode
from chatcask.errors import InvalidInputError, TransportError, WrongThreadError
from chatcask.repository.repository import Repository
from chatcask.transport.local import LocalTransport
from chatcask.workbench.machine import Machine, new_config, transport_at

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chatcask.assistants.base import Source
    from chatcask.catalog.catalog import Catalog
    from chatcask.ops.snapshot.manifest import Identity
    from chatcask.transport.base import Transport
    from chatcask.workbench.bundles import Bundles
    from chatcask.workbench.chats import Chats
    from chatcask.workbench.editing import Editing
    from chatcask.workbench.labels import LabelsView
    from chatcask.workbench.retention import Retention
    from chatcask.workbench.snapshots import Snapshots
    from chatcask.workbench.upkeep import Upkeep


_NOBODYS = {"lost+found", "tmp", "desktop.ini", "System Volume Information"}
"""Names that stand in a folder nobody has used: made by systems, or by the making of a store that was cut."""


class Workbench:
    """One store and one machine, for the thread that made it. Close it, or use it in a `with` statement.

    Every property and what it gives raises `WrongThreadError` in another thread.
    """

    def __init__(self, repository: Repository, machine: Machine) -> None:
        self._repository = repository
        self._catalog: Catalog | None = None
        self._thread = get_ident()
        self._origin = machine.origin
        self.machine = machine

    @classmethod
    def open(cls, place: Transport | Path, machine: Machine) -> Self:
        """Open the store at a place.

        Raises:
            StoreNotFoundError: there is none.
            UnsupportedFormatError: it needs a newer program.
            DamagedError: its `config` is damaged.
        """
        return cls(Repository.open(transport_at(place), machine.cache_folder), machine)

    @classmethod
    def create(cls, place: Transport | Path, machine: Machine) -> Self:
        """Make an empty store at a place and open it.

        Raises:
            StoreExistsError: there is one; it is unchanged.
            InvalidInputError: the place is inside an editor's folder, or a folder with other things in it.
            TransportError: the place cannot be written.
        """
        transport = transport_at(place)
        if isinstance(transport, LocalTransport):
            from chatcask.workbench.sources import keep_out_of_editors  # noqa: PLC0415 - only a new store asks

            keep_out_of_editors(machine, transport.root, "the store")
            _require_unused(transport.root)
        Repository.create(transport, new_config(machine))
        return cls.open(transport, machine)

    @classmethod
    def in_memory(cls, machine: Machine) -> Self:
        """Make an empty store that is gone when it is closed, for what would be done in a first one."""
        from chatcask.transport.memory import MemoryTransport  # noqa: PLC0415 - few commands do without a store

        return cls.create(MemoryTransport(), replace(machine, cache_folder=None))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the store and its catalogue."""
        self._require_own_thread()
        if self._catalog is not None:
            self._catalog.close()
        self._repository.close()

    @property
    def repository(self) -> Repository:
        """The store."""
        self._require_own_thread()
        return self._repository

    @property
    def catalog(self) -> Catalog:
        """Which chats each snapshot holds; opened when it is first asked for."""
        self._require_own_thread()
        if self._catalog is None:
            from chatcask.catalog.catalog import Catalog  # noqa: PLC0415 - an unchanged run needs none

            self._catalog = Catalog(self._repository, _hides(self.machine.platform.scope.excluded))
        return self._catalog

    @property
    def origin(self) -> str:
        """Whose snapshots are this user's on this machine."""
        if self._origin is None:
            self._origin = self._find_origin()
        return self._origin

    @property
    def identity(self) -> Identity:
        """Who takes snapshots."""
        from chatcask.ops.snapshot.manifest import Identity  # noqa: PLC0415 - reading a store takes none

        return Identity(self.origin, self.machine.host, self.machine.program)

    def keep_identity(self) -> None:
        """Make the origin durable, before the first thing is written under it."""
        from chatcask.workbench.identity import keep_origin, read_origin  # noqa: PLC0415 - reading a store keeps none

        folder = self.machine.memory_folder
        if self.machine.origin is None and folder is not None:
            self._origin = read_origin(folder) or keep_origin(folder, self.origin)

    @cached_property
    def snapshots(self) -> Snapshots:
        """Take, find and read snapshots."""
        from chatcask.workbench.snapshots import Snapshots  # noqa: PLC0415 - each view is paid for by its users

        return Snapshots(self)

    @cached_property
    def chats(self) -> Chats:
        """Find, list, read and compare chats."""
        from chatcask.workbench.chats import Chats  # noqa: PLC0415

        return Chats(self, self.snapshots)

    @cached_property
    def labels(self) -> LabelsView:
        """Tags and pins."""
        from chatcask.workbench.labels import LabelsView  # noqa: PLC0415

        return LabelsView(self, self.snapshots)

    @cached_property
    def editing(self) -> Editing:
        """Restore, undo and mend what an editor shows."""
        from chatcask.workbench.editing import Editing  # noqa: PLC0415

        return Editing(self, self.snapshots, self.chats)

    @cached_property
    def retention(self) -> Retention:
        """Let go of snapshots, put them back, free their space."""
        from chatcask.workbench.retention import Retention  # noqa: PLC0415

        return Retention(self, self.snapshots)

    @cached_property
    def upkeep(self) -> Upkeep:
        """Verify, mend and measure the store."""
        from chatcask.workbench.upkeep import Upkeep  # noqa: PLC0415

        return Upkeep(self, self.retention)

    @cached_property
    def bundles(self) -> Bundles:
        """Carry chats out of the store and into it."""
        from chatcask.workbench.bundles import Bundles  # noqa: PLC0415

        return Bundles(self, self.snapshots)

    def keep_out(self, sources: Sequence[Source]) -> None:
        """Refuse to go on when the store lies in one of these editors' folders.

        Raises:
            InvalidInputError: it does.
        """
        transport = self.repository.transport
        if isinstance(transport, LocalTransport):
            from chatcask.assistants.known import refuse_inside_editor  # noqa: PLC0415

            refuse_inside_editor(transport.root, sources, "the store")

    def _find_origin(self) -> str:
        from chatcask.workbench.identity import read_origin  # noqa: PLC0415 - a given origin needs no look

        folder, former = self.machine.memory_folder, self.machine.former_origin
        if folder is not None and (known := read_origin(folder)) is not None:
            return known
        if former is not None and self.repository.latest(former):
            return former
        return os.urandom(8).hex()

    def _require_own_thread(self) -> None:
        if get_ident() != self._thread:
            raise WrongThreadError("a workbench is used by a thread that did not make it")


def _require_unused(folder: Path) -> None:
    """Refuse to make a store among other things; what systems put into any folder does not count."""
    try:
        names = {path.name for path in folder.iterdir()}
    except FileNotFoundError:
        return
    except NotADirectoryError:
        names = {folder.name}
    except OSError as error:
        raise TransportError(f"cannot list {folder}: {error.strerror or error}", where=str(folder)) from error
    if "config" not in names and any(name[:1] != "." for name in names - _NOBODYS):
        raise InvalidInputError(
            f"{folder} is not an empty folder",
            what="store",
            value=str(folder),
            advice=Advice(AdviceCode.USE_EMPTY_FOLDER),
        )


def _hides(excluded: tuple[str, ...]) -> Callable[[str], bool] | None:
    """Return what tells whether a workspace's chats are not to be listed; None if all are."""
    if not excluded:
        return None
    from chatcask.assistants.excluded import is_excluded  # noqa: PLC0415 - few exclude any

    return partial(is_excluded, excluded)
