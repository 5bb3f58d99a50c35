"""Where the last sample of stored data ended, kept on this machine so that the next goes on there."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path


class ReadWindow:
    """One store's window. Losing the file costs nothing: the next sample begins anew."""

    def __init__(self, cache_folder: Path, store_id: str) -> None:
        self._path = cache_folder / f"{store_id}.read-data"

    def start(self) -> float:
        """Return where the next sample begins, from 0 up to 1."""
        try:
            start = float(self._path.read_text(encoding="ascii"))
        except (OSError, ValueError):
            return 0.0
        return start if 0 <= start < 1 else 0.0

    def next_start(self, position: float) -> None:
        """Remember where the next sample begins."""
        with suppress(OSError):
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._path.write_text(f"{position:.9f}", encoding="ascii")
