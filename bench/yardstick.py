"""What the days' changed files take by two simple means: whole, and as the difference from yesterday's.

Both use zstd at level 3. The first is what tools come to that store changed files whole; the second is a
bound for those that know each file's own last version.
"""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_Parameter = zstd.CompressionParameter
_LEVEL = 3
_LARGEST_WINDOW = 27


@dataclass(slots=True)
class Yardstick:
    """Follows a folder; `yesterday` is a copy of it that is kept beside it."""

    folder: Path
    yesterday: Path
    whole_bytes: int = 0
    delta_bytes: int = 0

    def begin(self) -> None:
        """Remember the folder as it is."""
        shutil.copytree(self.folder, self.yesterday, symlinks=True)

    def add_day(self) -> None:
        """Take in what changed since the last call, and remember it."""
        for parent, _, names in os.walk(self.folder):
            for name in names:
                self._add(Path(parent, name))

    def _add(self, path: Path) -> None:
        before = self.yesterday / path.relative_to(self.folder)
        if before.exists() and _stamp(before) == _stamp(path):
            return
        new = path.read_bytes()
        old = before.read_bytes() if before.exists() else b""
        self.whole_bytes += _compressed(new)
        self.delta_bytes += _compressed(new, old)
        before.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, before)


def _stamp(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_size, status.st_mtime_ns


def _compressed(data: bytes, before: bytes = b"") -> int:
    window = max(10, (len(data) + len(before)).bit_length())
    options: dict[int, int] = {
        _Parameter.compression_level: _LEVEL,
        _Parameter.window_log: min(_LARGEST_WINDOW, window),
        # Without it the search forgets the old version before it reaches the end of the new one.
        _Parameter.enable_long_distance_matching: int(bool(before)),
    }
    dictionary = zstd.ZstdDict(before, is_raw=True).as_prefix if before else None
    return len(zstd.compress(data, options=options, zstd_dict=dictionary))
