"""Damage to an index, to the footer of a pack or to one chunk, and what a repair may change without any."""

from __future__ import annotations

from chatcask.format.index import decode_index
from chatcask.format.pack import TRAILER_SIZE, footer_length
from chatcask.ids import ObjectName, object_name
from chatcask.repository.keys import INDEXES, PACKS, SnapshotReference, pack_key
from chatcask.repository.repository import Repository
from chatcask.transport import Transport

Objects = dict[str, bytes]


def objects(transport: Transport) -> Objects:
    return {info.key: transport.get(info.key) for info in transport.list("")}


def damage(transport: Transport, prefix: str, which: int, place: int, *, cut: bool) -> bool:
    """Cut one sound index or pack short, or change one byte; of a pack, only the footer. Tell whether it was.

    `which` and `place` are numbers of any size that choose the object and the byte.
    """
    held = objects(transport)
    # In the order of writing: names are random, and a failure has to come again.
    listed = [info.key for info in sorted(transport.list(prefix), key=lambda info: info.modified_ns)]
    sound = [key for key in listed if object_name(held[key]) == key[-64:]]
    if not sound:
        return False
    key = sound[which % len(sound)]
    data = held[key]
    start = _footer_start(data) if prefix == PACKS else 0
    position = start + place % (len(data) - start)
    tail = b"" if cut else bytes([data[position] ^ 1 + place % 255]) + data[position + 1 :]
    transport.put(key, data[:position] + tail)
    return True


def damage_entry(transport: Transport, snapshot: SnapshotReference, path: str) -> bytes:
    """Change the stored block of the first chunk of what a snapshot has at a path; return the pack as it was.

    For a long file that chunk is its list. In a store with blocks of one chunk nothing else is harmed.
    """
    with Repository.open(transport) as repository:
        root = repository.load(snapshot).root
        content = repository.entry(root, path).content if path else root
        assert content.id is not None
        place = repository.reader.locate(content.id)
    key = pack_key(place.pack)
    pack = transport.get(key)
    start = place.block.offset
    end = start + place.block.stored_length
    harmed = bytes(byte ^ 0x55 for byte in pack[start:end])
    transport.put(key, pack[:start] + harmed + pack[end:])
    return pack


def assert_only_orphans_were_indexed(before: Objects, after: Objects) -> None:
    """Check that all that changed is that packs are indexed which were not."""
    new = {key: data for key, data in after.items() if key not in before}
    assert after == before | new
    assert all(key.startswith(INDEXES) for key in new)
    assert _indexed_packs(new).isdisjoint(_indexed_packs(before))


def _indexed_packs(held: Objects) -> set[ObjectName]:
    indexes = ((key, data) for key, data in held.items() if key.startswith(INDEXES))
    return {entry.pack for key, data in indexes for entry in decode_index(data, key)}


def _footer_start(pack: bytes) -> int:
    return len(pack) - TRAILER_SIZE - footer_length(pack[-TRAILER_SIZE:], "the pack")
