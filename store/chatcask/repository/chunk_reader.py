"""Chunks out of packs: found by the location cache, fetched by block, proved by their ids."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from typing import Protocol

from chatcask.advice import Advice, AdviceCode
from chatcask.errors import DamagedError, ObjectNotFoundError
from chatcask.format.pack import Block, BlockDecoder, DecodeBuffer
from chatcask.format.tree import MAXIMUM_DEPTH, Content
from chatcask.ids import CHUNK_ID_SIZE, ChunkId, ObjectName, chunk_id
from chatcask.repository.keys import pack_key
from chatcask.repository.locations import Location
from chatcask.transport.base import Transport

_MEMORY = 64 * 1024 * 1024
"""How much memory blocks may take that are kept for the chunks next to those asked for."""

_NEIGHBOURS = 60_000
_MOST_IN_MEMORY = 1 << 30
_FREE_CHUNKS = 100_000
_SMALLEST_MEAN = 32
"""Bytes a chunk that content of many chunks has on average at least: no writer cuts finer than 64 bytes."""


class ChunkTable(Protocol):
    """Knows where chunks lie: the location cache, or a survey's own table."""

    def find(self, chunk: ChunkId) -> list[Location]:
        """Return every known place of a chunk, the best first."""

    def synchronise(self) -> bool:
        """Learn what the store holds by now; tell whether there was anything new."""

    def rebuild(self) -> bool:
        """Learn everything anew, if what is known may be wrong; tell whether that was done."""


class ChunkReader:
    """Reads chunks and proves each by its id. One thread at a time."""

    def __init__(self, transport: Transport, locations: ChunkTable) -> None:
        self._transport = transport
        self._locations = locations
        self._decoders: OrderedDict[tuple[ObjectName, int], BlockDecoder] = OrderedDict()
        self._held = 0
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

    def read(self, content: Content, size: int | None = None) -> Iterator[bytes]:
        """Yield the bytes of content, chunk by chunk; no more than `size`, if the row states one.

        Raises:
            DamagedError: a chunk cannot be read, or there are more bytes.
        """
        read = 0
        for number, identifier in enumerate(self.chunks(content)):
            data = self.get(identifier)
            read += len(data)
            if size is not None and read > size:
                raise DamagedError(f"it holds more than the {size} bytes that it should")
            if number > _FREE_CHUNKS and read < number * _SMALLEST_MEAN:
                raise DamagedError("it is in more pieces than any writer cuts")
            yield data

    def read_all(self, content: Content, size: int = _MOST_IN_MEMORY) -> bytes:
        """Return the bytes of content that is held in memory, such as a tree or a chat; at most `size`.

        Raises:
            DamagedError: a chunk cannot be read, or there are more bytes, or more than any such content has.
        """
        return b"".join(self.read(content, min(size, _MOST_IN_MEMORY)))

    def chunks(self, content: Content) -> Iterator[ChunkId]:
        """Yield the ids of the chunks that hold the content's bytes, in order.

        Raises:
            DamagedError: a list cannot be read or is none.
        """
        if content.depth == 0 and content.id is not None:
            yield content.id
        for identifier in self.listed(content):
            yield from self.chunks(Content(content.depth - 1, identifier))

    def locate(self, identifier: ChunkId) -> Location:
        """Return where a chunk should lie first; whether it is sound there is not looked at.

        Raises:
            DamagedError: no index names it.
        """
        if identifier not in self._neighbours:
            found = self._locations.find(identifier)
            if not found:
                self.get(identifier)  # finds out whether the store lacks it or only what is derived from it
                found = self._locations.find(identifier)
            if not found:
                raise _unreadable(identifier, "no index names it")
            self._remember(found[0])
            self._neighbours.setdefault(identifier, found[0])
        return self._neighbours[identifier]

    def every_chunk(self, content: Content) -> Iterator[ChunkId]:
        """Yield the ids of all chunks of the content, its lists as well as what they list; a list once.

        Raises:
            DamagedError: a list cannot be read or is none.
        """
        met, waiting = {content}, [content]
        while waiting:
            found = waiting.pop()
            if found.id is None:
                continue
            yield found.id
            for identifier in self.listed(found):
                below = Content(found.depth - 1, identifier)
                if below.depth == 0:
                    yield identifier
                elif below not in met:
                    met.add(below)
                    waiting.append(below)

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
        try:
            return bytes(self._decoder(location).read(location.offset, location.length))
        except DamagedError:
            # Somebody may be putting a sound pack in its place.
            if self._decoders.pop((location.pack, location.block.offset), None):
                self._held -= location.block.memory
            raise

    def _decoder(self, location: Location) -> BlockDecoder:
        block = location.block
        key = (location.pack, block.offset)
        if key in self._decoders:
            self._decoders.move_to_end(key)
            return self._decoders[key]
        stored = self._transport.get(pack_key(location.pack), block.offset, block.stored_length)
        decoder = self._decoders[key] = BlockDecoder(block, stored, self._room_for(block))
        self._held += block.memory
        return decoder

    def _room_for(self, block: Block) -> DecodeBuffer:
        """Let go of the blocks that were unused longest, and use their memory again."""
        buffer = DecodeBuffer()
        while self._decoders and self._held + block.memory > _MEMORY:
            _, dropped = self._decoders.popitem(last=False)
            self._held -= dropped.block.memory
            buffer = dropped.buffer
        return buffer


def _unreadable(identifier: ChunkId, reason: str) -> DamagedError:
    return DamagedError(
        f"chunk {identifier.hex()[:16]} cannot be read ({reason})",
        advice=Advice(AdviceCode.CHECK_AND_REPAIR),
    )
