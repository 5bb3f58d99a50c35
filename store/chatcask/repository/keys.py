"""The key of every object in a store; no other module spells one (docs/format.md section 3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from chatcask.format.snapshot import parse_key_name, snapshot_key_name
from chatcask.ids import ObjectName, is_object_name

CONFIG = "config"
PACKS = "packs/"
INDEXES = "index/"
SNAPSHOTS = "snapshots/"
FORGOTTEN = "forgotten/"
LABELS = "labels/"
CONDEMNED = "condemned/"
CLOCK = "clock/"
UNDO = "undo/"
LOST = "lost/"
REPLACED = "replaced/"


@dataclass(frozen=True, slots=True, order=True)
class SnapshotReference:
    """What a snapshot's key says of it, known without reading it. Orders by time."""

    taken_at: datetime
    origin: str
    id: ObjectName

    @property
    def key(self) -> str:
        """The snapshot's key."""
        return f"{SNAPSHOTS}{self.origin}/{snapshot_key_name(self.taken_at, self.id)}"

    @property
    def forgotten_key(self) -> str:
        """The key of its manifest once it is forgotten."""
        return f"{FORGOTTEN}{self.origin}/{snapshot_key_name(self.taken_at, self.id)}"


def pack_key(name: ObjectName) -> str:
    """Return the key of a pack."""
    return f"{PACKS}{name[:2]}/{name}"


def index_key(name: ObjectName) -> str:
    """Return the key of an index."""
    return f"{INDEXES}{name}"


def condemned_key(name: ObjectName) -> str:
    """Return the key of a list of condemned packs."""
    return f"{CONDEMNED}{name}"


def label_key(name: ObjectName) -> str:
    """Return the key of a tag or pin."""
    return f"{LABELS}{name}"


def clock_key(name: ObjectName) -> str:
    """Return the key of an object that prune writes to learn the time."""
    return f"{CLOCK}{name}"


def lost_key(name: ObjectName) -> str:
    """Return the key of a note on what is lost."""
    return f"{LOST}{name}"


def replaced_key(name: ObjectName) -> str:
    """Return the key under which repair keeps the bytes of an object that it replaced."""
    return f"{REPLACED}{name}"


def undo_key(name: ObjectName) -> str:
    """Return the key of what undoes a restore."""
    return f"{UNDO}{name}"


def name_in(key: str) -> ObjectName | None:
    """Return the object name that the key of any object but a snapshot ends in; None for a stray file."""
    text = key.rpartition("/")[2]
    return ObjectName(text) if is_object_name(text) else None


def snapshot_reference(key: str) -> SnapshotReference | None:
    """Return what the key of a snapshot, forgotten or not, says; None for a stray file."""
    parts = key.split("/")
    parsed = parse_key_name(parts[2]) if len(parts) == 3 else None
    return SnapshotReference(parsed[0], parts[1], parsed[1]) if parsed else None
