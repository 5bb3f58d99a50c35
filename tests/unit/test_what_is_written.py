"""Whatever a writer accepts a reader accepts, and gives back: every field of every stored object."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chatcask.errors import DamagedError
from chatcask.format.label import Label, LabelKind, decode_label, encode_label
from chatcask.format.snapshot import (
    Snapshot,
    SourceState,
    Totals,
    decode_snapshot,
    encode_snapshot,
)
from chatcask.format.tree import (
    EMPTY,
    LATEST_NS,
    Content,
    Entry,
    EntryKind,
    decode_tree,
    encode_tree,
    storable_time,
)
from chatcask.format.undo import FileBefore, RowValue, UndoFile, UndoRecord, UndoRow, decode_undo, encode_undo
from chatcask.ids import ChunkId, ObjectName
from chatcask.monitor import Problem

# Any text there can be in Python: with halves of characters, bytes that are no text, controls.
_TEXTS = st.text(st.characters(exclude_categories=()), max_size=12)
_NUMBERS = st.integers(-(1 << 70), 1 << 70)
_MOMENTS = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001
_CONTENTS = st.one_of(
    st.just(EMPTY), st.builds(Content, st.integers(0, 8), st.binary(min_size=32, max_size=32).map(ChunkId))
)
_OBJECTS = st.binary(min_size=32, max_size=32).map(lambda data: ObjectName(data.hex()))
_ENTRIES = st.builds(Entry, _TEXTS, st.sampled_from(EntryKind), _NUMBERS, _NUMBERS, _CONTENTS, st.booleans())


@given(st.lists(_ENTRIES, max_size=4))
@example([Entry("a", EntryKind.FILE, 1, -(1 << 63) + 1, EMPTY)])
@example([Entry("a", EntryKind.FILE, 1, -1, EMPTY)])
@example([Entry("a", EntryKind.FILE, 1, (1 << 63) - 1, EMPTY)])
def test_a_tree_is_refused_or_read_back_exactly(entries: list[Entry]) -> None:
    try:
        data = encode_tree(entries)
    except ValueError:
        return
    assert sorted(decode_tree(data, "tree"), key=repr) == sorted(entries, key=repr)


@given(_NUMBERS)
def test_every_time_has_a_nearest_one_that_can_be_stored(mtime_ns: int) -> None:
    stored = storable_time(mtime_ns)
    entry = Entry("a", EntryKind.FILE, 1, stored, EMPTY)
    assert decode_tree(encode_tree([entry]), "tree") == (entry,)
    assert stored == mtime_ns or abs(stored) == LATEST_NS


_JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), _NUMBERS, _TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(_TEXTS, inner, max_size=3)),
    max_leaves=5,
)
_SNAPSHOTS = st.builds(
    Snapshot,
    taken_at=_MOMENTS,
    finished_at=_MOMENTS,
    host=_TEXTS,
    program=_TEXTS,
    parent=st.one_of(st.none(), _OBJECTS),
    root=_CONTENTS,
    sources=st.lists(st.builds(SourceState, _TEXTS, _TEXTS, st.booleans(), _MOMENTS, _TEXTS), max_size=2).map(
        tuple
    ),
    complete=st.booleans(),
    problems=st.lists(st.builds(Problem, _TEXTS, _TEXTS, _TEXTS), max_size=3).map(tuple),
    problem_count=st.integers(0, 1 << 40),
    losses=st.lists(st.dictionaries(_TEXTS, _JSON, max_size=3), max_size=2).map(tuple),
    totals=st.builds(Totals, *[st.integers(0, 1 << 60)] * 8),
    tags=st.lists(_TEXTS, max_size=2).map(tuple),
)


def _is_text(value: Any) -> bool:
    try:
        repr_free = value.encode() if isinstance(value, str) else b""
    except UnicodeEncodeError:
        return False
    return isinstance(repr_free, bytes)


@given(_SNAPSHOTS)
def test_every_snapshot_that_is_written_can_be_read(snapshot: Snapshot) -> None:
    read = decode_snapshot(encode_snapshot(snapshot), "snapshot")
    plain = replace(snapshot, losses=(), problems=(), host="", program="", sources=(), tags=())
    assert replace(read, losses=(), problems=(), host="", program="", sources=(), tags=()) == plain
    for name in ("host", "program"):
        if _is_text(getattr(snapshot, name)):
            assert getattr(read, name) == getattr(snapshot, name)
    assert len(read.losses) == len(snapshot.losses)
    # What was read can be written again, and is then the same.
    assert decode_snapshot(encode_snapshot(read), "snapshot") == read


def test_a_title_with_half_a_character_and_an_impossible_number_stop_no_run() -> None:
    loss = {"title": "Deploy \ud83d", "turns": 10**30}
    moment = datetime(2026, 11, 1, tzinfo=UTC)
    snapshot = Snapshot(
        moment, moment, "h", "p", None, EMPTY, (), complete=True, losses=(loss,)
    )  # fmt: skip
    assert decode_snapshot(encode_snapshot(snapshot), "s").losses == (
        {"title": "Deploy \\ud83d", "turns": None},
    )


_RECORDS = st.builds(
    UndoRecord,
    made_at=_MOMENTS,
    origin=_TEXTS,
    what=_TEXTS,
    about=st.lists(_TEXTS, max_size=2).map(tuple),
    source=_TEXTS,
    safety=_OBJECTS,
    files=st.lists(
        st.builds(
            UndoFile,
            _TEXTS,
            st.one_of(
                st.none(),
                st.builds(FileBefore, _CONTENTS, st.integers(0, 1 << 62), st.integers(-LATEST_NS, LATEST_NS)),
            ),
            st.one_of(st.none(), _OBJECTS),
        ),
        max_size=2,
    ).map(tuple),
    rows=st.lists(
        st.builds(
            UndoRow,
            _TEXTS,
            _TEXTS,
            st.one_of(st.none(), st.builds(RowValue, st.binary(max_size=5), st.booleans())),
            st.none(),
        ),
        max_size=2,
    ).map(tuple),
    folders=st.lists(_TEXTS, max_size=2).map(tuple),
)


@given(_RECORDS)
def test_every_undo_record_is_read_back_exactly(record: UndoRecord) -> None:
    assert decode_undo(encode_undo(record), "record") == record


@given(_TEXTS.filter(bool), _OBJECTS)
def test_every_label_is_read_back_exactly(text: str, snapshot: ObjectName) -> None:
    for label in (
        Label(LabelKind.TAG, snapshot, name=text),
        Label(LabelKind.UNTAG, snapshot, name=text),
        Label(LabelKind.PIN_SESSION, session=text),
    ):
        assert decode_label(encode_label(label), "label") == label


def test_a_tree_of_an_older_program_with_a_late_date_is_read() -> None:
    import msgpack

    row = msgpack.packb((b"a", 0, 1, (1 << 63) + 5, 0, None, 0), use_bin_type=True)
    (entry,) = decode_tree(row, "tree")
    assert entry.mtime_ns == LATEST_NS
    with pytest.raises(DamagedError):
        decode_tree(msgpack.packb((b"a", 0, -1, 0, 0, None, 0), use_bin_type=True), "tree")
