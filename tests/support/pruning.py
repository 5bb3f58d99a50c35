"""Steps that tests of forget, prune and undelete share."""

from __future__ import annotations

import random
from datetime import timedelta

from chatcask.format.index import encode_index
from chatcask.format.pack import ChunkKind
from chatcask.ids import ObjectName, object_name
from chatcask.monitor import NullMonitor
from chatcask.ops.retention.forget import apply_forget, plan_forget_by_name, plan_forget_by_policy
from chatcask.ops.retention.policy import ForgetPlan, RetentionPolicy
from chatcask.ops.retention.prune import PruneResult, prune
from chatcask.repository.index_objects import read_indexes
from chatcask.repository.keys import (
    PACKS,
    SnapshotReference,
    index_key,
)
from support.place_clock import ClockedTransport
from support.worlds import World

A, B = "w1/chatSessions/a.jsonl", "w1/chatSessions/b.jsonl"
DAY = timedelta(days=1)


def text(seed: int, length: int = 6000) -> bytes:
    return random.Random(seed).randbytes(length)


def take(world: World, files: dict[str, bytes]) -> SnapshotReference:
    world.replace_all(files)
    reference = world.take().reference
    assert reference is not None
    return reference


def run_prune(world: World) -> PruneResult:
    with world.open() as repository:
        return prune(repository, NullMonitor())


def run_forget(world: World, *references: SnapshotReference) -> None:
    with world.open() as repository:
        plan = plan_forget_by_name(repository, references)
        apply_forget(repository, plan, allow_losing_chats=True, monitor=NullMonitor())


def plan_policy(world: World, policy: RetentionPolicy) -> ForgetPlan:
    with world.open() as repository:
        return plan_forget_by_policy(repository, policy, lambda moment: moment)


def index_trees_only(place: ClockedTransport) -> list[ObjectName]:
    """Lose what the store's only index says of packs with data; return those packs."""
    [(info, rows)] = read_indexes(place, [].append)
    trees = [row for row in rows if any(block.kind is ChunkKind.TREE for block in row.blocks)]
    partial = encode_index(trees)
    place.delete(info.key)
    place.put(index_key(object_name(partial)), partial)
    return [row.pack for row in rows if row not in trees]


def stored(world: World) -> int:
    return sum(info.size for info in world.transport.list(PACKS))
