"""zstd for blocks: one frame each, from the standard library where it has it."""

from __future__ import annotations

import sys

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd


_Parameter = zstd.CompressionParameter
_WINDOW_LOG = 23
_OUT_OF_MEMORY = "not enough memory"
"""What zstd's own text says when the system gave it none; it has no other sign."""
_STEP = 32 * 1024
_SEARCH: dict[int, dict[int, int]] = {
    3: {_Parameter.hash_log: 18, _Parameter.chain_log: 16, _Parameter.min_match: 6},
    9: {
        _Parameter.hash_log: 20,
        _Parameter.chain_log: 18,
        _Parameter.search_log: 5,
        _Parameter.min_match: 6,
    },
}
"""What suits megabytes of chats better than zstd's own choice for a level: no time for short matches, more
for long ones (docs/benchmarks.md has the numbers)."""


def compress(raw: bytes | bytearray | memoryview, level: int) -> bytes:
    """Compress to one frame that states its content size; the window is 8 MiB.

    Raises:
        MemoryError: zstd was given too little memory.
    """
    # The window never needs to be larger than the input; asking for more costs memory for tables.
    window_log = min(_WINDOW_LOG, max(10, (len(raw) - 1).bit_length()))
    options: dict[int, int] = {_Parameter.compression_level: level, _Parameter.window_log: window_log}
    try:
        return zstd.compress(raw, options=options | _SEARCH.get(level, {}))
    except zstd.ZstdError as error:
        raise MemoryError(str(error)) from error


def content_size(stored: bytes) -> int | None:
    """Return how many bytes a frame says it yields; None if it does not say so or is no frame."""
    try:
        return zstd.get_frame_info(stored).decompressed_size
    except zstd.ZstdError:
        return None


class Decompressor:
    """Decompresses one frame from its start, as far as is asked for, into memory that the caller provides.

    It goes in small steps: asked for megabytes at once, zstd is given fresh memory each time, and the system
    takes three times as long to find that as zstd to fill it.
    """

    def __init__(self, stored: bytes) -> None:
        self._decompressor = zstd.ZstdDecompressor()
        self._unread = stored
        self.damage = ""
        """Why the frame cannot be read beyond what was given; empty while it can."""

    @property
    def has_ended(self) -> bool:
        """Whether the frame ended, and the bytes given with it."""
        return self._decompressor.eof and not self._decompressor.unused_data

    def read_into(self, target: memoryview) -> int:
        """Fill the target from its start; return how many bytes, fewer where the frame ends or is damaged.

        Raises:
            MemoryError: zstd was given too little memory, which is no damage.
        """
        done = 0
        while done < len(target) and not self._decompressor.eof and not self.damage:
            step = min(_STEP, len(target) - done)
            try:
                piece = self._decompressor.decompress(self._unread, max_length=step)
            except zstd.ZstdError as error:
                if _OUT_OF_MEMORY in str(error):
                    raise MemoryError(str(error)) from error
                self.damage = f"compressed bytes are not valid: {error}"
                break
            self._unread = b""
            if not piece:
                break  # cut short
            target[done : done + len(piece)] = piece
            done += len(piece)
        return done
