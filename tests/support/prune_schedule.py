"""A model of writers, forgets, undeletes and concurrent prunes, run step by step in random order.

The store is four dictionaries. Every actor is a generator that yields after each call it would make to the
store, so a schedule may let any other actor act between any two calls. A rule that is left out of `rules` is
not kept by the actors; the test shows that the store then loses data.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

GRACE = 6
LIMIT = 2
Chunks = frozenset[str]
Steps = Iterator[None]


class Rule(StrEnum):
    """One promise of docs/format.md section 12 that an actor keeps."""

    NONCE = "a pack written again has another name"
    ABSENT = "a condemned pack counts as absent"
    PARENT = "what is carried over from the parent is checked against the condemned packs too"
    ORDER = "condemned packs are listed before snapshots"
    LISTED = "an index entry counts only while its pack is listed"
    WRITER_LIMIT = "a writer that took too long does not commit"
    RESCUE = "used chunks of condemned packs are copied before the packs are deleted"
    RECOVERABLE = "forgotten snapshots that can be put back count as used when packs are deleted"


EVERY_RULE = frozenset(Rule)


@dataclass
class Store:
    """What the place holds, and its clock."""

    packs: dict[str, Chunks] = field(default_factory=dict)
    indexes: dict[str, dict[str, Chunks]] = field(default_factory=dict)
    condemned: dict[str, tuple[frozenset[str], int]] = field(default_factory=dict)
    snapshots: dict[str, Chunks] = field(default_factory=dict)
    forgotten: dict[str, tuple[Chunks, int]] = field(default_factory=dict)
    now: int = 0
    names: int = 0

    def name(self, prefix: str) -> str:
        self.names += 1
        return f"{prefix}{self.names:04d}"

    def put_pack(self, chunks: Chunks, rules: frozenset[Rule]) -> str:
        name = "".join(sorted(chunks))
        if Rule.NONCE in rules:
            name = self.name(f"{name}-")
        self.packs[name] = chunks
        return name

    def put_index(self, packs: Mapping[str, Chunks]) -> None:
        self.indexes[self.name("i")] = dict(packs)

    def all_condemned(self) -> frozenset[str]:
        return _union(packs for packs, _ in self.condemned.values())

    def where(self) -> dict[str, Chunks]:
        found: dict[str, Chunks] = {}
        for index in self.indexes.values():
            found.update(index)
        return found

    def lost(self) -> list[str]:
        """Return the snapshots that could not be restored now, and forgotten ones within the grace period."""
        kept = _union(chunks & self.packs.get(pack, frozenset()) for pack, chunks in self.where().items())
        recent = {k: chunks for k, (chunks, at) in self.forgotten.items() if self.now - at < GRACE}
        return [key for key, chunks in {**recent, **self.snapshots}.items() if not chunks <= kept]


def _union(sets: Iterable[frozenset[str]]) -> frozenset[str]:
    return frozenset().union(*sets)


def _known(
    view: Mapping[str, Chunks], present: set[str], condemned: frozenset[str], rules: frozenset[Rule]
) -> Chunks:
    """Return the chunks that a writer may rely on."""
    return _union(
        chunks
        for pack, chunks in view.items()
        if not (Rule.ABSENT in rules and pack in condemned)
        and not (Rule.LISTED in rules and pack not in present)
    )


def write(store: Store, wanted: Chunks, rules: frozenset[Rule]) -> Steps:
    """Take a snapshot whose content is `wanted`."""
    began = store.now
    condemned: frozenset[str] = frozenset()
    if Rule.ORDER in rules:
        condemned = store.all_condemned()
        yield
    parent = store.snapshots[max(store.snapshots)] if store.snapshots else frozenset()
    yield
    if Rule.ORDER not in rules:
        condemned = store.all_condemned()
        yield
    view = store.where()
    yield
    present = set(store.packs)
    yield
    known = _known(view, present, condemned, rules)
    trusted = parent if Rule.PARENT not in rules or not condemned else parent & known
    yield from _store_new(store, wanted - trusted - known, rules)
    if Rule.WRITER_LIMIT in rules and store.now - began > LIMIT:
        return
    store.snapshots[store.name(f"{store.now:03d}-")] = wanted


def undelete(store: Store, rules: frozenset[Rule]) -> Steps:
    """Put a forgotten snapshot back, copying what only condemned packs hold."""
    began = store.now
    condemned = store.all_condemned()
    yield
    if not store.forgotten:
        return
    key = max(store.forgotten)
    wanted, _ = store.forgotten[key]
    yield
    view = store.where()
    yield
    present = set(store.packs)
    yield
    missing = wanted - _known(view, present, condemned, rules)
    if not missing <= _union(store.packs.get(pack, frozenset()) for pack in view):
        return
    yield from _store_new(store, missing, rules)
    if Rule.WRITER_LIMIT in rules and store.now - began > LIMIT:
        return
    store.snapshots[key] = wanted


def _store_new(store: Store, chunks: Chunks, rules: frozenset[Rule]) -> Steps:
    if chunks:
        pack = store.put_pack(chunks, rules)
        yield
        store.put_index({pack: chunks})
        yield


def forget(store: Store, keep: int) -> Steps:
    """Forget all but the newest snapshots."""
    yield
    for key in sorted(store.snapshots)[:-keep]:
        chunks = store.snapshots.get(key)
        if chunks is None:
            continue
        store.forgotten[key] = (chunks, store.now)
        yield
        store.snapshots.pop(key, None)


def prune(store: Store, rules: frozenset[Rule], pick: Callable[[], bool]) -> Steps:
    """Condemn what nothing needs, then delete what was condemned long enough ago."""
    stamp = yield from _condemn(store, rules, pick)
    if stamp is None:
        return
    ripe = {key: packs for key, (packs, at) in store.condemned.items() if stamp - at >= GRACE}
    if ripe:
        yield from _delete(store, rules, stamp, ripe)


def _condemn(
    store: Store, rules: frozenset[Rule], pick: Callable[[], bool]
) -> Generator[None, None, int | None]:
    began = store.now
    view = store.where()
    yield
    packs = dict(store.packs)
    yield
    live = _union(store.snapshots.values())
    yield
    already = store.all_condemned()
    yield
    useful = _keepers({p: c for p, c in packs.items() if p not in already and p in view}, live)
    held = _union(useful.values())
    gone = set()
    for pack, chunks in packs.items():
        used = useful.get(pack, chunks & live - held)
        if pack in already or (used and (used == chunks or pack not in view or pick())):
            continue
        if used:
            copy = store.put_pack(used, rules)
            if copy == pack:
                continue
            yield
            store.put_index({copy: used})
            yield
        gone.add(pack)
    if store.now - began > LIMIT:
        return None
    if gone:
        store.condemned[store.name("c")] = (frozenset(gone), store.now)
    return store.now


def _keepers(packs: Mapping[str, Chunks], live: Chunks) -> dict[str, Chunks]:
    """Let one pack keep each used chunk, preferring packs that are used most."""
    placed: Chunks = frozenset()
    kept = {}
    for pack in sorted(packs, key=lambda name: (-len(packs[name] & live) / len(packs[name]), name)):
        kept[pack] = packs[pack] & live - placed
        placed |= kept[pack]
    return kept


def _delete(store: Store, rules: frozenset[Rule], stamp: int, ripe: Mapping[str, frozenset[str]]) -> Steps:
    began = store.now
    newest_ripe = max((store.condemned[key][1] for key in ripe if key in store.condemned), default=stamp)
    indexes = dict(store.indexes)
    yield
    here = dict(store.packs)
    yield
    live = _union(store.snapshots.values())
    yield
    expired = {k for k, (_, at) in store.forgotten.items() if stamp - at >= GRACE and at <= newest_ripe}
    if Rule.RECOVERABLE in rules:
        live |= _union(chunks for key, (chunks, _) in store.forgotten.items() if key not in expired)
    yield
    kill = _union(ripe.values())
    condemned = store.all_condemned() | kill
    yield
    if Rule.RESCUE in rules:
        view = {pack: chunks for index in indexes.values() for pack, chunks in index.items()}
        safe = _union(c for pack, c in view.items() if pack in here and pack not in condemned)
        needed = _union(here.get(pack, frozenset()) & live for pack in kill) - safe
        if not needed <= _union(store.packs.get(pack, frozenset()) for pack in kill):
            return
        yield from _store_new(store, needed, rules)
    touched = {name: index for name, index in indexes.items() if set(index) & kill}
    rest = {p: c for index in touched.values() for p, c in index.items() if p not in kill}
    for removing, names in _deletions(store, expired, touched, kill, ripe):
        if removing is store.indexes and rest:
            store.put_index(rest)
            yield
        for name in sorted(names):
            if store.now - began > LIMIT:
                return
            removing.pop(name, None)
            yield


def _deletions(
    store: Store, forgotten: Iterable[str], indexes: Iterable[str], packs: Iterable[str], ripe: Iterable[str]
) -> Iterator[tuple[dict[str, Any], Iterable[str]]]:
    """Yield what the second phase deletes, in its order."""
    yield store.forgotten, forgotten
    yield store.indexes, indexes
    yield store.packs, packs
    yield store.condemned, ripe


@dataclass(frozen=True)
class Shape:
    """How a schedule is drawn: chances per step, and how many actors it may start."""

    clock: float = 0.16
    start: float = 0.22
    actors: int = 16
    steps: int = 150
    writers: float = 0.4
    forgets: float = 0.17
    undeletes: float = 0.08


def loses_data(seed: int, rules: frozenset[Rule] = EVERY_RULE, shape: Shape = Shape()) -> bool:
    """Run one random schedule; tell whether at any moment a snapshot could not have been restored."""
    draw = random.Random(seed)
    store = Store(packs={"a": frozenset("a"), "bd": frozenset("bd")})
    store.indexes = {"i0": dict(store.packs)}
    store.snapshots = {"000-0000": frozenset("abd")}
    acting: list[Steps] = []
    left = shape.actors
    for _ in range(shape.steps):
        chance = draw.random()
        if chance < shape.clock:
            store.now += draw.choice([1, 1, 1, 3, GRACE])
        elif chance < shape.clock + shape.start and left:
            left -= 1
            acting.append(_start(store, draw, rules, shape))
        elif acting:
            number = draw.randrange(len(acting))
            try:
                next(acting[number])
            except StopIteration:
                acting.pop(number)
            if store.lost():
                return True
    return False


def _start(store: Store, draw: random.Random, rules: frozenset[Rule], shape: Shape) -> Steps:
    kind = draw.random()
    if kind < shape.writers:
        return write(store, frozenset(draw.sample("abcd", draw.randint(1, 3))), rules)
    kind -= shape.writers
    if kind < shape.forgets:
        return forget(store, draw.choice([1, 1, 2]))
    if kind - shape.forgets < shape.undeletes:
        return undelete(store, rules)
    return prune(store, rules, lambda: draw.random() < 0.3)
