"""Lists of condemned packs (docs/format.md section 10)."""

from __future__ import annotations

from collections.abc import Iterable

from chatcask.errors import DamagedError
from chatcask.format.binary import add_prefix, pack_value, strip_prefix, unpack_value
from chatcask.ids import ObjectName, is_object_name

CONDEMNED_MAGIC = b"CASKCOND"


def encode_condemned(packs: Iterable[ObjectName]) -> bytes:
    """Return the bytes of an object that condemns these packs."""
    return add_prefix(CONDEMNED_MAGIC, pack_value([bytes.fromhex(name) for name in sorted(packs)]))


def decode_condemned(data: bytes, what: str) -> frozenset[ObjectName]:
    """Return the packs that an object condemns.

    Raises:
        DamagedError: the bytes are not such a list.
    """
    rows = unpack_value(strip_prefix(CONDEMNED_MAGIC, data, what), what)
    try:
        names = frozenset(ObjectName(bytes.hex(row)) for row in rows)
    except TypeError as error:
        raise DamagedError(f"{what} has a malformed pack list") from error
    if not all(is_object_name(name) for name in names):
        raise DamagedError(f"{what} names something that is no pack")
    return names
