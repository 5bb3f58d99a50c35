"""A store as a whole: made, opened, its snapshots found by name, its trees read, a run committed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Self

from chatcask.advice import Advice, AdviceCode
from chatcask.errors import (
    DamagedError,
    ObjectExistsError,
    ObjectNotFoundError,
    StoreExistsError,
    StoreNotFoundError,
)
from chatcask.format.config import Config, decode_config, encode_config
from chatcask.format.snapshot import Snapshot
from chatcask.format.tree import Content, Entry
from chatcask.ids import object_name
from chatcask.repository.chunk_reader import ChunkReader
from chatcask.repository.keys import (
    CONFIG,
    PACKS,
    SNAPSHOTS,
    SnapshotReference,
)
from chatcask.repository.locations import Locations
from chatcask.repository.run import Run
from chatcask.repository.snapshots import list_forgotten, list_snapshots, read_snapshot
from chatcask.repository.trees import entry_at, read_tree, walk_tree
from chatcask.transport.base import Transport

if TYPE_CHECKING:
    from chatcask.repository.labels import Labels

_NO_CONFIG = Advice(AdviceCode.REPAIR_CONFIG)


class Repository:
    """An open store. Use `create` or `open`; close it, or use it in a `with` statement."""

    def __init__(self, transport: Transport, config: Config, derived_folder: Path | None) -> None:
        self._transport = transport
        self._config = config
        self._derived_folder = derived_folder
        path = derived_folder / "locations.sqlite" if derived_folder else None
        self._locations = locations = Locations(path, transport)
        self._reader = ChunkReader(transport, locations)

    @classmethod
    def create(cls, transport: Transport, config: Config) -> None:
        """Make an empty store.

        Raises:
            StoreExistsError: there is one; it is unchanged.
            TransportError: the place cannot be written.
        """
        try:
            transport.put_new(CONFIG, encode_config(config))
        except ObjectExistsError:
            raise StoreExistsError(
                f"there is a store at {transport.description} already",
                place=transport.description,
                advice=Advice(AdviceCode.USE_STORE),
            ) from None

    @classmethod
    def open(cls, transport: Transport, cache_folder: Path | None = None) -> Repository:
        """Open a store. `cache_folder` is a folder of this machine for derived data; None keeps it in memory.

        Raises:
            StoreNotFoundError: there is none.
            UnsupportedFormatError: it needs a newer program.
            DamagedError: its `config` is damaged.
        """
        try:
            data = transport.get(CONFIG)
        except ObjectNotFoundError:
            if any(True for prefix in (PACKS, SNAPSHOTS) for _ in transport.list(prefix)):
                raise DamagedError(
                    f"{transport.description}: its 'config' is gone, and the rest is there", advice=_NO_CONFIG
                ) from None
            raise StoreNotFoundError(
                f"no store at {transport.description}",
                place=transport.description,
                advice=Advice(AdviceCode.MAKE_STORE),
            ) from None
        try:
            config = decode_config(data)
        except (DamagedError, KeyError, TypeError) as error:
            raise DamagedError(
                f"{transport.description}: {error}",
                advice=_NO_CONFIG,
            ) from error
        place = object_name(transport.description.encode("utf-8", "surrogateescape"))[:8]
        return cls(transport, config, cache_folder / f"{config.store_id}-{place}" if cache_folder else None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the local cache."""
        self._locations.close()

    @property
    def config(self) -> Config:
        """The store's parameters."""
        return self._config

    @property
    def derived_folder(self) -> Path | None:
        """This machine's folder for data derived from this store; None keeps such data in memory."""
        return self._derived_folder

    @property
    def reader(self) -> ChunkReader:
        """Reads chunks and content, proving each chunk."""
        return self._reader

    @property
    def transport(self) -> Transport:
        """The place that keeps the store's bytes, for operations on the objects themselves."""
        return self._transport

    def begin(self) -> Run:
        """Begin a run that adds to the store: read what prune is about to delete, and start the run's age.

        Raises:
            TransportError: the store cannot be read.
        """
        return Run(self._transport, self._config, self._locations, self._reader)

    def labels(self) -> Labels:
        """Return the tags and pins that were given after the runs."""
        from chatcask.repository.labels import read_labels  # noqa: PLC0415 - an unchanged run asks for none

        return read_labels(self._transport)

    def snapshots(self, origin: str | None = None) -> list[SnapshotReference]:
        """Return references to all snapshots, or to those of one origin, oldest first."""
        return list_snapshots(self._transport, origin)

    def forgotten(self) -> list[SnapshotReference]:
        """Return references to all snapshots that can be put back, oldest first."""
        return list_forgotten(self._transport)

    def latest(self, origin: str) -> SnapshotReference | None:
        """Return an origin's latest snapshot, if it has any."""
        references = self.snapshots(origin)
        return references[-1] if references else None

    def load(self, reference: SnapshotReference) -> Snapshot:
        """Read a snapshot's manifest, also of one that was forgotten since it was listed.

        Raises:
            DamagedError: it is cut short or changed.
            ForgottenError: it was deleted for good since it was listed.
        """
        return read_snapshot(self._transport, reference.key)

    def tree(self, content: Content) -> tuple[Entry, ...]:
        """Read a tree.

        Raises:
            DamagedError: it cannot be read.
        """
        return read_tree(self._reader, content)

    def entry(self, root: Content, path: str) -> Entry:
        """Return the entry at a path inside a root tree; the empty path is the root itself.

        Raises:
            NotFoundError: there is nothing at that path; the message says how far it led.
        """
        return entry_at(self._reader, root, path)

    def walk(self, content: Content, prefix: str = "") -> Iterator[tuple[str, Entry]]:
        """Yield (path, entry) of everything below a tree, folders before what they hold."""
        return walk_tree(self._reader, content, prefix)
