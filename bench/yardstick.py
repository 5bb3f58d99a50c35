"""What a day's changed files take by two simple means: whole, and as the difference from yesterday's.

python bench/yardstick.py FOLDER COPY_OF_YESTERDAY

Both use zstd at level 3. The first is what tools come to that store changed files whole; the second is a
bound for those that know each file's own last version.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_Parameter = zstd.CompressionParameter
_LEVEL = 3
_LARGEST_WINDOW = 27


def changed_bytes(folder: Path, yesterday: Path) -> tuple[int, int]:
    """Return what the files that changed take, whole and as differences; bring the copy up to date."""
    whole = delta = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            path = Path(parent, name)
            before = yesterday / path.relative_to(folder)
            if before.exists() and _stamp(before) == _stamp(path):
                continue
            new, old = path.read_bytes(), before.read_bytes() if before.exists() else b""
            whole += _compressed(new)
            delta += _compressed(new, old)
            before.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, before)
    return whole, delta


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


if __name__ == "__main__":
    print(*changed_bytes(Path(sys.argv[1]), Path(sys.argv[2])))
