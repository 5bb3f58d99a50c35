"""Chunks in and out of a store, and where they lie: for programs that walk content themselves."""

from __future__ import annotations

from chatcask.format.chunker import Readable as Readable
from chatcask.format.index import PackIndex as PackIndex
from chatcask.format.pack import Block as Block
from chatcask.format.pack import ChunkKind as ChunkKind
from chatcask.format.pack import Codec as Codec
from chatcask.repository.chunk_reader import ChunkReader as ChunkReader
from chatcask.repository.chunk_reader import ChunkTable as ChunkTable
from chatcask.repository.chunk_writer import ChunkWriter as ChunkWriter
from chatcask.repository.chunk_writer import WriteTotals as WriteTotals
from chatcask.repository.locations import Location as Location
from chatcask.repository.locations import Locations as Locations
