"""Sizes, ratios and growth of a store."""

from __future__ import annotations

from chatcask.ops.stats.measure import store_stats as store_stats
from chatcask.ops.stats.sizes import ChatSize as ChatSize
from chatcask.ops.stats.sizes import ChunkSizes as ChunkSizes
from chatcask.ops.stats.sizes import EditorSizes as EditorSizes
from chatcask.ops.stats.sizes import FolderSizes as FolderSizes
from chatcask.ops.stats.sizes import MonthGrowth as MonthGrowth
from chatcask.ops.stats.sizes import ObjectSizes as ObjectSizes
from chatcask.ops.stats.sizes import StoreStats as StoreStats
from chatcask.ops.stats.sizes import WorkspaceSizes as WorkspaceSizes
