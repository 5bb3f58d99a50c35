"""Which packs a prune condemns and which it repacks: a choice from counts, without touching the store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chatcask.format.pack import TARGET_PACK_SIZE
from chatcask.ids import ObjectName
from chatcask.ops.retention.usage import PackUse, Usage

_HALF_DEAD = 0.5
_TOLERATED = 0.05
_SMALL = TARGET_PACK_SIZE // 4
_MANY_SMALL = 32


@dataclass(frozen=True, slots=True)
class PrunePlan:
    """What the first phase does.

    Attributes:
        dead: Packs that no snapshot needs.
        repack: Packs whose used chunks are copied to new packs.
        bytes_dead: What the dead packs take.
        bytes_repacked: What the packs to repack take.
        bytes_unused: What of those is not used.
    """

    dead: tuple[ObjectName, ...]
    repack: tuple[ObjectName, ...]
    bytes_dead: int
    bytes_repacked: int
    bytes_unused: int

    @property
    def bytes_freed(self) -> int:
        """What the second phase will free, not counting what compressing harder gains."""
        return self.bytes_dead + self.bytes_unused


def plan_prune(usage: Usage) -> PrunePlan:
    """Choose packs. `usage` has counted all snapshots and loaded all packs, condemned ones left out.

    Of packs that share chunks one keeps each, so what two runs stored at the same time is kept once.
    """
    packs = sorted(usage.packs(), key=_preference)
    kept = {pack.name: usage.keep(pack.name) for pack in packs}
    # What cannot be looked into may hold what is missing elsewhere.
    complete = usage.keeps_all()
    dead = [pack for pack in packs if not kept[pack.name] and (pack.chunk_bytes or complete)]
    staying = [pack for pack in packs if kept[pack.name] and pack.indexed]
    wasteful = _wasteful(staying, kept)
    small = [pack for pack in staying if pack.size < _SMALL and pack not in wasteful]
    if len(small) < _MANY_SMALL and sum(pack.size for pack in small) < TARGET_PACK_SIZE:
        small = []
    repack = wasteful + small
    return PrunePlan(
        dead=tuple(pack.name for pack in dead),
        repack=tuple(pack.name for pack in repack),
        bytes_dead=sum(pack.size for pack in dead),
        bytes_repacked=sum(pack.size for pack in repack),
        bytes_unused=sum(pack.chunk_bytes - kept[pack.name] for pack in wasteful),
    )


def _wasteful(packs: Sequence[PackUse], kept: Mapping[ObjectName, int]) -> list[PackUse]:
    """Return half-dead packs, and the worst of the others until little is left that nobody needs."""
    unused = {pack.name: pack.chunk_bytes - kept[pack.name] for pack in packs}
    worst_first = sorted(packs, key=lambda pack: (-unused[pack.name] / pack.chunk_bytes, pack.name))
    tolerated = sum(pack.chunk_bytes for pack in packs) * _TOLERATED
    left = sum(unused.values())
    chosen = []
    for pack in worst_first:
        if unused[pack.name] < pack.chunk_bytes * _HALF_DEAD and left <= tolerated:
            break
        chosen.append(pack)
        left -= unused[pack.name]
    return chosen


def _preference(pack: PackUse) -> tuple[bool, float, int, str]:
    """Order packs by how gladly they are kept: indexed ones, those used most, large ones."""
    return (not pack.indexed, -pack.used_bytes / max(1, pack.chunk_bytes), -pack.size, pack.name)
