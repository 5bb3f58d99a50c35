"""Snapshots: the manifest of one run (docs/format.md section 9)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from chatcask.errors import DamagedError
from chatcask.format.binary import add_prefix, pack_value, strip_prefix, unpack_value
from chatcask.format.tree import EMPTY, MAXIMUM_DEPTH, Content
from chatcask.ids import CHUNK_ID_SIZE, ChunkId, ObjectName, is_object_name
from chatcask.monitor import Problem

SNAPSHOT_MAGIC = b"CASKSNAP"
MAXIMUM_PROBLEMS = 1000

NOT_ASKED = "not_asked"
EDITOR_RUNNING = "editor_running"
SOME_WORKSPACES = "some_workspaces"
"""Why a run did not capture all of a source."""


SAFETY_TAG = "safety-%Y%m%dT%H%M%SZ"
"""Tag of a safety snapshot, as a format of its time: what was there before a restore or fix."""
UNDO_TAG = "safety-undo-%Y%m%dT%H%M%SZ"
"""Tag of a safety snapshot before an undo, which holds what was taken back then."""
_IS_SAFETY = re.compile(r"safety-(undo-)?\d{8}T\d{6}Z")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LARGEST = 1 << 63
_NAME_TIME = "%Y%m%dT%H%M%S.%fZ"


@dataclass(frozen=True, slots=True)
class SourceState:
    """One source in a snapshot: captured whole by this run, or carried over from the parent and why.

    With the reason `SOME_WORKSPACES` only those that were not asked for are carried over.
    """

    id: str
    product: str
    captured: bool
    seen_at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Totals:
    """What a run did, in files and bytes."""

    files: int = 0
    files_unchanged: int = 0
    files_extracted: int = 0
    bytes_scanned: int = 0
    bytes_read: int = 0
    bytes_new: int = 0
    bytes_stored: int = 0
    workspaces: int = 0


class Followed(NamedTuple):
    """Another origin that this one goes on from, and the time of its newest snapshot then."""

    origin: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The manifest of one run. Times are aware datetimes in UTC with microseconds."""

    taken_at: datetime
    finished_at: datetime
    host: str
    program: str
    parent: ObjectName | None
    root: Content
    sources: tuple[SourceState, ...]
    complete: bool
    problems: tuple[Problem, ...] = ()
    problem_count: int = 0
    losses: tuple[Mapping[str, Any], ...] = ()
    totals: Totals = field(default_factory=Totals)
    tags: tuple[str, ...] = ()
    follows: tuple[Followed, ...] = ()

    @property
    def is_safety(self) -> bool:
        """Tell whether it was taken by a program before it changed an editor's folder, not by a person."""
        return any(map(_IS_SAFETY.fullmatch, self.tags))

    @property
    def holds_undone(self) -> bool:
        """Tell whether it was taken before an undo, and so holds what nobody wanted to keep."""
        return self.is_safety and any(tag.startswith("safety-undo-") for tag in self.tags)


def encode_snapshot(snapshot: Snapshot) -> bytes:
    """Return the bytes of a snapshot object."""
    totals = snapshot.totals
    document = {
        "taken_at": _microseconds(snapshot.taken_at),
        "finished_at": _microseconds(snapshot.finished_at),
        "host": _text(snapshot.host),
        "program": _text(snapshot.program),
        "parent": bytes.fromhex(snapshot.parent) if snapshot.parent else None,
        "root": [snapshot.root.depth, snapshot.root.id],
        "sources": [
            [_text(s.id), _text(s.product), s.captured, _microseconds(s.seen_at), _text(s.reason)]
            for s in snapshot.sources
        ],
        "complete": snapshot.complete,
        "problems": [
            [_text(p.path), _text(p.kind), _text(p.message)] for p in snapshot.problems[:MAXIMUM_PROBLEMS]
        ],
        "problem_count": snapshot.problem_count,
        "losses": [_plain_row(loss) for loss in snapshot.losses],
        "totals": {name: getattr(totals, name) for name in Totals.__slots__ if getattr(totals, name)},
        "tags": [_text(tag) for tag in snapshot.tags],
    }
    if snapshot.follows:
        document["follows"] = [[each.origin, _microseconds(each.until)] for each in snapshot.follows]
    return add_prefix(SNAPSHOT_MAGIC, pack_value(document))


def decode_snapshot(data: bytes, what: str) -> Snapshot:
    """Return the value of a snapshot object.

    Raises:
        DamagedError: the bytes are not a snapshot.
    """
    document = unpack_value(strip_prefix(SNAPSHOT_MAGIC, data, what), what)
    try:
        depth, identifier = document["root"]
        parent = document["parent"]
        return Snapshot(
            taken_at=_datetime(document["taken_at"]),
            finished_at=_datetime(document["finished_at"]),
            host=_str(document["host"]),
            program=_str(document["program"]),
            parent=ObjectName(_hash(parent).hex()) if parent else None,
            root=_root(depth, identifier),
            sources=tuple(
                SourceState(_str(row[0]), _str(row[1]), bool(row[2]), _datetime(row[3]), _str(row[4]))
                for row in document["sources"]
            ),
            complete=bool(document["complete"]),
            problems=tuple(Problem(_str(row[0]), _str(row[1]), _str(row[2])) for row in document["problems"]),
            problem_count=int(document["problem_count"]),
            losses=tuple(dict(loss.items()) for loss in document["losses"]),
            totals=Totals(**{k: int(v) for k, v in document["totals"].items() if k in Totals.__slots__}),
            tags=tuple(_str(tag) for tag in document["tags"]),
            follows=tuple(Followed(_str(row[0]), _datetime(row[1])) for row in document.get("follows", ())),
        )
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError) as error:
        raise DamagedError(f"{what} is not a snapshot: {error!r}") from error


def _root(depth: object, identifier: object) -> Content:
    if type(depth) is not int or not 0 <= depth <= MAXIMUM_DEPTH or (depth and identifier is None):
        raise TypeError("the root's depth is impossible")
    return Content(depth, ChunkId(_hash(identifier))) if identifier is not None else EMPTY


def _hash(value: object) -> bytes:
    if not isinstance(value, bytes) or len(value) != CHUNK_ID_SIZE:
        raise TypeError(f"{value!r} is not a hash")
    return value


def _str(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is not text")
    return value


def snapshot_key_name(taken_at: datetime, name: ObjectName) -> str:
    """Return the last part of a snapshot's key: its time and its id."""
    return f"{taken_at.astimezone(UTC).strftime(_NAME_TIME)}-{name}"


def parse_key_name(text: str) -> tuple[datetime, ObjectName] | None:
    """Return the time and id in the last part of a snapshot's key; None if it is not one."""
    stamp, _, name = text.partition("-")
    if not is_object_name(name):
        return None
    try:
        return datetime.fromisoformat(stamp).astimezone(UTC), ObjectName(name)
    except ValueError:
        return None


def _microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)


def _datetime(microseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=microseconds)


def _plain_row(row: Mapping[str, Any]) -> dict[str, Any]:
    return {_text(key): _plain(value) for key, value in row.items()}


def _plain(value: Any) -> Any:
    """Return a value as a manifest can hold it; numbers come from chats too, and may be of any size."""
    match value:
        case str():
            return _text(value)
        case int() if not -_LARGEST < value < _LARGEST:
            return None
        case Mapping():
            return _plain_row(value)
        case list() | tuple():
            return [_plain(item) for item in value]
    return value


def _text(text: str) -> str:
    """Make text with lone surrogates printable: manifests hold valid UTF-8 only."""
    return text.encode("utf-8", "backslashreplace").decode()
