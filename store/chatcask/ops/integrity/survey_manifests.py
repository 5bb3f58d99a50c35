"""Snapshots whose manifests are damaged, and what can still be had of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from chatcask.errors import ObjectNotFoundError
from chatcask.ids import ObjectName, object_name
from chatcask.ops.integrity.donors import object_from_donors
from chatcask.ops.integrity.manifest_rescue import rescue_manifest
from chatcask.repository.chunk_reader import ChunkReader
from chatcask.repository.keys import SnapshotReference
from chatcask.repository.repository import Repository
from chatcask.repository.snapshots import StoredSnapshot
from chatcask.repository.trees import read_tree
from chatcask.transport.base import Transport


@dataclass(frozen=True, slots=True)
class DamagedManifest:
    """A snapshot whose manifest cannot be read.

    Attributes:
        key: Where it stands.
        reference: What the key says.
        message: What is wrong.
        whole: The manifest as it was, found elsewhere; None if nobody has it.
        rescue: A manifest made from what can be read of it, and its place; None if that is not enough.
        is_rescued: Whether that manifest is in the store.
    """

    key: str
    reference: SnapshotReference
    message: str
    whole: bytes | None = None
    rescue: StoredSnapshot | None = None
    is_rescued: bool = False


def damaged_manifests(
    transport: Transport,
    reader: ChunkReader,
    damaged: Sequence[tuple[SnapshotReference, str, str]],
    *,
    known: Collection[ObjectName],
    donors: Sequence[Repository],
) -> list[DamagedManifest]:
    """See what can be had of damaged manifests: whole in another place, or their trees.

    Args:
        transport: The store.
        reader: Reads trees.
        damaged: What the keys say, the keys, and what is wrong.
        known: Ids of all snapshots that the store lists.
        donors: Other stores.
    """
    bytes_at = {key: _bytes_at(transport, key) for _, key, _ in damaged}
    misplaced = {object_name(data): data for data in bytes_at.values()}
    found = []
    for reference, key, message in damaged:
        whole = misplaced.get(reference.id) or object_from_donors(donors, key)
        data, rescue = bytes_at[key], None
        # Bytes under a wrong key are another run's, and must not pass for this one's.
        if whole is None and object_name(data) not in known:
            rescue = rescue_manifest(data, reference, lambda root: read_tree(reader, root))
        is_rescued = rescue is not None and rescue.reference.id in known
        found.append(DamagedManifest(key, reference, message, whole, rescue, is_rescued))
    return found


def _bytes_at(transport: Transport, key: str) -> bytes:
    try:
        return transport.get(key)
    except ObjectNotFoundError:
        return b""
