"""Which names Windows cannot hold (Microsoft, "Naming Files, Paths, and Namespaces")."""

from __future__ import annotations

_RESERVED = frozenset(
    ["con", "prn", "aux", "nul", "conin$", "conout$"]
    + [f"{device}{number}" for device in ("com", "lpt") for number in "123456789\u00b9\u00b2\u00b3"]
)
_FORBIDDEN = frozenset('<>:"\\|?*')


def windows_problem(path: str) -> str | None:
    """Say why Windows could not hold one of the names in a path; None if it could."""
    for name in path.split("/"):
        if any(character in _FORBIDDEN or ord(character) < 32 for character in name):
            return f"{name!r} has a character that is not allowed"
        if name.endswith((" ", ".")):
            return f"{name!r} ends in a space or a dot"
        if name.partition(".")[0].rstrip().lower() in _RESERVED:
            return f"{name!r} is the name of a device"
        if any(0xDC80 <= ord(character) <= 0xDCFF for character in name):
            return f"{name!r} is not text"
    return None
