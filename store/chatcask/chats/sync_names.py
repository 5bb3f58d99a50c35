"""Names that a sync tool gives to a copy of a chat's file: the chat's id, a mark, and whatever follows it."""

from __future__ import annotations

import re

_ID = r"(?P<id>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
_COPY = re.compile(rf"{_ID}(?:[^0-9a-z.]|\.sync-conflict-)", re.IGNORECASE)
"""What follows the id: a host's name or a remark, or the mark that Syncthing writes. Any other ending behind
a dot, such as `.old`, was given by a person, and makes a chat of its own."""


def id_before_mark(name: str) -> str | None:
    """Return the id that a longer name begins with; None if it is not that of a copy.

    An editor gives each chat a UUID and no longer name, so `<id>-HOST` and `<id> (conflicted copy)` are none.
    """
    found = _COPY.match(name)
    return found["id"] if found else None
