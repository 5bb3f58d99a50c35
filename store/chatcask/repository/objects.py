"""Objects that are named by their bytes: read, and proved by their names."""

from __future__ import annotations

from chatcask.errors import DamagedError
from chatcask.ids import object_name
from chatcask.repository.keys import name_in, snapshot_reference
from chatcask.transport.base import Transport


def read_object(transport: Transport, key: str) -> bytes:
    """Read an object whole and prove it by the name that its key ends in.

    Raises:
        DamagedError: the bytes do not match the name, or the key has none.
        ObjectNotFoundError: there is no such object.
        TransportError: it cannot be read.
    """
    data = transport.get(key)
    reference = snapshot_reference(key)
    if object_name(data) != (reference.id if reference else name_in(key)):
        raise DamagedError(f"{key} was cut short or changed: its bytes do not match its name")
    return data
