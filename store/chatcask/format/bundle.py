"""The manifest of a bundle: what a bundle holds, in its first line (docs/bundle.md)."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from blake3 import blake3

from chatcask.advice import Advice, AdviceCode
from chatcask.errors import DamagedError, InvalidInputError, UnsupportedFormatError
from chatcask.format.snapshot import SourceState
from chatcask.format.times import nanoseconds_text, nanoseconds_value, time_text, time_value
from chatcask.format.tree import is_storable_name

TYPE = "chatcask-bundle"
VERSION = 1
MAXIMUM_MANIFEST = 64 * 1024 * 1024
MAXIMUM_DEPTH = 64
_CHECKSUM_FIELD = b',"checksum":"'
_ENDING = b'"}'
_HASH_DIGITS = 64
_ORIGIN_DIGITS = 16


class FileKind(StrEnum):
    """What a file of a bundle is."""

    FILE = "file"
    LINK = "link"
    FOLDER = "folder"


@dataclass(frozen=True, slots=True)
class BundleFile:
    """One file, link or database folder, in every snapshot in which it was the same.

    `path` lies below the source and may hold surrogate escapes; `snapshots` are ranges of places in the
    manifest's list, both ends included. `size` is a folder's.
    """

    source: str
    path: str
    kind: FileKind
    bytes: int
    count: int
    blake3: str
    mtime_ns: int
    snapshots: tuple[tuple[int, int], ...]
    size: int = 0
    carried: bool = False
    reduced: bool = False
    content_of: int | None = None

    @property
    def shown_path(self) -> str:
        """The path as rows give it: text, with U+FFFD for what is none."""
        return self.path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class BundleSnapshot:
    """One snapshot: `origin` is 16 hex digits that name the line it belongs to."""

    origin: str
    taken_at: datetime
    complete: bool
    sources: tuple[SourceState, ...]


@dataclass(frozen=True, slots=True)
class BundleManifest:
    """What a bundle says of itself. `selection` is what was asked for, as plain values."""

    exported_at: datetime
    program: str
    selection: Mapping[str, Any]
    snapshots: tuple[BundleSnapshot, ...]
    files: tuple[BundleFile, ...]

    @property
    def row_count(self) -> int:
        """How many rows follow the manifest."""
        return sum(file.count for file in self.files)

    @property
    def byte_count(self) -> int:
        """How many bytes the rows hold."""
        return sum(file.bytes for file in self.files if file.content_of is None)


def encode_manifest(manifest: BundleManifest) -> bytes:
    """Return the manifest's line.

    Raises:
        InvalidInputError: there are too many files for one bundle, or one that no reader would take.
    """
    try:
        document = _document(manifest)
        _manifest(document)
    except (ValueError, OverflowError) as error:
        raise InvalidInputError(f"a bundle cannot carry this: {error}", what="bundle") from error
    # Half a character, which is no UTF-8, becomes its escape in JSON.
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace")
    body = body[:-1]
    line = body + _CHECKSUM_FIELD + blake3(body).hexdigest().encode() + _ENDING
    if len(line) > MAXIMUM_MANIFEST:
        raise InvalidInputError(
            f"{len(manifest.files)} versions of files are too many for one bundle",
            advice=Advice(AdviceCode.EXPORT_LESS),
        )
    return line + b"\n"


def _document(manifest: BundleManifest) -> dict[str, Any]:
    return {
        "type": TYPE,
        "version": VERSION,
        "exportedAt": time_text(manifest.exported_at),
        "program": manifest.program,
        "selection": dict(manifest.selection),
        "sources": sorted({file.source for file in manifest.files}),
        "snapshots": [_snapshot_row(snapshot) for snapshot in manifest.snapshots],
        "files": [_file_row(file) for file in manifest.files],
        "totalCount": manifest.row_count,
        "totalBytes": manifest.byte_count,
    }


def decode_manifest(line: bytes) -> BundleManifest:
    """Return the manifest that a line holds.

    Raises:
        InvalidInputError: the line is something else.
        UnsupportedFormatError: the bundle was written by a newer program.
        DamagedError: the line was changed, or says what cannot be.
    """
    try:
        document = json.loads(line)
    except (ValueError, RecursionError) as error:
        if line.startswith(b'{"type":"' + TYPE.encode()):
            raise DamagedError("the bundle's manifest was changed") from error
        raise _no_bundle() from error
    if not isinstance(document, dict) or document.get("type") != TYPE:
        raise _no_bundle()
    version = document.get("version")
    if isinstance(version, int) and not isinstance(version, bool) and version > VERSION:
        raise UnsupportedFormatError(
            f"the bundle has version {version}; this program reads versions up to {VERSION}",
            advice=Advice(AdviceCode.INSTALL_NEWER),
        )
    body, _, digits = line.rpartition(_CHECKSUM_FIELD)
    if digits != blake3(body).hexdigest().encode() + _ENDING:
        raise DamagedError("the bundle's manifest was changed: its checksum does not match")
    try:
        return _manifest(document)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise DamagedError(f"the bundle's manifest is malformed: {error!r}") from error


def _no_bundle() -> InvalidInputError:
    return InvalidInputError(
        "not a chatcask bundle: its first line is no manifest", advice=Advice(AdviceCode.MAKE_BUNDLE)
    )


def _manifest(document: Mapping[str, Any]) -> BundleManifest:
    snapshots = tuple(_snapshot(row) for row in document["snapshots"])
    files: list[BundleFile] = []
    for row in document["files"]:
        files.append(_file(row, files, len(snapshots)))
    return BundleManifest(
        time_value(document["exportedAt"]),
        str(document["program"]),
        dict(document["selection"]),
        snapshots,
        tuple(files),
    )


def _snapshot_row(snapshot: BundleSnapshot) -> dict[str, object]:
    return {
        "origin": snapshot.origin,
        "takenAt": time_text(snapshot.taken_at),
        "complete": snapshot.complete,
        "sources": [
            {
                "id": state.id,
                "product": state.product,
                "captured": state.captured,
                "seenAt": time_text(state.seen_at),
                "reason": state.reason,
            }
            for state in snapshot.sources
        ],
    }


def _snapshot(row: Mapping[str, Any]) -> BundleSnapshot:
    origin = row["origin"]
    if not isinstance(origin, str) or len(origin) != _ORIGIN_DIGITS or set(origin) - set("0123456789abcdef"):
        raise ValueError("a snapshot has no origin")
    states = tuple(
        SourceState(
            str(state["id"]),
            str(state["product"]),
            bool(state["captured"]),
            time_value(state["seenAt"]),
            str(state["reason"]),
        )
        for state in row["sources"]
    )
    return BundleSnapshot(origin, time_value(row["takenAt"]), bool(row["complete"]), states)


def _file_row(file: BundleFile) -> dict[str, object]:
    row: dict[str, object] = {"source": file.source, "path": file.shown_path}
    exact = file.path.encode("utf-8", "surrogateescape")
    if exact.decode("utf-8", "replace").encode() != exact:
        row["pathBase64"] = base64.b64encode(exact).decode()
    row["kind"] = file.kind.value
    if file.kind is FileKind.FOLDER:
        row["size"] = file.size
    else:
        row |= {"bytes": file.bytes, "count": file.count, "blake3": file.blake3}
    row["mtime"] = nanoseconds_text(file.mtime_ns)
    row |= {name: True for name in ("carried", "reduced") if getattr(file, name)}
    if file.content_of is not None:
        row["contentOf"] = file.content_of
    row["snapshots"] = [list(pair) for pair in file.snapshots]
    return row


def _file(row: Mapping[str, Any], earlier: list[BundleFile], snapshots: int) -> BundleFile:
    path = _path(row)
    kind = FileKind(row["kind"])
    is_folder = kind is FileKind.FOLDER
    ranges = tuple((_count(first), _count(last)) for first, last in row["snapshots"])
    reaches = [-1, *(place for pair in ranges for place in pair), snapshots]
    if any(first > last for first, last in ranges) or any(
        reaches[place] >= reaches[place + 1] for place in range(0, len(reaches), 2)
    ):
        raise ValueError(f"{path!r} is in snapshots that do not exist")
    digest = "" if is_folder else str(row["blake3"])
    if not is_folder and len(digest) != _HASH_DIGITS:
        raise ValueError(f"{path!r} has no hash")
    file = BundleFile(
        source=_name(row["source"]),
        path=path,
        kind=kind,
        bytes=0 if is_folder else _count(row["bytes"]),
        count=0 if is_folder else _count(row["count"]),
        blake3=digest,
        mtime_ns=nanoseconds_value(row["mtime"]),
        snapshots=ranges,
        size=_count(row["size"]) if is_folder else 0,
        carried=bool(row.get("carried")),
        reduced=bool(row.get("reduced")),
        content_of=_count(row["contentOf"]) if "contentOf" in row else None,
    )
    _check_content(file, earlier)
    return file


def _check_content(file: BundleFile, earlier: list[BundleFile]) -> None:
    """Refuse numbers that contradict each other, or content of a file that has none of its own."""
    if file.content_of is None:
        if (file.count == 0) != (file.bytes == 0):
            raise ValueError(f"{file.path!r} has rows without bytes, or bytes without rows")
        return
    other = earlier[file.content_of] if file.content_of < len(earlier) else None
    if (
        other is None
        or FileKind.FOLDER in (file.kind, other.kind)
        or other.content_of is not None
        or (file.bytes, file.blake3, file.count) != (other.bytes, other.blake3, 0)
    ):
        raise ValueError(f"{file.path!r} has the content of a file that does not have it")


def _path(row: Mapping[str, Any]) -> str:
    path = row["path"]
    if "pathBase64" in row:
        path = base64.b64decode(row["pathBase64"], validate=True).decode("utf-8", "surrogateescape")
    parts = path.split("/")
    if len(parts) > MAXIMUM_DEPTH or not all(is_storable_name(part) for part in parts):
        raise ValueError(f"{path[:200]!r} is no path below a source")
    return str(path)


def _name(value: Any) -> str:
    if not isinstance(value, str) or not is_storable_name(value):
        raise ValueError("a file has no source")
    return value


def _count(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 1 << 63:
        raise ValueError(f"{value!r:.40} is no number")
    return value
