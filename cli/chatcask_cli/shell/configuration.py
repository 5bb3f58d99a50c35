"""The settings in force for one command: the config file, the variables, and what the command line said."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from chatcask.errors import SettingsError
from chatcask.settings import (
    COLOR,
    EXCLUDE,
    KEYS,
    SOURCES_ADD,
    SOURCES_LEAVE_OUT,
    STORE,
    Given,
    effective_settings,
    variable_of,
)
from chatcask_cli.shell import environment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chatcask.settings import Key, Settings, SettingsFile
    from chatcask.sources import Scope

_MOST_READ = 1024 * 1024 + 1


def settings_in_force(
    profile: str | None = None,
    flags: Mapping[Key[Any], tuple[str, Any]] | None = None,
    defaults: Mapping[Key[Any], Any] | None = None,
) -> Settings:
    """Return what is in force; the file is read and understood only if there is one.

    Raises:
        SettingsError: the file, a variable or an option is wrong.
    """
    variables = environment.variables()
    named = profile or variables.get(environment.PROFILE_VARIABLE, "")
    given = Given(
        file=_file(),
        profile=named,
        profile_from="--profile" if profile else environment.PROFILE_VARIABLE,
        environment=variables,
        flags=flags or {},
        defaults=defaults or {},
    )
    return effective_settings(given)


def flags_of(store: Path | None, color: str | None) -> dict[Key[Any], tuple[str, Any]]:
    """Return what the common options of a command line say, by key."""
    flags: dict[Key[Any], tuple[str, Any]] = {}
    if store is not None:
        flags[STORE] = ("--store", str(store))
    if color is not None:
        flags[COLOR] = ("--color", color)
    return flags


def store_place(settings: Settings) -> Path:
    """Return the folder of the store."""
    written = settings[STORE]
    return Path(written).expanduser() if written else environment.data_folder() / "store"


def scope_of(settings: Settings) -> Scope | None:
    """Return what of this machine is meant; None for all of it."""
    added, left_out, excluded = (settings[key] for key in (SOURCES_ADD, SOURCES_LEAVE_OUT, EXCLUDE))
    if not added and not left_out and not excluded:
        return None
    from chatcask.sources import Scope  # noqa: PLC0415 - few people settle any of this

    return Scope(
        added=tuple(Path(text).expanduser().absolute() for text in added),
        left_out=tuple(map(_expanded, left_out)),
        excluded=tuple(map(_expanded, excluded)),
    )


def _expanded(text: str) -> str:
    return str(Path(text).expanduser()) if text.startswith("~") else text


def read_config(path: Path) -> bytes | None:
    """Return the bytes of the config file; None if there is none.

    Raises:
        SettingsError: it cannot be read, or the variable names one that is not there.
    """
    try:
        with path.open("rb") as file:
            return file.read(_MOST_READ)
    except FileNotFoundError as error:
        if not environment.variables().get(environment.CONFIG_VARIABLE):
            return None
        message = f"{environment.CONFIG_VARIABLE} names {path}, and there is no such file"
        raise SettingsError(message, where=str(path)) from error
    except (OSError, ValueError) as error:
        message = f"{path} cannot be read: {getattr(error, 'strerror', None) or error}"
        raise SettingsError(message, where=str(path)) from error


def unknown_variables() -> Iterator[str]:
    """Yield a remark on each variable that looks like one of ours and means nothing."""
    known = {variable_of(key) for key in KEYS} | environment.OTHER_VARIABLES
    for name in sorted(environment.variables()):
        if name.startswith("CHATCASK_") and name not in known:
            from chatcask.settings import did_you_mean  # noqa: PLC0415 - few are misspelled

            meant = did_you_mean(name, known)
            yield f"the variable {name} means nothing" + (f"; did you mean {meant}?" if meant else "")


def _file() -> SettingsFile | None:
    path = environment.config_file()
    data = read_config(path)
    if data is None:
        return None
    from chatcask.settings import parse_settings  # noqa: PLC0415 - only a file needs a parser

    return parse_settings(data, str(path))
