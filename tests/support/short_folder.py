"""A folder whose path is short enough for sockets, however long the path of a test's own folder is."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory


@contextmanager
def short_folder() -> Iterator[Path]:
    """Give a folder for the time of a `with` block; a socket's path may have 100 bytes or so."""
    roots = [root for root in ("/tmp", "/var/tmp") if os.access(root, os.W_OK)]
    with TemporaryDirectory(prefix="cask-", dir=roots[0] if roots else None) as name:
        yield Path(name).resolve()
