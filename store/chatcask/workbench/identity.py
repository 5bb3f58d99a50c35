"""Who works here: a random id of this user on this machine, kept in a file of this user's data folder.

A host name changes with the network, and a container has a new one each time; the id stays. It is made by the
first run that writes. Two machines that share the file, since a home folder was copied, are one origin: their
runs follow each other as two runs of one machine would.
"""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

from chatcask.disk.durable import (
    make_durable,
    make_folder,
    open_new,
    rename_new,
    sync_folder,
    temporary_beside,
)

ORIGIN_DIGITS = 16
_DIGITS = frozenset("0123456789abcdef")
_FILE = "identity"
_LARGEST = 4096


def read_origin(folder: Path) -> str | None:
    """Return the origin that a folder keeps; None if there is no file, or none that can be understood."""
    try:
        with (folder / _FILE).open("rb") as file:
            origin = json.loads(file.read(_LARGEST))["origin"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    is_one = isinstance(origin, str) and len(origin) == ORIGIN_DIGITS and set(origin) <= _DIGITS
    return origin if is_one else None


def keep_origin(folder: Path, origin: str) -> str:
    """Make an origin durable; return the one that holds: another process may have been first.

    Where nothing can be written the id serves for one run, and the next one goes on from its snapshots by
    what they have of the same folder.
    """
    path = folder / _FILE
    temporary = temporary_beside(path)
    try:
        make_folder(folder, 0o700)
        with open_new(temporary, 0o600) as file:
            file.write(json.dumps({"origin": origin}).encode() + b"\n")
            make_durable(file)
        try:
            rename_new(temporary, path)
        except FileExistsError:
            if (known := read_origin(folder)) is not None:
                return known
            temporary.replace(path)  # what is there says nothing
        sync_folder(folder)
    except OSError:
        return origin
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
    return origin
