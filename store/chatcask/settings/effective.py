"""What is in force: defaults, overridden by the file, that by variables, and those by a command line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from chatcask.errors import SettingsError
from chatcask.settings.keys import KEYS, Key
from chatcask.settings.settings import Origin, OriginKind, Setting, Settings

if TYPE_CHECKING:
    from chatcask.settings.file import SettingsFile

_PREFIX = "CHATCASK_"


@dataclass(frozen=True, slots=True)
class Given:
    """What is known beside the defaults.

    Attributes:
        file: The file, if there is one.
        profile: The profile of it that is wanted, or "".
        profile_from: The option or variable that names the profile.
        environment: All variables of the process.
        flags: What the command line said, by the key it is about: the option's name and the value.
        defaults: Values, as a file has them, of keys whose default depends on the machine.
    """

    file: SettingsFile | None = None
    profile: str = ""
    profile_from: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    flags: Mapping[Key[Any], tuple[str, Any]] = field(default_factory=dict)
    defaults: Mapping[Key[Any], Any] = field(default_factory=dict)


def variable_of(key: Key[Any]) -> str:
    """Return the variable that overrides a key's value: `CHATCASK_DISPLAY_COLOR`."""
    return _PREFIX + key.name.replace(".", "_").upper()


def effective_settings(given: Given) -> Settings:
    """Return the settings in force.

    Raises:
        SettingsError: a variable or option has a value of another kind, or there is no such profile.
    """
    found: dict[str, Setting] = {}
    if given.profile and (given.file is None or given.profile not in given.file.profiles):
        raise _no_profile(given)
    for key in KEYS:
        default = given.defaults.get(key, key.default)
        found[key.name] = _setting(key, default, Origin(OriginKind.DEFAULT))
    if given.file is not None:
        for name in ["", given.profile] if given.profile else [""]:
            origin = Origin(OriginKind.FILE, given.file.name, name)
            values = given.file.profiles[name] if name else given.file.values
            for key, written in values.items():
                found[key.name] = _setting(key, written, origin)
    for key in KEYS:
        text = given.environment.get(variable_of(key))
        if text:
            origin = Origin(OriginKind.ENVIRONMENT, variable_of(key))
            found[key.name] = _setting(key, _from_variable(key, text), origin)
    for key, (option, written) in given.flags.items():
        found[key.name] = _setting(key, written, Origin(OriginKind.FLAG, option))
    return Settings(found)


def _setting(key: Key[Any], written: Any, origin: Origin) -> Setting:
    try:
        return Setting(key, written, key.kind.read(written), origin)
    except ValueError:
        raise SettingsError(
            f"{origin.name}: {key.name} must be {key.kind.expected}",
            where=origin.name,
            key=key.name,
            expected=key.kind.expected,
        ) from None


def _from_variable(key: Key[Any], text: str) -> Any:
    """Return what a variable says as a file would have it; what is no TOML is left to the kind to refuse."""
    if key.kind.is_text:
        return text
    if key.kind.is_list and not text.lstrip().startswith("["):
        return [text]
    from chatcask.settings.file import toml_value  # noqa: PLC0415 - few variables hold TOML

    return toml_value(text)


def _no_profile(given: Given) -> SettingsError:
    from chatcask.settings.file import did_you_mean  # noqa: PLC0415 - few profiles are misspelled

    file = given.file
    meant = did_you_mean(given.profile, file.profiles) if file else ""
    where = file.name if file else ""
    place = f"{where} has" if where else "there is no config file, so there is"
    hint = f"; did you mean '{meant}'?" if meant else ""
    return SettingsError(
        f"{given.profile_from}: {place} no profile '{given.profile}'{hint}",
        where=where,
        key=f"profiles.{given.profile}",
        suggestion=meant,
    )
