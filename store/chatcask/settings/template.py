"""Settings as the text of a config file: what is in force with its origins, and all keys to begin with."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from chatcask.settings.keys import KEYS
from chatcask.settings.settings import OriginKind, Setting, Settings
from chatcask.settings.writing import toml_text

_WIDTH = 98


def settings_lines(settings: Settings) -> Iterator[tuple[str, str]]:
    """Yield each key with its value as a line of a config file, and who said so, in words."""
    for setting in settings.by_name.values():
        yield f"{setting.key.name} = {toml_text(setting.written)}", _origin_text(setting)


def template_lines() -> Iterator[str]:
    """Yield a config file that says nothing yet: all keys with their meanings and defaults, as comments."""
    yield "# What holds for every command. Take away the # of a line to change it; docs/config.md tells more."
    table = ""
    for key in KEYS:
        place, _, name = key.name.rpartition(".")
        if place != table:
            yield ""
            yield f"[{place}]"
            table = place
        for line in textwrap.wrap(f"{key.about} ({key.kind.name})", _WIDTH):
            yield f"# {line}"
        yield f"#{name} = {toml_text(key.default)}"


def _origin_text(setting: Setting) -> str:
    origin = setting.origin
    if origin.kind is OriginKind.DEFAULT:
        return "default"
    return f"{origin.name} [profiles.{origin.profile}]" if origin.profile else origin.name
