"""What documents share: the version of their shapes, rows that many have, and the one way to JSON.

A document says what it knows in values; `to_json` alone knows how times, sizes, paths and advice look.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, TypeAlias

from chatcask.advice import Advice, Remark

if TYPE_CHECKING:
    from chatcask.assistants.base import Elsewhere
    from chatcask.monitor import Problem

SCHEMA_VERSION = 1
"""The version of all shapes. It rises when a key goes or changes its meaning, not when one is added."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Words: TypeAlias = Callable[[Advice], str]
"""Puts an advice into the words of whoever shows it, who alone knows which commands there are."""


@dataclass(frozen=True, slots=True)
class Document:
    """One JSON document."""

    schema_version: int = field(default=SCHEMA_VERSION, init=False)


@dataclass(frozen=True, slots=True)
class AsStored:
    """JSON of somebody else's, handed on as it is."""

    value: Any


@dataclass(frozen=True, slots=True)
class ProblemRow:
    """One thing that went wrong with one path; `message` ends with the way out."""

    path: str
    kind: str
    message: Remark


@dataclass(frozen=True, slots=True)
class ElsewhereRow:
    """Chats that are seen and not saved; `source` is "" for those of no editor."""

    source: str
    kind: str
    place: Path
    chats: int


@dataclass(frozen=True, slots=True)
class ErrorDocument(Document):
    """The end of a command that failed. `code` is the exit code, `kind` the stable code of the error."""

    message_type: str = field(default="exit_error", init=False)
    code: int
    kind: str
    message: str
    hint: str | None


def problem_rows(problems: Iterable[Problem]) -> tuple[ProblemRow, ...]:
    """Return problems as rows."""
    return tuple(ProblemRow(p.path, p.kind, Remark(p.message, p.advice)) for p in problems)


def elsewhere_rows(found: Iterable[Elsewhere]) -> tuple[ElsewhereRow, ...]:
    """Return chats that are seen and not saved as rows."""
    return tuple(ElsewhereRow(each.source, each.kind.value, each.place, each.chats) for each in found)


def moment_of(milliseconds: int | None) -> datetime | None:
    """Return a time as editors write it, or None where there is none or it is none of this calendar."""
    if milliseconds is None:
        return None
    try:
        return EPOCH + timedelta(milliseconds=milliseconds)
    except OverflowError:
        return None


def to_json(document: Document, words: Words) -> str:
    """Return a document as one line of JSON: times as RFC 3339 in UTC, sizes as whole bytes, ASCII only."""
    return json.dumps(_plain(document, words), ensure_ascii=True)


def _plain(value: Any, words: Words) -> Any:
    plain: Any
    match value:
        case AsStored() | Enum():
            plain = value.value
        case None | str() | int() | float():
            plain = value
        case datetime():
            plain = value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case PurePath():
            plain = str(value)
        case Advice():
            plain = words(value)
        case Remark():
            plain = f"{value.text}; {words(value.advice)}" if value.advice else value.text
        case Mapping():
            plain = {name: _plain(item, words) for name, item in value.items()}
        case _ if is_dataclass(value):
            plain = {f.name: _plain(getattr(value, f.name), words) for f in fields(value)}
        case _:
            plain = [_plain(item, words) for item in value]
    return plain
