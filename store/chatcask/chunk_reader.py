"""Chunks out of packs: found by the location cache, fetched by block, proved by their ids."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from typing import Protocol

from chatcask.cache import Location
from chatcask.errors import DamagedError, ObjectNotFoundError
from chatcask.format.pack import decode_block
from chatcask.format.tree import MAXIMUM_DEPTH, Content
from chatcask.ids import CHUNK_ID_SIZE, ChunkId, ObjectName, chunk_id
from chatcask.layout import pack_key
from chatcask.transport.base import Transport

_DECODED_BYTES = 64 * 1024 * 1024
"""How many bytes of decoded blocks are kept for the chunks that lie next to those asked for."""

_NEIGHBOURS = 60_000


class Locations(Protocol):
    """Knows where chunks lie: the location cache, or a survey's own table."""

    def find(self, chunk: ChunkId) -> list[Location]:
        """Return every known place of a chunk, the best first."""

    def synchronise(self) -> bool:
        """Learn what the store holds by now; tell whether there was anything new."""

    def rebuild(self) -> bool:
        """Learn everything anew, if what is known may be wrong; tell whether that was done."""


class ChunkReader:
    """Reads chunks and proves each by its id. One thread at a time."""

    def __init__(self, transport: Transport, locations: Locations) -> None:
        self._transport = transport
        self._locations = locations
        self._decoded: OrderedDict[tuple[ObjectName, int], bytes] = OrderedDict()
        self._decoded_bytes = 0
        self._neighbours: dict[ChunkId, Location] = {}
        self._rebuilt = False
        self.distrusted: set[ObjectName] = set()
        """Packs that did not give a chunk they should have; a writer must not count on them."""

    def get(self, identifier: ChunkId) -> bytes:
        """Return the bytes of a chunk.

        Raises:
            DamagedError: no pack holds it, or every copy is damaged; the message names the packs.
        """
        neighbour = self._neighbours.get(identifier)
        if neighbour is not None and (data := self._proved(neighbour, identifier)) is not None:
            return data
        data, failures = self._first_sound(identifier)
        if data is None and self._locations.synchronise():
            # Prune may have moved the chunk since the indexes were read.
            data, failures = self._first_sound(identifier)
        if data is None and not self._rebuilt:
            # What is derived may be wrong: it is not the store's damage until a fresh look says so.
            self._rebuilt = True
            if self._locations.rebuild():
                data, failures = self._first_sound(identifier)
        if data is not None:
            return data
        raise _unreadable(identifier, "; ".join(failures) or "no index names it")

    def _first_sound(self, identifier: ChunkId) -> tuple[bytes | None, list[str]]:
        """Return the chunk's bytes from the first pack that has them sound, and what was wrong before."""
        failures = []
        for location in self._locations.find(identifier):
            self._remember(location)
            try:
                data = self._read(location)
            except (DamagedError, ObjectNotFoundError) as error:
                self.distrusted.add(location.pack)
                failures.append(f"{pack_key(location.pack)}: {error.message}")
                continue
            if chunk_id(data) == identifier:
                return data, failures
            self.distrusted.add(location.pack)
            failures.append(f"{pack_key(location.pack)}: the chunk's bytes were changed")
        return None, failures

    def read(self, content: Content) -> Iterator[bytes]:
        """Yield the bytes of content, chunk by chunk.

        Raises:
            DamagedError: a chunk cannot be read.
        """
        for identifier in self.chunks(content):
            yield self.get(identifier)

    def read_all(self, content: Content) -> bytes:
        """Return the bytes of content that is known to be small, such as a tree."""
        return b"".join(self.read(content))

    def chunks(self, content: Content) -> Iterator[ChunkId]:
        """Yield the ids of the chunks that hold the content's bytes, in order.

        Raises:
            DamagedError: a list cannot be read or is none.
        """
        if content.depth == 0 and content.id is not None:
            yield content.id
        for identifier in self.listed(content):
            yield from self.chunks(Content(content.depth - 1, identifier))

    def appended(self, before: Content, size_before: int, after: Content) -> bytes | None:
        """Return what was appended to content whose last byte ends a line; None if that is not what happened.

        Reads no chunk of the old content: its last one is proved by its id.

        Args:
            before: The old content.
            size_before: Its length in bytes.
            after: The new content.

        Raises:
            DamagedError: a chunk of the new content cannot be read.
        """
        old, new = list(self.chunks(before)), list(self.chunks(after))
        if not old or new[: len(old) - 1] != old[:-1]:
            return None  # the cuts differ before the last one: rewritten
        tail = b"".join(map(self.get, new[len(old) - 1 :]))
        last = size_before - sum(self.locate(chunk).length for chunk in old[:-1])
        grown = 0 < last < len(tail) and chunk_id(tail[:last]) == old[-1] and tail[last - 1 : last] == b"\n"
        return tail[last:] if grown else None

    def locate(self, identifier: ChunkId) -> Location:
        """Return where a chunk should lie first; whether it is sound there is not looked at.

        Raises:
            DamagedError: no index names it.
        """
        if identifier not in self._neighbours:
            for location in self._locations.find(identifier)[:1]:
                self._remember(location)
        if identifier not in self._neighbours:
            raise _unreadable(identifier, "no index names it")
        return self._neighbours[identifier]

    def every_chunk(self, content: Content) -> Iterator[ChunkId]:
        """Yield the ids of all chunks of the content: its lists as well as what they list.

        Raises:
            DamagedError: a list cannot be read or is none.
        """
        if content.id is None:
            return
        yield content.id
        for identifier in self.listed(content):
            yield from self.every_chunk(Content(content.depth - 1, identifier))

    def listed(self, content: Content) -> Iterator[ChunkId]:
        """Yield the ids that a chunk list holds, one level down; nothing for a chunk of bytes.

        Raises:
            DamagedError: the list cannot be read or is none.
        """
        if content.id is None or content.depth == 0:
            return
        if not 0 < content.depth <= MAXIMUM_DEPTH:
            raise DamagedError(f"chunk {content.id.hex()[:16]} claims an impossible depth")
        joined = self.get(content.id)
        if not joined or len(joined) % CHUNK_ID_SIZE:
            raise DamagedError(f"chunk {content.id.hex()[:16]} is not a list of chunks")
        for start in range(0, len(joined), CHUNK_ID_SIZE):
            yield ChunkId(joined[start : start + CHUNK_ID_SIZE])

    def _proved(self, location: Location, identifier: ChunkId) -> bytes | None:
        try:
            data = self._read(location)
        except (DamagedError, ObjectNotFoundError):
            return None
        return data if chunk_id(data) == identifier else None

    def _remember(self, location: Location) -> None:
        """Note where the other chunks of a block lie; they are likely to be asked for next."""
        if len(self._neighbours) > _NEIGHBOURS:
            self._neighbours.clear()
        for chunk, offset, length in location.block.chunks():
            self._neighbours[chunk] = Location(location.pack, location.block, offset, length)

    def _read(self, location: Location) -> bytes:
        end = location.offset + location.length
        return self._block(location)[location.offset : end]

    def _block(self, location: Location) -> bytes:
        key = (location.pack, location.block.offset)
        if key in self._decoded:
            self._decoded.move_to_end(key)
            return self._decoded[key]
        block = location.block
        stored = self._transport.get(pack_key(location.pack), block.offset, block.stored_length)
        raw = decode_block(block, stored)
        self._decoded[key] = raw
        self._decoded_bytes += len(raw)
        while self._decoded_bytes > _DECODED_BYTES and len(self._decoded) > 1:
            _, dropped = self._decoded.popitem(last=False)
            self._decoded_bytes -= len(dropped)
        return raw


def _unreadable(identifier: ChunkId, reason: str) -> DamagedError:
    return DamagedError(
        f"chunk {identifier.hex()[:16]} cannot be read ({reason})",
        hint="the rest of the store can be read; 'chatcask check' says what is affected, 'repair' mends",
    )
