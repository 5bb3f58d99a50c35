"""The undo records of a store: put before a restore changes anything, deleted when it was taken back."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from chatcask.errors import DamagedError, ObjectNotFoundError
from chatcask.format.undo import UndoRecord, decode_undo, encode_undo
from chatcask.ids import object_name
from chatcask.monitor import Monitor, Problem
from chatcask.repository.keys import UNDO, undo_key
from chatcask.repository.objects import read_object
from chatcask.repository.repository import Repository


@dataclass(frozen=True, slots=True)
class KeptUndo:
    """A record and its key in the store."""

    key: str
    record: UndoRecord

    @property
    def id(self) -> str:
        """The name by which a person may tell `undo` to leave it out."""
        return self.key.rpartition("/")[2]


def keep_undo(repository: Repository, record: UndoRecord) -> KeptUndo:
    """Make a record durable."""
    data = encode_undo(record)
    key = undo_key(object_name(data))
    repository.transport.put(key, data)
    return KeptUndo(key, record)


def forget_undo(repository: Repository, key: str) -> None:
    """Delete a record whose restore was taken back."""
    repository.transport.delete(key)


def kept_undos(repository: Repository, origins: Collection[str], monitor: Monitor) -> list[KeptUndo]:
    """Return the records of some origins, newest first; one that is damaged is named and does not count."""
    found = []
    for info in repository.transport.list(UNDO):
        try:
            record = decode_undo(read_object(repository.transport, info.key), info.key)
        except ObjectNotFoundError:
            continue  # another process took it back just now
        except DamagedError as error:
            monitor.problem(Problem(info.key, "damaged", f"what undoes a restore is lost: {error.message}"))
            continue
        if record.origin in origins:
            found.append(KeptUndo(info.key, record))
    return sorted(found, key=lambda kept: kept.record.made_at, reverse=True)
