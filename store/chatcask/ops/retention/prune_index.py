"""Write the indexes anew without packs that are about to be deleted."""

from __future__ import annotations

from collections.abc import Callable

from chatcask.format.index import PackIndex, encode_index
from chatcask.ids import CHUNK_ID_SIZE, ObjectName, object_name
from chatcask.monitor import Problem
from chatcask.ops.retention.pack_contents import read_indexes
from chatcask.repository.keys import index_key
from chatcask.transport.base import Transport

_CHUNKS_PER_INDEX = 200_000


def rewrite_indexes(
    transport: Transport, gone: frozenset[ObjectName], before_write: Callable[[], None]
) -> int:
    """Replace every index object that names a pack of `gone`; return how many bytes were written.

    All that the old objects say of other packs stands in new ones before the first old one is deleted.
    `before_write` is called before each write and may refuse it by raising.
    """
    problems: list[Problem] = []  # a damaged index says nothing that could be kept
    replaced: list[str] = []
    waiting: list[PackIndex] = []
    written = 0

    def put() -> int:
        data = encode_index(waiting)
        before_write()
        transport.put(index_key(object_name(data)), data)
        return len(data)

    for info, packs in read_indexes(transport, problems):
        if not any(entry.pack in gone for entry in packs):
            continue
        replaced.append(info.key)
        waiting += [entry for entry in packs if entry.pack not in gone]
        if _chunk_count(waiting) >= _CHUNKS_PER_INDEX:
            written += put()
            waiting = []
    if waiting:
        written += put()
    for key in replaced:
        before_write()
        transport.delete(key)
    return written


def _chunk_count(packs: list[PackIndex]) -> int:
    return sum(len(block.chunk_ids) for entry in packs for block in entry.blocks) // CHUNK_ID_SIZE
