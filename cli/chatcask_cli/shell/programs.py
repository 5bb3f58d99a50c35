"""The one place from which other programs are started."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence


def become(command: Sequence[str]) -> int:  # noqa: RET503 - or it does not return
    """Go on as another program; where that cannot be had, run it and return its exit code.

    Raises:
        OSError: it cannot be started.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    if sys.platform == "win32":
        return subprocess.call(command)
    else:  # noqa: RET505 - so that type checkers see one system at a time
        os.execv(command[0], list(command))  # noqa: S606 - no shell is wanted
