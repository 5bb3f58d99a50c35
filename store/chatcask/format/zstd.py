"""zstd for blocks: one frame each, from the standard library where it has it."""

from __future__ import annotations

import sys

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

from chatcask.errors import DamagedError

_Parameter = zstd.CompressionParameter
_WINDOW_LOG = 23
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
    """Compress to one frame that states its content size; the window is 8 MiB."""
    # The window never needs to be larger than the input; asking for more costs memory for tables.
    window_log = min(_WINDOW_LOG, max(10, (len(raw) - 1).bit_length()))
    options: dict[int, int] = {_Parameter.compression_level: level, _Parameter.window_log: window_log}
    return zstd.compress(raw, options=options | _SEARCH.get(level, {}))


def decompress(stored: bytes | memoryview, raw_length: int) -> bytes:
    """Decompress one frame that must yield exactly `raw_length` bytes.

    The frame cannot make this allocate more than that: output stops one byte later.

    Raises:
        DamagedError: the frame is not valid, or yields another length.
    """
    decompressor = zstd.ZstdDecompressor()
    try:
        raw = decompressor.decompress(stored, max_length=raw_length + 1)
    except zstd.ZstdError as error:
        raise DamagedError(f"compressed bytes are not valid: {error}") from error
    if len(raw) != raw_length or not decompressor.eof or decompressor.unused_data:
        raise DamagedError(f"compressed bytes yield {len(raw)} bytes where {raw_length} were written")
    return raw
