"""Places to keep bytes, all behind one small contract (docs/format.md section 2)."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from chatcask.transport.base import ObjectInfo, Transport
from chatcask.transport.local import LocalTransport

if TYPE_CHECKING:
    from chatcask.transport.memory import MemoryTransport
    from chatcask.transport.wrap import (
        FaultInjectedError,
        FaultyTransport,
        LatencyTransport,
        ReadOnlyTransport,
        RecordingTransport,
    )

__all__ = [
    "FaultInjectedError",
    "FaultyTransport",
    "LatencyTransport",
    "LocalTransport",
    "MemoryTransport",
    "ObjectInfo",
    "ReadOnlyTransport",
    "RecordingTransport",
    "Transport",
]


def __getattr__(name: str) -> object:
    """Import a public name on first use."""
    if name not in __all__:
        raise AttributeError(f"module 'chatcask.transport' has no attribute {name!r}")
    home = "memory" if name == "MemoryTransport" else "wrap"  # an unchanged run needs neither
    return getattr(import_module(f"chatcask.transport.{home}"), name)
