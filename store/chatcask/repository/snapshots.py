"""The snapshots of a store: listed by their keys, their manifests read and proved."""

from __future__ import annotations

from typing import NamedTuple

from chatcask.advice import Advice, AdviceCode
from chatcask.errors import DamagedError, ForgottenError, ObjectNotFoundError
from chatcask.format.snapshot import Snapshot, decode_snapshot
from chatcask.repository.keys import FORGOTTEN, SNAPSHOTS, SnapshotReference, snapshot_reference
from chatcask.repository.objects import read_object
from chatcask.transport.base import Transport


class StoredSnapshot(NamedTuple):
    """A snapshot of a store: what its key says, and its manifest."""

    reference: SnapshotReference
    snapshot: Snapshot


def list_snapshots(transport: Transport, origin: str | None = None) -> list[SnapshotReference]:
    """Return references to all snapshots, or to those of one origin, oldest first."""
    return _listed(transport, f"{SNAPSHOTS}{origin}/" if origin else SNAPSHOTS)


def list_forgotten(transport: Transport) -> list[SnapshotReference]:
    """Return references to all snapshots that can be put back, oldest first."""
    present = set(list_snapshots(transport))
    return [reference for reference in _listed(transport, FORGOTTEN) if reference not in present]


def read_manifest(transport: Transport, key: str) -> bytes:
    """Read the bytes of the manifest that stands under the key of a snapshot or of a forgotten one.

    Forget and undelete move a manifest between the two keys, also since the key was listed; it is read
    wherever it is now.

    Raises:
        DamagedError: it is cut short or changed.
        ForgottenError: it stands under neither key: the snapshot was deleted for good.
    """
    for place in (key, _moved(key), key):  # back again, should it have moved between the two looks
        try:
            return read_object(transport, place)
        except ObjectNotFoundError:
            continue
        except DamagedError as error:
            raise DamagedError(error.message, advice=Advice(AdviceCode.OTHER_SNAPSHOTS_HOLD)) from None
    raise ForgottenError(f"{key} was forgotten a moment ago", where=key)


def read_snapshot(transport: Transport, key: str) -> Snapshot:
    """Read the manifest that stands under the key of a snapshot or of a forgotten one.

    Raises:
        DamagedError: it is cut short or changed.
        ForgottenError: the snapshot was deleted for good since it was listed.
    """
    return decode_snapshot(read_manifest(transport, key), key)


def _moved(key: str) -> str:
    """Return the other key under which a snapshot's manifest may stand."""
    reference = snapshot_reference(key)
    if reference is None:
        return key
    return reference.forgotten_key if key == reference.key else reference.key


def _listed(transport: Transport, prefix: str) -> list[SnapshotReference]:
    found = (snapshot_reference(info.key) for info in transport.list(prefix))
    return sorted(reference for reference in found if reference)
