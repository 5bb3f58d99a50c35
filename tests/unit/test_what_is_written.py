"""Whatever a writer accepts a reader accepts, and gives back: every field of every stored object."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chatcask.errors import DamagedError, InvalidInputError
from chatcask.format.bundle import (
    BundleFile,
    BundleManifest,
    BundleSnapshot,
    FileKind,
    decode_manifest,
    encode_manifest,
)
from chatcask.format.bundle_rows import Row, decode_row, encode_row
from chatcask.format.condemned import decode_condemned, encode_condemned
from chatcask.format.config import (
    BlockParameters,
    ChunkerParameters,
    Config,
    decode_config,
    encode_config,
)
from chatcask.format.index import PackIndex, decode_index, encode_index
from chatcask.format.label import Label, LabelKind, decode_label, encode_label
from chatcask.format.lost import decode_lost, encode_lost
from chatcask.format.pack import Block, ChunkKind, Codec
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
from chatcask.workbench.identity import keep_origin, read_origin

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


_NAMES = st.binary(min_size=32, max_size=32)
_BLOCKS = st.builds(
    lambda kind, codec, offset, chunks: Block(
        kind,
        codec,
        offset,
        sum(length for _, length in chunks),
        sum(length for _, length in chunks),
        b"".join(length.to_bytes(4, "little") for _, length in chunks),
        b"".join(chunk for chunk, _ in chunks),
    ),
    st.sampled_from(ChunkKind),
    st.just(Codec.STORED),
    st.integers(0, 1 << 50),
    st.lists(st.tuples(_NAMES, st.integers(1, 1 << 20)), min_size=1, max_size=4),
)


@given(
    st.lists(
        st.builds(PackIndex, _OBJECTS, st.integers(0, 1 << 60), st.lists(_BLOCKS).map(tuple)), max_size=3
    )
)
def test_every_index_is_read_back_exactly(packs: list[PackIndex]) -> None:
    assert decode_index(encode_index(packs), "index") == tuple(packs)


@given(st.sets(_OBJECTS))
def test_every_list_of_condemned_packs_is_read_back_exactly(packs: set[ObjectName]) -> None:
    assert decode_condemned(encode_condemned(packs), "list") == packs


@given(st.sets(_NAMES))
def test_every_note_on_what_is_lost_is_read_back_exactly(names: set[bytes]) -> None:
    assert decode_lost(encode_lost(names), "note") == names


_SIZES = st.integers(-(1 << 65), 1 << 65) | st.integers(0, 1 << 25)


@given(
    st.from_regex("[0-9a-f]{32}", fullmatch=True) | _TEXTS,
    _TEXTS,
    st.builds(ChunkerParameters, _SIZES, _SIZES, _SIZES, _SIZES) | st.just(ChunkerParameters()),
    st.builds(BlockParameters, _SIZES, _SIZES) | st.just(BlockParameters()),
)
def test_a_config_is_refused_or_read_back_exactly(
    store_id: str, created_at: str, chunker: ChunkerParameters, blocks: BlockParameters
) -> None:
    config = Config(store_id, created_at, chunker, blocks)
    try:
        data = encode_config(config)
    except InvalidInputError:
        return
    assert decode_config(data) == config


_STATES = st.builds(SourceState, _TEXTS, _TEXTS, st.booleans(), _MOMENTS, _TEXTS)
_BUNDLE_FILES = st.builds(
    BundleFile,
    source=_TEXTS,
    path=_TEXTS | st.lists(_TEXTS, min_size=1, max_size=3).map("/".join),
    kind=st.sampled_from(FileKind),
    bytes=_NUMBERS,
    count=_NUMBERS,
    blake3=_NAMES.map(bytes.hex),
    mtime_ns=st.integers(-LATEST_NS, LATEST_NS),
    snapshots=st.just(((0, 0),)),
    size=_NUMBERS,
    carried=st.booleans(),
    reduced=st.booleans(),
    content_of=st.none() | st.integers(0, 2),
)
_MANIFESTS = st.builds(
    BundleManifest,
    exported_at=_MOMENTS,
    program=_TEXTS,
    selection=st.dictionaries(_TEXTS, _TEXTS, max_size=2),
    snapshots=st.lists(
        st.builds(
            BundleSnapshot,
            st.binary(min_size=8, max_size=8).map(bytes.hex),
            _MOMENTS,
            st.booleans(),
            st.lists(_STATES, max_size=2).map(tuple),
        ),
        min_size=1,
        max_size=2,
    ).map(tuple),
    files=st.lists(_BUNDLE_FILES, max_size=3).map(tuple),
)


@given(_MANIFESTS)
def test_a_bundles_manifest_is_refused_or_read(manifest: BundleManifest) -> None:
    try:
        line = encode_manifest(manifest)
    except InvalidInputError:
        return
    read = decode_manifest(line.removesuffix(b"\n"))
    assert [file.path for file in read.files] == [file.path for file in manifest.files]
    assert read.snapshots[0].taken_at == manifest.snapshots[0].taken_at
    assert decode_manifest(encode_manifest(read).removesuffix(b"\n")) == read


@given(_TEXTS, _TEXTS, st.integers(0, 1 << 40), st.integers(0, 1 << 40), st.binary(max_size=20))
def test_every_row_of_a_bundle_is_read_back(
    source: str, path: str, file: int, number: int, data: bytes
) -> None:
    read = decode_row(encode_row(Row(source, path, file, number, data)).removesuffix(b"\n"))
    assert (read.file, read.number, read.data) == (file, number, data)


@given(st.binary(min_size=8, max_size=8).map(bytes.hex))
def test_every_identity_that_is_kept_is_read_back(origin: str) -> None:
    with TemporaryDirectory() as folder:
        assert keep_origin(Path(folder), origin) == origin
        assert read_origin(Path(folder)) == origin
        assert [path.name for path in Path(folder).iterdir()] == ["identity"]
