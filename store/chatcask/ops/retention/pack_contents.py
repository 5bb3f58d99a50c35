"""Which packs and chunks a store has, as its indexes and the footers of its packs say."""

from __future__ import annotations

from collections.abc import Iterator

from chatcask.errors import DamagedError, ObjectNotFoundError
from chatcask.format.index import PackIndex, decode_index
from chatcask.format.pack import MAXIMUM_CHUNKS, TRAILER_SIZE, Block, footer_length, read_footer
from chatcask.monitor import Problem
from chatcask.repository.keys import INDEXES, name_in
from chatcask.repository.objects import read_object
from chatcask.transport.base import ObjectInfo, Transport


def read_indexes(
    transport: Transport, problems: list[Problem]
) -> Iterator[tuple[ObjectInfo, tuple[PackIndex, ...]]]:
    """Yield each index object with what it says; a damaged one is added to the problems."""
    for info in list(transport.list(INDEXES)):
        if name_in(info.key) is None:
            continue
        try:
            yield info, decode_index(read_object(transport, info.key), info.key)
        except ObjectNotFoundError:
            continue  # another prune has replaced it since it was listed
        except DamagedError as error:
            problems.append(Problem(info.key, "damaged_index", error.message))


def read_blocks(transport: Transport, info: ObjectInfo) -> tuple[Block, ...]:
    """Return the blocks of a pack as its footer says.

    Raises:
        DamagedError: the footer cannot be read.
        ObjectNotFoundError: there is no such pack.
    """
    start = max(0, info.size - TRAILER_SIZE)
    trailer = transport.get(info.key, start, TRAILER_SIZE)
    length = footer_length(trailer, info.key)
    if length > start:
        raise DamagedError(f"{info.key} claims a footer longer than itself")
    return read_footer(trailer, transport.get(info.key, start - length), info.key)


def chunk_places(pack: int, entry: PackIndex) -> Iterator[tuple[int, int, bytes, int, float]]:
    """Yield the chunks of a pack: the pack's number, position, id, kind and stored bytes."""
    for block in entry.blocks:
        share = block.stored_length / max(1, block.raw_length)
        for number, (identifier, _, length) in enumerate(block.chunks()):
            yield pack, block.offset * MAXIMUM_CHUNKS + number, identifier, int(block.kind), length * share
