"""What is told of the settings: what is in force and whence, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chatcask.documents.document import AsStored, Document

if TYPE_CHECKING:
    from chatcask.errors import SettingsError
    from chatcask.settings.settings import Settings


@dataclass(frozen=True, slots=True)
class SettingRow:
    """A key's value as a file would have it, and who said so."""

    key: str
    value: AsStored
    origin: str
    origin_name: str
    profile: str
    kind: str
    default: AsStored
    variable: str
    about: str


@dataclass(frozen=True, slots=True)
class SettingsDocument(Document):
    """What is in force for every key, and who said so."""

    file: Path
    exists: bool
    settings: tuple[SettingRow, ...]


@dataclass(frozen=True, slots=True)
class SettingsProblemRow:
    """Something that is wrong; `suggestion` is what was meant, if that can be guessed."""

    where: str
    key: str
    message: str
    expected: str
    suggestion: str


@dataclass(frozen=True, slots=True)
class SettingsCheckDocument(Document):
    """What is wrong with the settings, and what is only remarkable."""

    file: Path
    exists: bool
    success: bool
    problems: tuple[SettingsProblemRow, ...]
    remarks: tuple[str, ...]


def settings_document(file: Path, settings: Settings, *, exists: bool) -> SettingsDocument:
    """Return what is in force."""
    from chatcask.settings.effective import variable_of  # noqa: PLC0415 - other documents name no variables

    rows = tuple(
        SettingRow(
            key=each.key.name,
            value=_plain(each.written),
            origin=each.origin.kind.value,
            origin_name=each.origin.name,
            profile=each.origin.profile,
            kind=each.key.kind.name,
            default=_plain(each.key.default),
            variable=variable_of(each.key),
            about=each.key.about,
        )
        for each in settings.by_name.values()
    )
    return SettingsDocument(file, exists, rows)


def settings_check_document(
    file: Path, problems: Iterable[SettingsError], remarks: Iterable[str], *, exists: bool
) -> SettingsCheckDocument:
    """Return what a check of the settings found."""
    rows = tuple(
        SettingsProblemRow(each.where, each.key, each.message, each.expected, each.suggestion)
        for each in problems
    )
    return SettingsCheckDocument(file, exists, not rows, rows, tuple(remarks))


def _plain(value: Any) -> AsStored:
    return AsStored(list(value) if isinstance(value, (list, tuple)) else value)
