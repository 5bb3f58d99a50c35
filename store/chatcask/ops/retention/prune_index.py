"""Write the indexes anew without packs that are about to be deleted."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from chatcask.format.index import PackIndex
from chatcask.ids import ObjectName
from chatcask.repository.index_objects import put_indexes, read_indexes
from chatcask.transport.base import Transport


def rewrite_indexes(
    transport: Transport, gone: frozenset[ObjectName], before_write: Callable[[], None]
) -> int:
    """Replace every index object that names a pack of `gone`; return how many bytes were written.

    All that the old objects say of other packs stands in new ones before the first old one is deleted.
    `before_write` is called before each write and may refuse it by raising.
    """
    replaced: list[str] = []

    def kept() -> Iterator[PackIndex]:
        # A damaged index says nothing that could be kept.
        for info, packs in read_indexes(transport, report=lambda _: None):
            if any(entry.pack in gone for entry in packs):
                replaced.append(info.key)
                yield from (entry for entry in packs if entry.pack not in gone)

    written = put_indexes(transport, kept(), before_write)
    for key in replaced:
        before_write()
        transport.delete(key)
    return written
