"""Identifiers: what a name of stored bytes looks like, and how it is made.

A chunk is named by the BLAKE3-256 of its bytes, 32 raw bytes in memory and in msgpack. Objects of a store
(packs, indexes, snapshots) are named by the BLAKE3-256 of the object's bytes, 64 lower-case hex digits,
because those names become file names.
"""

from __future__ import annotations

import re
from typing import NewType

from blake3 import blake3

ChunkId = NewType("ChunkId", bytes)
"""32 bytes: BLAKE3-256 of the chunk."""

ObjectName = NewType("ObjectName", str)
"""64 lower-case hex digits: BLAKE3-256 of a whole stored object."""

CHUNK_ID_SIZE = 32
_HEX_NAME = re.compile(r"[0-9a-f]{64}")


def chunk_id(data: bytes | bytearray | memoryview) -> ChunkId:
    """Return the id of a chunk with these bytes."""
    return ChunkId(blake3(data).digest())


def object_name(*parts: bytes | bytearray | memoryview) -> ObjectName:
    """Return the name of an object whose bytes are the given parts in order."""
    hasher = blake3()
    for part in parts:
        hasher.update(part)
    return ObjectName(hasher.hexdigest())


def is_object_name(text: str) -> bool:
    """Tell whether `text` has the form of an object name."""
    return _HEX_NAME.fullmatch(text) is not None
