"""Makes long natural-looking text fast: half sentences are prepared once and joined by random numbers.

All strings made here are already escaped for a JSON string, so that sessions are joined and not encoded.
"""

from __future__ import annotations

import random
from array import array
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from simulation.words import ADJECTIVES, CONNECTIVES, NOUNS, OPENERS, VERBS

_TABLE_SIZE = 1 << 16
_DIFFERENT_PIECES = 20_000
_NEWLINE = "\\n"
_TYPES = ("int", "str", "bytes", "float", "bool", "Path", "list[str]", "dict[str, int]", "None")


@dataclass(frozen=True, slots=True)
class Table:
    """Beginnings and endings; any beginning goes with any ending. Common ones stand in many places."""

    beginnings: tuple[str, ...]
    endings: tuple[str, ...]
    mean_length: float

    def text(self, rng: random.Random, length: int) -> str:
        """Return about `length` characters of whole lines or clauses."""
        return "".join(self.lines(rng, max(1, round(length / self.mean_length))))

    def lines(self, rng: random.Random, count: int) -> list[str]:
        """Return `count` lines or clauses."""
        numbers = array("H")
        numbers.frombytes(rng.randbytes(4 * count))
        first = map(self.beginnings.__getitem__, numbers[:count])
        second = map(self.endings.__getitem__, numbers[count:])
        return [beginning + ending for beginning, ending in zip(first, second, strict=True)]


@cache
def prose() -> Table:
    """Return the table of clauses of plain English."""
    rng = random.Random("prose")
    nouns, verbs, adjectives = (_skewed(rng, words) for words in (NOUNS, VERBS, ADJECTIVES))

    def thing() -> str:
        shape = rng.random()
        if shape < 0.3:
            return f"the {rng.choice(nouns)}"
        if shape < 0.65:
            return f"the {rng.choice(adjectives)} {rng.choice(nouns)}"
        if shape < 0.85:
            return f"`{_identifier(rng, nouns, verbs)}`"
        return f"a {rng.choice(nouns)} of {rng.choice(nouns)}"

    def beginning() -> str:
        opener = f"{rng.choice(OPENERS)} " if rng.random() < 0.3 else ""
        clause = f"{opener}{thing()} {rng.choice(verbs)} "
        return clause[0].upper() + clause[1:]

    def ending() -> str:
        shape = rng.random()
        if shape < 0.35:
            return f"{thing()} {rng.choice(CONNECTIVES)} {thing()} {rng.choice(verbs)}. "
        if shape < 0.92:
            return f"{thing()}. "
        return f"{thing()}:{_NEWLINE}{_NEWLINE}- " if shape < 0.96 else f"{thing()}.{_NEWLINE}{_NEWLINE}"

    return _table(rng, beginning, ending)


@cache
def code() -> Table:
    """Return the table of lines of Python."""
    rng = random.Random("code")
    nouns, verbs = _skewed(rng, NOUNS), _skewed(rng, VERBS)

    def name() -> str:
        return _identifier(rng, nouns, verbs)

    def beginning() -> str:
        indent = " " * rng.choice((4, 4, 8))
        simple = (f"{indent}{name()} = ", f"{indent}return ", f"{indent}self.{name()} = ", f"{indent}assert ")
        if rng.random() < 0.8:
            return rng.choice(simple)
        signature = f"def {name()}({name()}: {rng.choice(_TYPES)}) -> {rng.choice(_TYPES)}:"
        return f"{_NEWLINE}{signature}{_NEWLINE}    return "

    def ending() -> str:
        call = f"{name()}({name()}, {rng.randrange(1000)})"
        message = f'\\"the {rng.choice(ADJECTIVES)} {rng.choice(nouns)} {rng.choice(verbs)}\\"'
        expressions = (
            call,
            call,
            f"{name()}.{name()}",
            f"{name()}[{name()}] + {rng.randrange(100)}",
            f"{name()} is None or {name()} > {rng.randrange(100)}",
            f"[{rng.choice(nouns)} for {rng.choice(nouns)} in {name()}]",
            f"{name()}({message})",
        )
        return rng.choice(expressions) + _NEWLINE

    return _table(rng, beginning, ending)


@cache
def terminal() -> Table:
    """Return the table of lines that programs print in a terminal."""
    rng = random.Random("terminal")
    nouns, verbs = _skewed(rng, NOUNS), _skewed(rng, VERBS)

    def beginning() -> str:
        minute, second = rng.randrange(60), rng.randrange(60)
        clock = f"{rng.randrange(24):02}:{minute:02}:{second:02}.{rng.randrange(1000):03}"
        return f"{clock} {rng.choice(('INFO ', 'INFO ', 'WARN ', 'DEBUG'))} {rng.choice(nouns)}: "

    def ending() -> str:
        other = rng.choice(nouns)
        messages = (
            f"tests/unit/test_{other}.py::test_{rng.choice(verbs)} PASSED [{rng.randrange(100):3}%]",
            f"{other} {rng.choice(verbs)} {rng.randrange(100_000)} in {rng.randrange(900)} ms",
            f"{rng.choice(ADJECTIVES)} {other} {rng.getrandbits(32):08x}",
            f'File \\"src/{other}.py\\", line {rng.randrange(900)}, in {rng.choice(verbs)}_{other}',
        )
        return rng.choice(messages) + _NEWLINE

    return _table(rng, beginning, ending)


def _identifier(rng: random.Random, nouns: list[str], verbs: list[str]) -> str:
    shape = rng.random()
    if shape < 0.4:
        return rng.choice(nouns)
    if shape < 0.8:
        return f"{rng.choice(nouns)}_{rng.choice(nouns)}"
    return f"{rng.choice(verbs).removesuffix('s')}_{rng.choice(nouns)}"


def _skewed(rng: random.Random, words: list[str]) -> list[str]:
    """Return a longer list in which the word of rank n stands about 1/n as often as the first."""
    ranked = rng.sample(words, len(words))
    return [word for rank, word in enumerate(ranked, start=8) for _ in range(max(1, 400 // rank))]


def _table(rng: random.Random, beginning: Callable[[], str], ending: Callable[[], str]) -> Table:
    halves = []
    for make in (beginning, ending):
        pieces = [make() for _ in range(_DIFFERENT_PIECES)]
        weights = [1.0 / (rank + 2000) for rank in range(len(pieces))]
        halves.append(tuple(rng.choices(pieces, weights, k=_TABLE_SIZE)))
    total = sum(map(len, halves[0])) + sum(map(len, halves[1]))
    return Table(halves[0], halves[1], total / _TABLE_SIZE)
