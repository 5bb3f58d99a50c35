"""Count and hash what a bundle will carry, and give its rows: the same bytes both times."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from blake3 import blake3

from chatcask.assistants.base import WORKSPACE_FILE_LIMIT
from chatcask.assistants.known import chat_path
from chatcask.errors import DamagedError
from chatcask.format.bundle import BundleFile, FileKind
from chatcask.format.bundle_rows import cut_rows
from chatcask.format.tree import Content, EntryKind
from chatcask.monitor import Monitor, Problem
from chatcask.ops.browse.selection import is_workspace_file
from chatcask.ops.bundle.items import Item
from chatcask.ops.bundle.privacy import reduce_workspace
from chatcask.repository.chunk_reader import ChunkReader

_KINDS = {EntryKind.FILE: FileKind.FILE, EntryKind.LINK: FileKind.LINK, EntryKind.FOLDER: FileKind.FOLDER}


@dataclass(frozen=True, slots=True)
class ItemReader:
    """Reads the bytes of items as a bundle has them; `with_paths` leaves `workspace.json` as it is."""

    reader: ChunkReader
    with_paths: bool

    def reduces(self, item: Item) -> bool:
        """Tell whether a bundle says less of an item than the store."""
        return not self.with_paths and is_workspace_file(chat_path(item.path), item.entry)

    def rows(self, item: Item) -> Iterator[bytes]:
        """Yield an item's bytes, cut into rows.

        Raises:
            DamagedError: some of them cannot be read.
        """
        content = item.entry.content
        if not self.reduces(item):
            return cut_rows(self.reader.read(content, item.entry.size), item.path)
        is_small = item.entry.size <= WORKSPACE_FILE_LIMIT
        data = b"".join(self.reader.read(content, item.entry.size)) if is_small else b""
        return cut_rows([reduce_workspace(data)], item.path)


@dataclass(frozen=True, slots=True)
class Measured:
    """A file of the bundle's manifest and where its bytes come from."""

    file: BundleFile
    item: Item


@dataclass(frozen=True, slots=True)
class Measurement:
    """The files that can be read, and the numbers of the snapshots that lack one which cannot."""

    files: tuple[Measured, ...]
    gaps: frozenset[int]


def measure(reader: ItemReader, items: Sequence[Item], monitor: Monitor) -> Measurement:
    """Read every item once; content that an earlier file has is named instead of carried again."""
    monitor.phase("counting", sum(item.entry.size for item in items))
    first: dict[tuple[Content, FileKind, bool], int] = {}
    measured: list[Measured] = []
    gaps: set[int] = set()
    for item in items:
        try:
            file = _counted(reader, item, monitor)
        except DamagedError as error:
            monitor.problem(Problem(item.path, "damaged", error.message))
            gaps.update(place for start, end in item.ranges for place in range(start, end + 1))
            continue
        if file.bytes:
            number = len(measured)
            earlier = first.setdefault((item.entry.content, file.kind, file.reduced), number)
            file = file if earlier == number else replace(file, count=0, content_of=earlier)
        measured.append(Measured(file, item))
    return Measurement(tuple(measured), frozenset(gaps))


def _counted(reader: ItemReader, item: Item, monitor: Monitor) -> BundleFile:
    entry = item.entry
    source, _, path = item.path.partition("/")
    bare = BundleFile(
        source, path, _KINDS[entry.kind], 0, 0, "", entry.mtime_ns, tuple(item.ranges),
        carried=entry.carried, reduced=reader.reduces(item),
    )  # fmt: skip
    if entry.kind is EntryKind.FOLDER:
        return replace(bare, size=entry.size)
    hasher, size, count = blake3(), 0, 0
    for data in reader.rows(item):
        hasher.update(data)
        size, count = size + len(data), count + 1
        monitor.advance(len(data))
    return replace(bare, bytes=size, count=count, blake3=hasher.hexdigest())
