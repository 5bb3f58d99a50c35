"""The rules of pruning lose nothing in random schedules, and each of them is needed.

Schedules and rules are those of `prune_schedule`; docs/format.md section 12 states the rules.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from support.prune_schedule import (
    EVERY_RULE,
    GRACE,
    LIMIT,
    Rule,
    Steps,
    Store,
    forget,
    loses_data,
    prune,
    write,
)

Rules = frozenset[Rule]


def test_no_schedule_loses_data_when_every_rule_is_kept() -> None:
    assert [seed for seed in range(5000) if loses_data(seed)] == []


@pytest.mark.parametrize("rule", [Rule.NONCE, Rule.ABSENT, Rule.RESCUE])
def test_some_schedule_loses_data_without(rule: Rule) -> None:
    rules = EVERY_RULE - {rule}
    assert any(loses_data(seed, rules) for seed in range(20_000))


def _advance(steps: Steps, calls: int) -> None:
    for _ in range(calls):
        next(steps)


def _finish(steps: Steps) -> None:
    for _ in steps:
        pass


def _never() -> bool:
    return False


def _store_with_a_used_condemned_pack() -> Store:
    """Return a store at the end of a grace period: a pack was condemned while a run that uses it went on."""
    store = Store()
    run = write(store, frozenset("c"), EVERY_RULE)
    _advance(run, 6)  # all but the commit
    _finish(prune(store, EVERY_RULE, _never))
    assert store.all_condemned() == set(store.packs)
    _finish(run)
    store.now = GRACE - 1
    return store


def _commit_another_and_forget_the_first(store: Store, rules: Rules) -> None:
    _finish(write(store, frozenset("a"), rules))
    _finish(forget(store, 1))


def _slow_writer(rules: Rules) -> Store:
    """A run that found a chunk waits until the pack that had it was condemned and deleted."""
    store = Store(packs={"p": frozenset("c")}, indexes={"i": {"p": frozenset("c")}})
    run = write(store, frozenset("c"), rules)
    _advance(run, 4)
    _finish(prune(store, rules, _never))
    store.now = GRACE
    _finish(prune(store, rules, _never))
    _finish(run)
    return store


def _parent_is_forgotten(rules: Rules) -> Store:
    """A run takes a chunk over from its parent, which is forgotten before the chunk's pack goes."""
    store = _store_with_a_used_condemned_pack()
    run = write(store, frozenset("c"), rules)
    _advance(run, 2)  # condemned packs and parent are known, in either order
    _commit_another_and_forget_the_first(store, rules)
    store.now += 1
    _finish(prune(store, rules, _never))
    assert store.now - (GRACE - 1) <= LIMIT
    _finish(run)
    return store


def _condemned_is_listed_late(rules: Rules) -> Store:
    """As before, but the list of condemned packs is asked for when it is empty again."""
    store = _store_with_a_used_condemned_pack()
    run = write(store, frozenset("c"), rules)
    _advance(run, 1)  # without the order: the parent; with it: the condemned packs
    _commit_another_and_forget_the_first(store, rules)
    store.now += 1
    _finish(prune(store, rules, _never))
    _finish(run)
    return store


def _forgotten_within_the_grace_period(rules: Rules) -> Store:
    """A snapshot that uses a condemned pack is forgotten just before the pack goes."""
    store = _store_with_a_used_condemned_pack()
    _commit_another_and_forget_the_first(store, rules)
    store.now += 1
    _finish(prune(store, rules, _never))
    return store


def _stale_index_entry(rules: Rules) -> Store:
    """Of two prunes at once, one writes an index anew that names a pack which the other has deleted."""
    packs = {name: frozenset(name) for name in "xyz"}
    store = Store(packs=dict(packs), indexes={"i": packs}, snapshots={"000": frozenset("z")}, now=GRACE)
    store.condemned = {"c0": (frozenset("x"), 0), "c1": (frozenset("y"), 1)}
    slow = prune(store, rules, _never)
    _advance(slow, 5)  # has read the index, and is about to delete x
    store.now += 1
    _finish(prune(store, rules, _never))
    _finish(slow)
    _finish(write(store, frozenset("y"), rules))
    return store


SCENES: dict[Callable[[Rules], Store], Rules] = {
    _slow_writer: frozenset({Rule.WRITER_LIMIT}),
    # While forgotten snapshots can be put back, their chunks stay, and so do those of a forgotten parent:
    # these two rules are a second line behind that one.
    _parent_is_forgotten: frozenset({Rule.PARENT, Rule.RECOVERABLE}),
    _condemned_is_listed_late: frozenset({Rule.ORDER, Rule.RECOVERABLE}),
    _forgotten_within_the_grace_period: frozenset({Rule.RECOVERABLE}),
    _stale_index_entry: frozenset({Rule.LISTED}),
}


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__.strip("_"))
def test_a_scene_that_only_its_rule_saves(scene: Callable[[Rules], Store]) -> None:
    assert scene(EVERY_RULE).lost() == []
    assert scene(EVERY_RULE - SCENES[scene]).lost() != []


@pytest.mark.parametrize("rule", [Rule.PARENT, Rule.ORDER, Rule.RECOVERABLE])
@pytest.mark.parametrize("scene", [_parent_is_forgotten, _condemned_is_listed_late])
def test_either_line_of_defence_holds_alone(scene: Callable[[Rules], Store], rule: Rule) -> None:
    snapshots = {key for key in scene(EVERY_RULE - {rule}).lost() if not key.startswith("000")}
    assert not snapshots


def test_every_rule_has_a_schedule_that_needs_it() -> None:
    shown = {Rule.NONCE, Rule.ABSENT, Rule.RESCUE}.union(*SCENES.values())
    assert shown == EVERY_RULE
