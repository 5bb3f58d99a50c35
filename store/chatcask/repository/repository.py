"""A store as a whole: made, opened, its snapshots found by name, its trees read, a run committed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Self

from chatcask.errors import (
    AmbiguousError,
    DamagedError,
    NotFoundError,
    ObjectExistsError,
    ObjectNotFoundError,
    StoreExistsError,
    StoreNotFoundError,
)
from chatcask.format.config import Config, decode_config, encode_config
from chatcask.format.snapshot import Snapshot, decode_snapshot, encode_snapshot
from chatcask.format.tree import EMPTY, Content, Entry, EntryKind, decode_tree
from chatcask.ids import ObjectName, object_name
from chatcask.repository.addressing import SnapshotAddress
from chatcask.repository.chunk_reader import ChunkReader
from chatcask.repository.condemned import condemned_packs, list_condemned
from chatcask.repository.keys import (
    CONFIG,
    FORGOTTEN,
    PACKS,
    SNAPSHOTS,
    SnapshotReference,
    snapshot_reference,
)
from chatcask.repository.labels import Labels, read_labels
from chatcask.repository.locations import Locations
from chatcask.repository.run_age import RunAge
from chatcask.transport.base import Transport

if TYPE_CHECKING:
    from chatcask.repository.chunk_writer import ChunkWriter

_TICK = timedelta(microseconds=1)
_NO_CONFIG = "run 'chatcask repair', which makes a new one; the chats themselves are in 'packs'"


class Repository:
    """An open store. Use `create` or `open`; close it, or use it in a `with` statement."""

    def __init__(self, transport: Transport, config: Config, derived_folder: Path | None) -> None:
        self._transport = transport
        self._config = config
        self._derived_folder = derived_folder
        path = derived_folder / "locations.sqlite" if derived_folder else None
        self._locations = locations = Locations(path, transport)
        self._reader = ChunkReader(transport, locations)
        self._age = RunAge()

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
                hint="use it as it is, or name another place with --store",
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
                    f"{transport.description}: its 'config' is gone, and the rest is there", hint=_NO_CONFIG
                ) from None
            raise StoreNotFoundError(
                f"no store at {transport.description}",
                hint="make one with 'chatcask init', or name another place with --store",
            ) from None
        try:
            config = decode_config(data)
        except (DamagedError, KeyError, TypeError) as error:
            raise DamagedError(
                f"{transport.description}: {error}",
                hint=_NO_CONFIG,
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

    def writer(
        self, condemned: frozenset[ObjectName] = frozenset(), *, level: int | None = None
    ) -> ChunkWriter:
        """Return a new writer for one run.

        Args:
            condemned: What `condemned()` gave before the run began.
            level: How hard to compress, if not as the store's parameters say.
        """
        blocks = self._config.blocks
        config = replace(self._config, blocks=replace(blocks, level=level or blocks.level))
        from chatcask.repository.chunk_writer import ChunkWriter  # noqa: PLC0415 - a quiet run writes no chunk

        return ChunkWriter(
            self._transport,
            self._locations,
            config,
            condemned=condemned,
            distrusted=self._reader.distrusted,
        )

    def condemned(self) -> frozenset[ObjectName]:
        """Return the packs that prune is about to delete.

        A writer asks this before all else; from here on its age counts, see `commit`.
        """
        self._age = RunAge()
        return condemned_packs(self._transport, list_condemned(self._transport))

    def labels(self) -> Labels:
        """Return the tags and pins that were given after the runs."""
        return read_labels(self._transport)

    def snapshots(self, origin: str | None = None) -> list[SnapshotReference]:
        """Return references to all snapshots, or to those of one origin, oldest first."""
        prefix = f"{SNAPSHOTS}{origin}/" if origin else SNAPSHOTS
        found = (snapshot_reference(info.key) for info in self._transport.list(prefix))
        return sorted(reference for reference in found if reference)

    def forgotten(self) -> list[SnapshotReference]:
        """Return references to all snapshots that can be put back, oldest first."""
        present = set(self.snapshots())
        found = (snapshot_reference(info.key) for info in self._transport.list(FORGOTTEN))
        return sorted(reference for reference in found if reference and reference not in present)

    def latest(self, origin: str) -> SnapshotReference | None:
        """Return an origin's latest snapshot, if it has any."""
        references = self.snapshots(origin)
        return references[-1] if references else None

    def load(self, reference: SnapshotReference) -> Snapshot:
        """Read a snapshot's manifest.

        Raises:
            DamagedError: it is cut short, changed or gone.
        """
        return decode_snapshot(self.manifest(reference, reference.key), reference.key)

    def manifest(self, reference: SnapshotReference, key: str) -> bytes:
        """Read the bytes of a manifest that stands under `key`: the snapshot's, or its forgotten one.

        Raises:
            DamagedError: it is cut short, changed or gone.
        """
        try:
            data = self._transport.get(key)
        except ObjectNotFoundError:
            raise DamagedError(f"{key} is gone") from None
        if object_name(data) != reference.id:
            raise DamagedError(
                f"{key} was cut short or changed: its bytes do not match its name",
                hint="other snapshots are not affected; 'chatcask log' lists them",
            )
        return data

    def resolve(self, address: SnapshotAddress, origin: str) -> SnapshotReference:
        """Find the snapshot that a person named.

        `latest` and dates look at this origin's snapshots, and at everybody's when it has none.

        Raises:
            NotFoundError: none answers to that name.
            AmbiguousError: several do; the message lists them.
        """
        everything = self.snapshots()
        if not everything:
            raise NotFoundError("the store has no snapshots yet", hint="take one: chatcask snapshot")
        own = [reference for reference in everything if reference.origin == origin] or everything
        found = self._find(address, everything, own)
        siblings = [reference for reference in everything if reference.origin == found.origin]
        position = siblings.index(found) - address.back
        if position < 0:
            raise NotFoundError(
                f"{address.text}: there are only {len(siblings)} snapshots",
                hint="'chatcask log' lists them",
            )
        return siblings[position]

    def tree(self, content: Content) -> tuple[Entry, ...]:
        """Read a tree.

        Raises:
            DamagedError: it cannot be read.
        """
        if content == EMPTY:
            return ()
        name = content.id.hex()[:16] if content.id else ""
        return decode_tree(self._reader.read_all(content), f"tree {name}")

    def entry(self, root: Content, path: str) -> Entry:
        """Return the entry at a path inside a root tree; the empty path is the root itself.

        Raises:
            NotFoundError: there is nothing at that path; the message says how far it led.
        """
        entry = Entry("", EntryKind.FOLDER, 0, 0, root)
        walked: list[str] = []
        for part in (part for part in path.split("/") if part):
            children = self.tree(entry.content) if entry.kind is EntryKind.FOLDER else ()
            match = next((child for child in children if child.name == part), None)
            if match is None:
                place = "/".join(walked) or "the snapshot"
                raise NotFoundError(f"nothing named {part!r} in {place}", hint="look with 'chatcask ls'")
            entry = match
            walked.append(part)
        return entry

    def walk(self, content: Content, prefix: str = "") -> Iterator[tuple[str, Entry]]:
        """Yield (path, entry) of everything below a tree, folders before what they hold."""
        for entry in self.tree(content):
            path = f"{prefix}{entry.name}"
            yield path, entry
            if entry.kind is EntryKind.FOLDER:
                yield from self.walk(entry.content, f"{path}/")

    def commit(self, origin: str, snapshot: Snapshot) -> SnapshotReference:
        """Write the manifest of a run whose content is durable; this is what makes the run visible.

        Raises:
            StaleError: the run is so old that what it relies on may be pruned; nothing was written.
        """
        taken_at = snapshot.taken_at
        latest = self.latest(origin)
        if latest and taken_at <= latest.taken_at:
            taken_at = latest.taken_at + _TICK
        data = encode_snapshot(snapshot)
        reference = SnapshotReference(taken_at, origin, object_name(data))
        self._age.require_young("the run")
        self._transport.put(reference.key, data)
        return reference

    def put_back(self, reference: SnapshotReference, manifest: bytes) -> None:
        """Write a forgotten snapshot's manifest again, unchanged, once its content is durable.

        Raises:
            StaleError: so much time has passed since `condemned` was asked that its content may be pruned.
        """
        self._age.require_young("putting the snapshot back")
        self._transport.put(reference.key, manifest)

    def _find(
        self,
        address: SnapshotAddress,
        everything: Sequence[SnapshotReference],
        own: Sequence[SnapshotReference],
    ) -> SnapshotReference:
        if address.latest:
            return own[-1]
        if address.moment is not None:
            moment = address.moment
            before = [reference for reference in own if reference.taken_at <= moment]
            if not before:
                raise NotFoundError(
                    f"no snapshot is as old as {address.text}",
                    hint=f"the first is of {own[0].taken_at:%Y-%m-%d %H:%M} UTC",
                )
            return before[-1]
        prefix = address.id_prefix
        if prefix is None:
            return self._find_tag(address.name, everything)
        matches = [reference for reference in everything if reference.id.startswith(prefix)]
        if len(matches) > 1:
            candidates = ", ".join(match.id[:12] for match in matches[:5])
            raise AmbiguousError(f"{prefix} is the beginning of {len(matches)} ids: {candidates}")
        if not matches:
            raise NotFoundError(f"no snapshot {prefix}", hint="'chatcask log' lists them")
        return matches[0]

    def _find_tag(self, tag: str, everything: Sequence[SnapshotReference]) -> SnapshotReference:
        labels = self.labels()
        for reference in reversed(everything):
            if tag in labels.tags(reference.id, self.load(reference).tags):
                return reference
        raise NotFoundError(f"no snapshot has the tag {tag!r}", hint="'chatcask log' shows tags")
