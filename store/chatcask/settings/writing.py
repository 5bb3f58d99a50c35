"""A value as TOML writes it: of texts, whole numbers, booleans and arrays of texts."""

from __future__ import annotations

from typing import Any

_SHORT = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def toml_text(value: Any) -> str:
    """Return a value as it would stand in a file; only what can be seen stands in it as it is."""
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case str():
            return f'"{"".join(map(_character, value))}"'
        case _:
            return f"[{', '.join(map(toml_text, value))}]"


def _character(character: str) -> str:
    if character in _SHORT:
        return _SHORT[character]
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
