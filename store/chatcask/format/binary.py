"""What all binary objects share: the magic and version before them, and msgpack that cannot surprise."""

from __future__ import annotations

import struct
from typing import Any

import msgpack

from chatcask.advice import Advice, AdviceCode
from chatcask.errors import DamagedError, UnsupportedFormatError

VERSION = 1
_FAMILY = b"CASK"
_PREFIX = struct.Struct("<8sI")
PREFIX_SIZE = _PREFIX.size


def add_prefix(magic: bytes, body: bytes) -> bytes:
    """Return `body` behind the 8-byte magic and the version."""
    return _PREFIX.pack(magic, VERSION) + body


def strip_prefix(magic: bytes, data: bytes, what: str) -> bytes:
    """Return what follows the prefix.

    Raises:
        DamagedError: `data` does not begin with the magic.
        UnsupportedFormatError: the version is newer than this program.
    """
    if len(data) < PREFIX_SIZE:
        raise DamagedError(f"{what} is cut short ({len(data)} bytes)")
    if not data.startswith(magic):
        raise DamagedError(f"{what} does not begin with {magic.decode()}")
    require_known_version(data, what)
    return data[PREFIX_SIZE:]


def require_known_version(data: bytes, what: str) -> None:
    """Refuse an object whose prefix states a version that this program does not know.

    Raises:
        UnsupportedFormatError: the version is newer than this program.
    """
    if len(data) < PREFIX_SIZE or not data.startswith(_FAMILY):
        return
    _, version = _PREFIX.unpack_from(data)
    if version > VERSION:
        raise UnsupportedFormatError(
            f"{what} has version {version}; this program knows up to {VERSION}",
            advice=Advice(AdviceCode.INSTALL_NEWER),
        )


def pack_value(value: object) -> bytes:
    """Encode a value as msgpack."""
    encoded: bytes = msgpack.packb(value, use_bin_type=True)
    return encoded


def unpack_value(data: bytes | memoryview, what: str) -> Any:
    """Decode one msgpack value that fills `data` exactly.

    Raises:
        DamagedError: it is not msgpack, is cut short, or is followed by more bytes.
    """
    try:
        # Passing over it first takes no memory and shows that all it claims to hold is there; else a few
        # nested headers could make room for a million values each.
        unpacker = msgpack.Unpacker(max_buffer_size=0)
        unpacker.feed(data)
        unpacker.skip()
        return msgpack.unpackb(data, raw=False, use_list=True, strict_map_key=True)
    except (ValueError, TypeError, msgpack.UnpackException, RecursionError) as error:
        raise DamagedError(f"{what} cannot be decoded: {error or type(error).__name__}") from error


def packable_text(text: str) -> str | bytes:
    """Return text as msgpack can hold it: with lone surrogates, as names of files may have them, as bytes."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")
    return text


def unpacked_text(value: object) -> str:
    """Return what `packable_text` was given."""
    return value.decode("utf-8", "surrogatepass") if isinstance(value, bytes) else str(value)
