"""Labels: a tag or a pin that was given after the run (docs/format.md section 11)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from chatcask.errors import DamagedError
from chatcask.format.binary import (
    add_prefix,
    pack_value,
    packable_text,
    strip_prefix,
    unpack_value,
    unpacked_text,
)
from chatcask.ids import ObjectName, is_object_name

LABEL_MAGIC = b"CASKLABL"


class LabelKind(StrEnum):
    """What a label says."""

    TAG = "tag"
    UNTAG = "untag"
    PIN = "pin"
    PIN_SESSION = "pin-session"


@dataclass(frozen=True, slots=True)
class Label:
    """One statement about a snapshot, or about a chat for `PIN_SESSION`.

    `name` is that of a tag. Equal labels have equal bytes, so giving one twice changes nothing.
    """

    kind: LabelKind
    snapshot: ObjectName | None = None
    session: str = ""
    name: str = ""


def encode_label(label: Label) -> bytes:
    """Return the bytes of a label."""
    document: dict[str, object] = {"kind": label.kind.value}
    if label.name:
        document["name"] = packable_text(label.name)
    if label.session:
        document["session"] = packable_text(label.session)
    if label.snapshot:
        document["snapshot"] = bytes.fromhex(label.snapshot)
    return add_prefix(LABEL_MAGIC, pack_value(document))


def decode_label(data: bytes, what: str) -> Label | None:
    """Return what a label says; None for a kind that only a newer program knows.

    Raises:
        DamagedError: the bytes are not a label.
    """
    document = unpack_value(strip_prefix(LABEL_MAGIC, data, what), what)
    try:
        kind = document["kind"]
        if kind not in set(LabelKind):
            return None
        snapshot = document["snapshot"].hex() if "snapshot" in document else ""
        label = Label(
            LabelKind(kind),
            ObjectName(snapshot) if is_object_name(snapshot) else None,
            unpacked_text(document.get("session", "")),
            unpacked_text(document.get("name", "")),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DamagedError(f"{what} is not a label: {error!r}") from error
    about_session = label.kind is LabelKind.PIN_SESSION
    needs_name = label.kind in {LabelKind.TAG, LabelKind.UNTAG}
    if bool(label.session) is not about_session or bool(label.snapshot) is about_session:
        raise DamagedError(f"{what} does not say what it is about")
    if bool(label.name) is not needs_name:
        raise DamagedError(f"{what} is a label without its tag")
    return label
