"""What a run learns of a changed chat: never more than is true, and nothing is fetched for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcask.format.config import BlockParameters, ChunkerParameters, Config
from chatcask.format.tree import Content, Cuts, Entry, EntryKind
from chatcask.ops.snapshot import observed_chats
from chatcask.ops.snapshot.observed_chats import ObservedChats
from chatcask.repository.repository import Repository
from chatcask.transport import MemoryTransport
from support.worlds import appended_turn, chat

_PATH = "code/workspaces/w1/chatSessions/a.jsonl"
_SMALL = ChunkerParameters(minimum=64, average=256, maximum=1024)


class _Place:
    """A store in memory with one repository."""

    def __init__(self) -> None:
        transport = MemoryTransport()
        Repository.create(transport, Config("0" * 32, "x", _SMALL, BlockParameters(size=4096)))
        self.opened = ExitStack()
        self.repository = self.opened.enter_context(Repository.open(transport))

    def close(self) -> None:
        self.opened.close()

    def store(self, data: bytes) -> tuple[Content, Cuts]:
        writer = self.repository.begin().writer()
        content, cuts = writer.add_stream(BytesIO(data))
        writer.finish()
        return content, cuts

    def observe(self, before: bytes, after: bytes, *, start: int = 0) -> ObservedChats:
        old, _ = self.store(before)
        _, cuts = self.store(after)
        observed = self.opened.enter_context(closing(ObservedChats(self.repository)))
        observed.observe(_PATH, Entry("a.jsonl", EntryKind.FILE, len(before), 1, old), cuts, after[start:])
        return observed


@pytest.fixture
def place() -> Iterator[_Place]:
    with closing(_Place()) as place:
        yield place


_lines = st.lists(st.binary(max_size=300).map(lambda line: line.replace(b"\n", b" ") + b"\n"), max_size=12)


@given(_lines.map(b"".join), _lines.map(b"".join), st.integers(0, 400), st.booleans())
def test_new_lines_are_found_exactly_when_the_file_only_grew(
    before: bytes, tail: bytes, cut: int, grew: bool
) -> None:
    after = before + tail if grew else before[:cut] + tail
    with closing(_Place()) as place:
        _check_new_lines(place, before, after)


def _check_new_lines(place: _Place, before: bytes, after: bytes) -> None:
    old, _ = place.store(before)
    _, cuts = place.store(after)
    entry = Entry("a.jsonl", EntryKind.FILE, len(before), 1, old)
    for start in {0, max(0, min(len(before), len(after)) - _SMALL.maximum)}:
        found = ObservedChats(place.repository)._new_lines(entry, cuts, after[start:])
        if found is not None:
            assert after == before + found
        elif before:
            assert not after.startswith(before)


def test_lines_that_are_cut_off_before_the_old_end_prove_nothing(place: _Place) -> None:
    before = chat(5)
    after = before + appended_turn(5)
    assert place.observe(before, after, start=len(before)).chats == {}


def test_a_log_that_grew_is_known_to_have_kept_its_turns(place: _Place) -> None:
    before = chat(3)
    observed = place.observe(before, before + appended_turn(3)).chats[_PATH]
    assert observed.outline.turns == 4
    assert observed.only_grew_from == place.store(before)[0]


@pytest.mark.parametrize(
    "tail", [b'{"kind":2,"k":["requests"],"i":1}\n', b'{"kind":1,"k":["requests"],"v":[]}\n']
)
def test_new_lines_that_take_turns_away_are_not_growth(place: _Place, tail: bytes) -> None:
    observed = place.observe(chat(3), chat(3) + tail).chats[_PATH]
    assert observed.only_grew_from is None
    assert observed.outline.turns < 3


def test_a_log_that_the_editor_would_refuse_is_not_judged(place: _Place) -> None:
    assert place.observe(chat(3), chat(3) + b'{"kind":2,"k":["gone","x"],"v":[1]}\n').chats == {}
    assert place.observe(chat(3), chat(3) + b'{"kind":1').chats == {}


def test_the_end_of_a_large_log_suffices_once_its_outline_is_known(
    place: _Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = chat(60)
    after = before + appended_turn(60)
    first = place.observe(before[:1], before)
    first.catalog.keep_outline(place.store(before)[0], first.chats[_PATH].outline)
    monkeypatch.setattr(observed_chats, "_LAST_CHUNK", _SMALL.maximum)
    monkeypatch.setattr(observed_chats, "LARGEST", len(before) // 2)
    entry = Entry("a.jsonl", EntryKind.FILE, len(before), 1, place.store(before)[0])
    start = first.keep_from(_PATH, len(after), entry)
    assert start is not None
    assert start > 0
    first.observe(_PATH, entry, place.store(after)[1], after[start:])
    assert first.chats[_PATH].outline.turns == 61
    assert first.keep_from(_PATH, 10 * len(after), entry) is None
    assert first.keep_from(_PATH.replace("chatSessions", "transcripts"), 10, entry) is None
