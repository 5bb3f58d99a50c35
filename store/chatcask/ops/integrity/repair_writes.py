"""What a repair puts beside packs: indexes, manifests and labels that came back, notes of what is lost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from chatcask.format.index import PackIndex, decode_index
from chatcask.format.lost import encode_lost
from chatcask.format.snapshot import encode_snapshot
from chatcask.ids import ObjectName, object_name
from chatcask.ops.integrity.donors import object_from_donors
from chatcask.ops.integrity.survey import Survey
from chatcask.repository.index_objects import put_indexes
from chatcask.repository.keys import LABELS, index_key, lost_key
from chatcask.repository.repository import Repository
from chatcask.transport.base import Transport

_NAMES_PER_NOTE = 200_000


def index_packs(transport: Transport, seen: Survey, packs: Iterable[ObjectName]) -> None:
    """Put indexes of these packs."""
    put_indexes(transport, _pack_indexes(seen, packs))


def _pack_indexes(seen: Survey, packs: Iterable[ObjectName]) -> Iterator[PackIndex]:
    for name in packs:
        blocks = tuple(known.block for known in seen.table.blocks(name))
        if blocks:
            yield PackIndex(name, seen.packs[name].size, blocks)


def replace_index(transport: Transport, name: ObjectName, damaged: set[ObjectName]) -> None:
    """Put an index without the damaged packs, then delete the one that names them."""
    key = index_key(name)
    entries = decode_index(transport.get(key), key)
    put_indexes(transport, (entry for entry in entries if entry.pack not in damaged))
    transport.delete(key)


def put_back(
    transport: Transport,
    seen: Survey,
    donors: Sequence[Repository],
    keys: Iterable[str],
    rescued: Iterable[str],
) -> None:
    """Put the manifests and labels of these keys from where they are whole, and manifests made anew."""
    whole, anew = frozenset(keys), frozenset(rescued)
    for manifest in seen.damaged_manifests:
        if manifest.whole is not None and manifest.key in whole:
            transport.put(manifest.key, manifest.whole)
        if manifest.rescue and manifest.rescue.reference.key in anew:
            transport.put(manifest.rescue.reference.key, encode_snapshot(manifest.rescue.snapshot))
    for key in sorted(key for key in whole if key.startswith(LABELS)):
        data = object_from_donors(donors, key)
        if data is not None:
            transport.put(key, data)


def note_lost(transport: Transport, lost: set[bytes]) -> int:
    """Note names as lost; return how many."""
    names = sorted(lost)
    for start in range(0, len(names), _NAMES_PER_NOTE):
        data = encode_lost(names[start : start + _NAMES_PER_NOTE])
        transport.put(lost_key(object_name(data)), data)
    return len(names)
