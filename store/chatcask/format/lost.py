"""Notes on what is lost for good (docs/format.md section 13)."""

from __future__ import annotations

from collections.abc import Iterable

from chatcask.errors import DamagedError
from chatcask.format.binary import add_prefix, pack_value, strip_prefix, unpack_value

LOST_MAGIC = b"CASKLOST"
_NAME_SIZE = 32


def encode_lost(names: Iterable[bytes]) -> bytes:
    """Return the bytes of a note on these names: ids of chunks and of snapshots, 32 bytes each."""
    return add_prefix(LOST_MAGIC, pack_value(b"".join(sorted(set(names)))))


def decode_lost(data: bytes, what: str) -> frozenset[bytes]:
    """Return the names that a note lists.

    Raises:
        DamagedError: the bytes are not such a note.
    """
    joined = unpack_value(strip_prefix(LOST_MAGIC, data, what), what)
    if not isinstance(joined, bytes) or len(joined) % _NAME_SIZE:
        raise DamagedError(f"{what} is not a list of names")
    return frozenset(joined[start : start + _NAME_SIZE] for start in range(0, len(joined), _NAME_SIZE))
