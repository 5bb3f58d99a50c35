"""The settings in force, as one value: each key's value, and who said so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from chatcask.settings.keys import Key

T = TypeVar("T")


class OriginKind(StrEnum):
    """Who settles a value; the later ones override the earlier."""

    DEFAULT = "default"
    FILE = "file"
    ENVIRONMENT = "environment"
    FLAG = "flag"


@dataclass(frozen=True, slots=True)
class Origin:
    """Who settled a value.

    Attributes:
        kind: Of which kind.
        name: The file, the variable or the option; "" for a default.
        profile: The profile of the file that says it, or "".
    """

    kind: OriginKind
    name: str = ""
    profile: str = ""


@dataclass(frozen=True, slots=True)
class Setting:
    """A key's value.

    Attributes:
        key: The key.
        written: The value as a file has it.
        value: The value as programs use it.
        origin: Who said so.
    """

    key: Key[Any]
    written: Any
    value: Any
    origin: Origin


@dataclass(frozen=True, slots=True)
class Settings:
    """What is in force for every key: `settings[COLOR]` is a value of that key's kind."""

    by_name: Mapping[str, Setting]

    def __getitem__(self, key: Key[T]) -> T:
        value: T = self.by_name[key.name].value
        return value

    def origin(self, key: Key[Any]) -> Origin:
        """Return who settled a key's value."""
        return self.by_name[key.name].origin
