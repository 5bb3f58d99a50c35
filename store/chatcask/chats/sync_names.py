"""Names that a sync tool gives to a copy of a chat's file: the chat's id, a mark, and whatever follows it."""

from __future__ import annotations

import re

_COPY = re.compile(r"(?P<id>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})[^0-9a-z]", re.IGNORECASE)


def id_before_mark(name: str) -> str | None:
    """Return the id that a longer name begins with; None if it is not that of a copy.

    An editor gives each chat a UUID and no longer name, so `<id>-HOST` and `<id> (conflicted copy)` are none.
    """
    found = _COPY.match(name)
    return found["id"] if found else None
