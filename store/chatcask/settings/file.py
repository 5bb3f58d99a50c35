"""The bytes of a config file into checked values: what is no known key, or of another kind, is an error."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from chatcask.errors import SettingsError
from chatcask.settings.keys import KEYS, Key

_BY_NAME = {key.name: key for key in KEYS}
_TABLES = {key.name.partition(".")[0] for key in KEYS if "." in key.name}
_PROFILES = "profiles"
_LARGEST = 1024 * 1024


@dataclass(frozen=True, slots=True)
class SettingsFile:
    """What a file says, checked.

    Attributes:
        name: The file, for messages.
        values: By key, as the file has them.
        profiles: The same of each profile, by its name.
    """

    name: str
    values: Mapping[Key[Any], Any]
    profiles: Mapping[str, Mapping[Key[Any], Any]]


def parse_settings(data: bytes, name: str) -> SettingsFile:
    """Return what the bytes of a file say.

    Raises:
        SettingsError: it is not TOML, has a key that is not known, or a value of another kind.
    """
    found, problems = _checked(data, name)
    if problems:
        raise problems[0]
    return found


def settings_problems(data: bytes, name: str) -> tuple[SettingsError, ...]:
    """Return all that is wrong with the bytes of a file, in its order."""
    return tuple(_checked(data, name)[1])


def toml_value(text: str) -> Any:
    """Return what a text stands for as a value of TOML; the text itself if it is none."""
    try:
        document = tomllib.loads(f"value = {text}")
    except (ValueError, RecursionError):
        return text
    return document["value"] if document.keys() == {"value"} else text


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return the known name that is most like another one, or "" if none is."""
    from difflib import get_close_matches  # noqa: PLC0415 - most names are right

    names = list(known)
    close = get_close_matches(name, names, 1)
    if not close:
        last = {each.rpartition(".")[2]: each for each in reversed(names)}
        close = [last[each] for each in get_close_matches(name.rpartition(".")[2], last, 1, 0.75)]
    return close[0] if close else ""


def _checked(data: bytes, name: str) -> tuple[SettingsFile, list[SettingsError]]:
    try:
        document = _document(data, name)
    except SettingsError as error:
        return SettingsFile(name, {}, {}), [error]
    problems: list[SettingsError] = []
    profiles: dict[str, Mapping[Key[Any], Any]] = {}
    named = document.pop(_PROFILES, {})
    values = dict(_values(document, "", name, problems))
    if not isinstance(named, dict):
        problems.append(_wrong(name, _PROFILES, "a table of profiles: [profiles.NAME]"))
        named = {}
    for profile, table in named.items():
        place = f"{_PROFILES}.{profile}"
        if isinstance(table, dict):
            profiles[profile] = dict(_values(table, f"{place}.", name, problems))
        else:
            problems.append(_wrong(name, place, f"a table: [{place}]"))
    return SettingsFile(name, values, profiles), problems


def _document(data: bytes, name: str) -> dict[str, Any]:
    if len(data) > _LARGEST:
        raise SettingsError(f"{name}: the file is larger than {_LARGEST:,} bytes", where=name)
    try:
        return tomllib.loads(data.removeprefix(b"\xef\xbb\xbf").decode("utf-8"))
    except UnicodeDecodeError as error:
        message = f"{name}: not UTF-8 at byte {error.start}"
    except RecursionError:
        message = f"{name}: nested too deep"
    except ValueError as error:
        message = f"{name}: not TOML: {error}"
    raise SettingsError(message, where=name)


def _values(
    document: Mapping[str, Any], place: str, name: str, problems: list[SettingsError]
) -> Iterator[tuple[Key[Any], Any]]:
    """Yield each key of a table and of those within; `place` is what stands before their names."""
    for first, value in document.items():
        if first in _TABLES:
            if isinstance(value, dict):
                rows = [(f"{first}.{second}", inner) for second, inner in value.items()]
            else:
                problems.append(_wrong(name, place + first, f"a table: [{place}{first}]"))
                continue
        else:
            rows = [(first, value)]
        for full, inner in rows:
            key = _BY_NAME.get(full)
            if key is None:
                problems.append(_unknown(name, place, full))
            elif _is_of_kind(key, inner):
                yield key, inner
            else:
                problems.append(_wrong(name, place + full, key.kind.expected))


def _is_of_kind(key: Key[Any], value: Any) -> bool:
    try:
        key.kind.read(value)
    except ValueError:
        return False
    return True


def _unknown(name: str, place: str, full: str) -> SettingsError:
    known = [*_BY_NAME, *_TABLES, *([] if place else [_PROFILES])]
    meant = did_you_mean(full, known)
    hint = f"; did you mean '{place}{meant}'?" if meant else ""
    message = f"{name}: unknown key '{place}{full}'{hint}"
    return SettingsError(message, where=name, key=place + full, suggestion=meant and place + meant)


def _wrong(name: str, key: str, expected: str) -> SettingsError:
    return SettingsError(f"{name}: '{key}' must be {expected}", where=name, key=key, expected=expected)
