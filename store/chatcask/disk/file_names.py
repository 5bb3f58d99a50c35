"""Which names Windows cannot hold (Microsoft, "Naming Files, Paths, and Namespaces")."""

from __future__ import annotations

import re

_FORBIDDEN = re.compile(r'[<>:"\\|?*\x00-\x1f]')
_BAD_END = re.compile(r"[ .](/|$)")
_DEVICE = re.compile(
    r"(^|/)(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[1-9\xb9\xb2\xb3]) *([./]|$)", re.IGNORECASE
)
_NOT_TEXT = re.compile("[\ud800-\udfff]")


def windows_problem(path: str) -> str | None:
    """Say why Windows could not hold one of the names in a path; None if it could."""
    if _FORBIDDEN.search(path):
        return "a character is not allowed"
    if _BAD_END.search(path):
        return "a name ends in a space or a dot"
    if _DEVICE.search(path):
        return "a name is that of a device"
    if _NOT_TEXT.search(path):
        return "a name is not text"
    return None
