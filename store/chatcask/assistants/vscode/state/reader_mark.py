"""How a process shows others that it reads state databases as chatcask does: shortly, and never to write.

The mark is an open file without a place, which Linux lists among a process's open files. It is made before
the first database is opened and kept until the process ends, so that no look at the open files finds the
database without the mark.
"""

from __future__ import annotations

import os
from contextlib import suppress
from functools import cache

READER_MARK = "chatcask-reads"
"""The mark's name."""


@cache
def mark_as_reader() -> int | None:
    """Make this process known as a reader; return the open file, or None where there is no such thing.

    Without a mark another run takes this process for an editor's, and waits for nothing but its end.
    """
    with suppress(AttributeError, OSError):
        return os.memfd_create(READER_MARK)
    return None
