from chatcask.transport.base import ObjectInfo as ObjectInfo
from chatcask.transport.base import Transport as Transport
from chatcask.transport.exclusive import exclusive as exclusive
from chatcask.transport.local import LocalTransport as LocalTransport
from chatcask.transport.memory import MemoryTransport as MemoryTransport
from chatcask.transport.wrap import ReadOnlyTransport as ReadOnlyTransport
