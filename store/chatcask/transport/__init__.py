"""Places to keep bytes, all behind one small contract (docs/format.md section 2)."""

from chatcask.transport.base import ObjectInfo, Transport
from chatcask.transport.exclusive import exclusive
from chatcask.transport.local import LocalTransport
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
    "exclusive",
]
