"""Index objects as a store holds them: all of them read, and new ones of a bounded size."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from chatcask.errors import DamagedError, ObjectNotFoundError
from chatcask.format.index import PackIndex, decode_index, encode_index
from chatcask.ids import CHUNK_ID_SIZE, object_name
from chatcask.monitor import Problem
from chatcask.repository.keys import INDEXES, index_key, name_in
from chatcask.repository.objects import read_object
from chatcask.transport.base import ObjectInfo, Transport

_CHUNKS_PER_INDEX = 200_000


def read_indexes(
    transport: Transport, report: Callable[[Problem], None]
) -> Iterator[tuple[ObjectInfo, tuple[PackIndex, ...]]]:
    """Yield each index object with what it says; a damaged one is reported and passed over."""
    for info in list(transport.list(INDEXES)):
        if name_in(info.key) is None:
            continue
        try:
            yield info, decode_index(read_object(transport, info.key), info.key)
        except ObjectNotFoundError:
            continue  # a prune has replaced it since it was listed
        except DamagedError as error:
            report(Problem(info.key, "damaged_index", error.message))


def put_indexes(
    transport: Transport, entries: Iterable[PackIndex], before_write: Callable[[], None] = lambda: None
) -> int:
    """Put indexes of some packs; return how many bytes were written.

    Args:
        transport: The store.
        entries: What to say of each pack.
        before_write: Called before each write; may refuse it by raising.
    """
    written = chunks = 0
    waiting: list[PackIndex] = []
    for entry in entries:
        waiting.append(entry)
        chunks += sum(len(block.chunk_ids) for block in entry.blocks) // CHUNK_ID_SIZE
        if chunks >= _CHUNKS_PER_INDEX:
            written += _put(transport, waiting, before_write)
            waiting, chunks = [], 0
    return written + (_put(transport, waiting, before_write) if waiting else 0)


def _put(transport: Transport, entries: list[PackIndex], before_write: Callable[[], None]) -> int:
    data = encode_index(entries)
    before_write()
    transport.put(index_key(object_name(data)), data)
    return len(data)
