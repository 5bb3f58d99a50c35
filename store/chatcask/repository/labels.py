"""The tags and pins of a store: manifests never change, so labels are objects beside them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from chatcask.errors import DamagedError, ObjectNotFoundError
from chatcask.format.label import Label, LabelKind, decode_label, encode_label
from chatcask.ids import ObjectName, object_name
from chatcask.repository.keys import LABELS, label_key
from chatcask.repository.objects import read_object
from chatcask.transport.base import Transport


@dataclass(frozen=True, slots=True)
class Labels:
    """All labels at one moment. `damaged` are the keys of objects that cannot be read."""

    every: frozenset[Label]
    damaged: tuple[str, ...] = ()

    def tags(self, snapshot: ObjectName, own: Iterable[str]) -> tuple[str, ...]:
        """Return a snapshot's tags; `own` are those of its manifest."""
        kept = [tag for tag in own if Label(LabelKind.UNTAG, snapshot, name=tag) not in self.every]
        given = sorted(x.name for x in self.every if x.kind is LabelKind.TAG and x.snapshot == snapshot)
        return tuple(dict.fromkeys([*kept, *given]))

    def is_pinned(self, snapshot: ObjectName) -> bool:
        """Tell whether the snapshot itself is pinned."""
        return Label(LabelKind.PIN, snapshot) in self.every

    @property
    def pinned_sessions(self) -> frozenset[str]:
        """The ids of pinned chats."""
        return frozenset(label.session for label in self.every if label.kind is LabelKind.PIN_SESSION)


def read_labels(transport: Transport) -> Labels:
    """Read all labels. A damaged one is named and does not count."""
    found: set[Label] = set()
    damaged = []
    for info in transport.list(LABELS):
        try:
            label = decode_label(read_object(transport, info.key), info.key)
        except ObjectNotFoundError:
            continue  # removed since it was listed
        except DamagedError:
            damaged.append(info.key)
            continue
        if label is not None:
            found.add(label)
    return Labels(frozenset(found), tuple(damaged))


def give_label(transport: Transport, label: Label) -> None:
    """Make a label durable; harmless when it is given already."""
    data = encode_label(label)
    transport.put(label_key(object_name(data)), data)


def take_label(transport: Transport, label: Label) -> None:
    """Take a label away; harmless when it was never given."""
    transport.delete(label_key(object_name(encode_label(label))))
