"""Which packs prune is about to delete; a writer asks this before all else (docs/format.md section 12)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chatcask.errors import DamagedError, ObjectNotFoundError
from chatcask.ids import ObjectName
from chatcask.repository.keys import CONDEMNED, PACKS, name_in
from chatcask.repository.objects import read_object
from chatcask.transport.base import Transport


@dataclass(frozen=True, slots=True)
class CondemnedList:
    """One object under `condemned/`. `packs` is None when it is damaged."""

    key: str
    modified_ns: int
    packs: frozenset[ObjectName] | None


def list_condemned(transport: Transport) -> list[CondemnedList]:
    """Read every object under `condemned/`."""
    found = []
    for info in transport.list(CONDEMNED):
        from chatcask.format.condemned import decode_condemned  # noqa: PLC0415 - most stores have none

        packs: frozenset[ObjectName] | None
        try:
            packs = decode_condemned(read_object(transport, info.key), info.key)
        except ObjectNotFoundError:
            continue  # prune has finished with it since it was listed
        except DamagedError:
            packs = None
        found.append(CondemnedList(info.key, info.modified_ns, packs))
    return found


def condemned_packs(transport: Transport, lists: Sequence[CondemnedList]) -> frozenset[ObjectName]:
    """Return all packs that count as condemned.

    A damaged list may have named any pack that is not younger than itself.
    """
    names: set[ObjectName] = set()
    for entry in lists:
        names |= entry.packs or frozenset()
    unreadable = [entry.modified_ns for entry in lists if entry.packs is None]
    if unreadable:
        youngest = max(unreadable)
        older = (info.key for info in transport.list(PACKS) if info.modified_ns <= youngest)
        names.update(name for key in older if (name := name_in(key)))
    return frozenset(names)
