"""Look at packs: do they begin, end and list their blocks as they should, and do their chunks come out?

The ends of every pack are read. The data is read where the caller asks for it, and always of a pack that
shows damage or that no index names, because what such a pack can still give decides what has to be done.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from blake3 import blake3

from chatcask.errors import DamagedError, ObjectNotFoundError, UnsupportedFormatError
from chatcask.format.binary import pack_value
from chatcask.format.index import PackIndex
from chatcask.format.pack import (
    HEADER_SIZE,
    TRAILER_SIZE,
    Block,
    BlockDecoder,
    DecodeBuffer,
    check_header,
    footer_length,
    footer_rows,
    read_footer,
)
from chatcask.format.pack_scan import scan_blocks
from chatcask.ids import ChunkId, ObjectName, chunk_id, object_name
from chatcask.ops.integrity.findings import Sample
from chatcask.ops.integrity.survey_table import KnownBlock, SurveyTable
from chatcask.repository.keys import pack_key
from chatcask.transport.base import Transport


@dataclass(frozen=True, slots=True)
class PackReport:
    """What is known of one pack.

    Attributes:
        name: The pack's name.
        present: Whether the store lists it.
        indexed: Whether an index names it.
        condemned: Whether prune is about to delete it.
        faults: What is wrong with its bytes, in words.
        bytes_read: How much of its data was read.
        size: Its length in bytes, 0 if it is not present.
    """

    name: ObjectName
    present: bool
    indexed: bool
    condemned: bool
    faults: tuple[str, ...] = ()
    bytes_read: int = 0
    size: int = 0


@dataclass(slots=True)
class Described:
    """What indexes say of one pack: its sizes, and the digests of its block lists."""

    sizes: set[int]
    digests: set[bytes]


def digest_of(blocks: Sequence[Block]) -> bytes:
    """Return a digest by which two lists of blocks can be compared."""
    return blake3(pack_value(footer_rows(blocks))).digest()


class PackSurvey:
    """Collects what indexes and packs say about packs into the table."""

    def __init__(
        self,
        transport: Transport,
        table: SurveyTable,
        condemned: frozenset[ObjectName],
        sample: Sample | None,
        advance: Callable[[int], None],
    ) -> None:
        self._transport = transport
        self._table = table
        self._condemned = condemned
        self._sample = sample
        self._advance = advance
        self._described: dict[ObjectName, Described] = {}
        self._buffer = DecodeBuffer()
        self.reports: dict[ObjectName, PackReport] = {}

    def take_index(self, packs: Sequence[PackIndex]) -> None:
        """Take in what one index object says."""
        for entry in packs:
            known = self._described.setdefault(entry.pack, Described(set(), set()))
            digest = digest_of(entry.blocks)
            known.sizes.add(entry.size)
            if digest not in known.digests:
                known.digests.add(digest)
                self._table.add_pack(entry.pack, condemned=entry.pack in self._condemned)
                self._table.add_blocks(entry.pack, entry.blocks, indexed=True)

    def look_at_all(self, listed: Mapping[ObjectName, int]) -> None:
        """Look at every pack that the store lists with its size, and note those that only indexes know.

        Raises:
            UnsupportedFormatError: a pack is sound and of a newer version.
        """
        for name, size in sorted(listed.items()):
            self._table.add_pack(name, condemned=name in self._condemned)
            self._table.mark_present(name)
            try:
                self.reports[name] = self._look_at(name, size)
            except ObjectNotFoundError:  # deleted since it was listed
                self._table.mark_absent(name)
        for name in self._described.keys() - self.reports.keys():
            condemned = name in self._condemned
            self.reports[name] = PackReport(name, present=False, indexed=True, condemned=condemned)

    def suspect(self, name: ObjectName) -> None:
        """Read a whole pack that did not give what it should have given."""
        report = self.reports[name]
        if report.faults or not report.present:
            return
        faults: list[str] = []
        try:
            read = self._read_whole(name, faults)
        except ObjectNotFoundError:
            self._table.mark_absent(name)
            self.reports[name] = replace(report, present=False)
            return
        if faults:
            self._table.mark_unsound(name)
        self.reports[name] = replace(report, faults=tuple(faults), bytes_read=report.bytes_read + read)

    def _look_at(self, name: ObjectName, size: int) -> PackReport:
        described = self._described.get(name)
        faults, footer = self._ends(name, size)
        if described and described.sizes != {size}:
            faults.append(f"it has {size} bytes, and an index says {max(described.sizes)}")
        agrees = described is not None and footer is not None and described.digests == {digest_of(footer)}
        if footer is not None and not agrees:
            self._table.add_blocks(name, footer, indexed=False)
        read = 0
        sample = self._sample
        if faults or not agrees or (sample is not None and sample.share >= 1):
            read = self._read_whole(name, faults)
        elif sample is not None:
            read = self._read_sample(name, sample, faults)
        if faults:
            self._table.mark_unsound(name)
        return PackReport(
            name,
            present=True,
            indexed=described is not None,
            condemned=name in self._condemned,
            faults=tuple(faults),
            bytes_read=read,
            size=size,
        )

    def _ends(self, name: ObjectName, size: int) -> tuple[list[str], tuple[Block, ...] | None]:
        """Return what is wrong with header, trailer and footer, and the blocks if the footer gives them."""
        key = pack_key(name)
        faults: list[str] = []
        try:
            check_header(self._transport.get(key, 0, HEADER_SIZE), "its header")
        except UnsupportedFormatError as error:
            if object_name(self._transport.get(key)) == name:
                raise
            faults.append(error.message)
        except DamagedError as error:
            faults.append(error.message)
        try:
            trailer = self._transport.get(key, max(0, size - TRAILER_SIZE), TRAILER_SIZE)
            length = footer_length(trailer, "it") + TRAILER_SIZE
            tail = self._transport.get(key, max(0, size - length), length)
            return faults, read_footer(trailer, tail, "it")
        except DamagedError as error:
            faults.append(error.message)
            return faults, None

    def _read_whole(self, name: ObjectName, faults: list[str]) -> int:
        """Read a whole pack and prove its name and every chunk; return how many bytes were read."""
        data = self._transport.get(pack_key(name))
        if object_name(data) != name:
            faults.append("its bytes do not match its name")
        bad, listed = 0, dict[int, set[ChunkId]]()
        for known in self._table.blocks(name):
            block = known.block
            bad += self._prove(known, data[block.offset : block.offset + block.stored_length])[0]
            listed.setdefault(block.offset, set()).update(chunk for chunk, _, _ in block.chunks())
        if faults or bad:
            # What moved, or what only a damaged footer told of, is found by its own header.
            found = (b for b in scan_blocks(data) if self._is_news(b, listed.get(b.offset)))
            self._table.add_blocks(name, found, indexed=False)
        if bad:
            faults.append(f"{bad} of its chunks cannot be read")
        self._advance(len(data))
        return len(data)

    def _read_sample(self, name: ObjectName, sample: Sample, faults: list[str]) -> int:
        """Prove the blocks that the sample covers, or the whole pack if one is damaged; return bytes read."""
        read = 0
        for known in self._table.blocks(name):
            if not sample.covers(_position(name, known.block.offset)):
                continue
            block = known.block
            stored = self._transport.get(pack_key(name), block.offset, block.stored_length)
            read += len(stored)
            self._advance(len(stored))
            if self._prove(known, stored) != (0, True):
                return read + self._read_whole(name, faults)
        return read

    def _is_news(self, block: Block, listed: set[ChunkId] | None) -> bool:
        """Tell whether a block that a scan found is more than changed bytes of one that was listed there."""
        if listed is None:
            return True
        return any(chunk not in listed and self._table.is_named(chunk) for chunk, _, _ in block.chunks())

    def _prove(self, known: KnownBlock, stored: bytes) -> tuple[int, bool]:
        """Mark the chunks that a block does not give; return how many, and whether it ends as it should."""
        bad, ends_well = _bad_chunks(known.block, stored, self._buffer)
        self._table.mark_bad(known.number, bad)
        return len(bad), ends_well


def _bad_chunks(block: Block, stored: bytes, buffer: DecodeBuffer) -> tuple[list[ChunkId], bool]:
    """Return the chunks that a block does not give; those before a damaged place still come out."""
    try:
        decoder = BlockDecoder(block, stored, buffer)
    except DamagedError:
        return [chunk for chunk, _, _ in block.chunks()], False
    bad = [place[0] for place in block.chunks() if not _is_sound(decoder, *place)]
    try:
        decoder.read_all()
    except DamagedError:
        return bad, False
    return bad, True


def _is_sound(decoder: BlockDecoder, chunk: ChunkId, offset: int, length: int) -> bool:
    try:
        return chunk_id(decoder.read(offset, length)) == chunk
    except DamagedError:
        return False


def _position(name: ObjectName, offset: int) -> float:
    """Return a block's position in [0, 1), the same in every run and spread evenly over all blocks."""
    digest = blake3(f"{name}/{offset}".encode()).digest(6)
    return int.from_bytes(digest, "big") / (1 << 48)
