"""Decoders give a value or a typed error, in bounded memory and time, whatever bytes they are given."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Callable
from typing import Any

import msgpack
import pytest
from blake3 import blake3
from hypothesis import given
from hypothesis import strategies as st

from chatcask.errors import ChatcaskError
from chatcask.format.binary import add_prefix
from chatcask.format.condemned import decode_condemned
from chatcask.format.config import decode_config
from chatcask.format.index import PackIndex, decode_index
from chatcask.format.label import decode_label
from chatcask.format.lost import decode_lost
from chatcask.format.new_pack import encode_block
from chatcask.format.pack import (
    BLOCK_MAGIC,
    TRAILER_SIZE,
    Block,
    ChunkKind,
    Codec,
    check_header,
    decode_block,
    footer_length,
    read_footer,
)
from chatcask.format.pack_scan import scan_blocks
from chatcask.format.snapshot import Snapshot, decode_snapshot, encode_snapshot
from chatcask.format.tree import Entry, decode_tree
from chatcask.ids import ObjectName, chunk_id
from chatcask.ops.integrity.manifest_rescue import rescue_manifest
from chatcask.repository.keys import SnapshotReference
from support.damage_matrix import base

MAGICS = {
    "index": b"CASKINDX",
    "snapshot": b"CASKSNAP",
    "condemned": b"CASKCOND",
    "label": b"CASKLABL",
    "lost": b"CASKLOST",
}
MEMORY = 24 * 1024 * 1024


def _footer(data: bytes) -> tuple[Block, ...]:
    trailer = data[-TRAILER_SIZE:]
    length = footer_length(trailer, "pack")
    return read_footer(trailer, data[-TRAILER_SIZE - length :], "pack")


DECODERS: dict[str, Callable[[bytes], Any]] = {
    "config": decode_config,
    "pack header": lambda data: check_header(data, "pack"),
    "pack footer": _footer,
    "scan": lambda data: list(scan_blocks(data)),
    "index": lambda data: decode_index(data, "index"),
    "tree": lambda data: decode_tree(data, "tree"),
    "snapshot": lambda data: decode_snapshot(data, "snapshot"),
    "condemned": lambda data: decode_condemned(data, "condemned"),
    "label": lambda data: decode_label(data, "label"),
    "lost": lambda data: decode_lost(data, "lost"),
}


def _value_or_error(decode: Callable[[bytes], Any], data: bytes) -> Any:
    """Decode; anything but a value or an error of ours, or much memory, fails the test."""
    tracemalloc.start()
    try:
        return decode(data)
    except ChatcaskError:
        return None
    finally:
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < MEMORY + 40 * len(data), f"{peak} bytes of memory for {len(data)} bytes"


def _use(value: Any) -> None:
    """Do with a decoded value what its users do; a value that cannot be used is no value."""
    if isinstance(value, Snapshot):
        encode_snapshot(value)
        assert all(isinstance(tag, str) for tag in value.tags)
        assert 0 <= value.root.depth <= 8
    for part in value if isinstance(value, tuple | list) else ():
        if isinstance(part, PackIndex):
            bytes.fromhex(part.pack)
            assert 0 <= part.size < 2**63
            _use(part.blocks)
        if isinstance(part, Block):
            assert max(part.offset, part.stored_length, part.raw_length) < 2**63
            assert all(len(chunk) == 32 and offset >= 0 for chunk, offset, _ in part.chunks())
        if isinstance(part, Entry):
            assert isinstance(part.name, str)
            assert isinstance(part.mtime_ns, int)
            assert isinstance(part.size, int)
            assert part.content.id is None or isinstance(part.content.id, bytes)


@pytest.mark.parametrize("name", DECODERS)
@given(data=st.binary(max_size=400))
def test_any_bytes(name: str, data: bytes) -> None:
    _use(_value_or_error(DECODERS[name], data))


_scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**64 - 1),
    st.floats(),
    st.binary(max_size=40),
    st.binary(min_size=32, max_size=32),
    st.text(max_size=5),
)
_values = st.recursive(
    _scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=8),
        st.dictionaries(
            st.sampled_from(["root", "taken_at", "parent", "sources", "tags", "kind", "totals", "name"]),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=20,
)


@pytest.mark.parametrize("name", [*MAGICS, "tree"])
@given(value=_values)
def test_any_value_behind_the_right_magic(name: str, value: Any) -> None:
    """Bytes that decode to something, only not to what belongs there."""
    body = msgpack.packb(value)
    _use(_value_or_error(DECODERS[name], add_prefix(MAGICS[name], body) if name in MAGICS else body))


_u32s = st.lists(st.integers(0, 2**32 - 1), max_size=4).map(
    lambda numbers: b"".join(n.to_bytes(4, "little") for n in numbers)
)
_block_rows = st.lists(
    st.tuples(
        st.one_of(st.integers(0, 4), _scalars),
        st.one_of(st.integers(0, 2), _scalars),
        _scalars,
        _scalars,
        st.one_of(st.integers(0, 2**34), _scalars),
        st.one_of(_u32s, _scalars),
        st.one_of(st.binary(min_size=32, max_size=32), st.binary(max_size=128), _scalars),
    ),
    max_size=3,
)


@given(rows=_block_rows)
def test_any_rows_in_a_footer_whose_checksum_is_right(rows: list[Any]) -> None:
    footer = msgpack.packb(rows)
    trailer = len(footer).to_bytes(4, "little") + blake3(footer).digest(16) + b"CASKTAIL"
    _use(_value_or_error(_footer, footer + trailer))
    index = add_prefix(MAGICS["index"], msgpack.packb([[bytes(32), 7, rows], [b"short", 1.5, rows]]))
    _use(_value_or_error(DECODERS["index"], index))


@given(
    row=st.tuples(
        st.one_of(st.binary(max_size=8), _scalars),
        st.one_of(st.integers(0, 3), _scalars),
        _scalars,
        _scalars,
        st.one_of(st.integers(-1, 10), _scalars),
        _scalars,
        _scalars,
    )
)
def test_any_row_in_a_tree(row: tuple[Any, ...]) -> None:
    _use(_value_or_error(DECODERS["tree"], msgpack.packb(row)))


@pytest.mark.parametrize("name", ["config", "snapshot", "index"])
@given(data=st.data())
def test_sound_objects_with_bytes_changed(name: str, data: st.DataObject) -> None:
    """Without the name's hash, which would catch each of these, the decoders stand alone."""
    store = base()
    sound = bytearray(store.objects[store.keys[name]])
    for _ in range(data.draw(st.integers(1, 4))):
        sound[data.draw(st.integers(0, len(sound) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(sound)))
    _use(_value_or_error(DECODERS[name], bytes(sound)))
    _use(_value_or_error(DECODERS[name], bytes(sound[:cut])))


_config_values = st.one_of(st.none(), st.integers(), st.floats(allow_nan=False), st.text(max_size=5))
_parameters = st.sampled_from(["minimum", "average", "maximum", "normalization", "size", "level"])
_config_parts = st.one_of(
    _config_values, st.lists(_config_values, max_size=3), st.dictionaries(_parameters, _config_values)
)
_config = st.fixed_dictionaries(
    {"format": st.one_of(st.just(1), _config_values)},
    optional=dict.fromkeys(("store_id", "created_at", "chunker", "blocks", "features"), _config_parts),
)


@given(document=_config)
def test_any_config_whose_checksum_is_right(document: dict[str, Any]) -> None:
    canonical = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    document["checksum"] = blake3(canonical.encode()).hexdigest()
    _value_or_error(decode_config, json.dumps(document).encode())


@given(
    kind=st.sampled_from(ChunkKind),
    codec=st.sampled_from(Codec),
    raw_length=st.integers(0, 2**40),
    stored=st.binary(max_size=200),
)
def test_any_block(kind: ChunkKind, codec: Codec, raw_length: int, stored: bytes) -> None:
    block = Block(kind, codec, 0, len(stored), raw_length, b"", b"")
    raw = _value_or_error(lambda data: decode_block(block, data), stored)
    assert raw is None or len(raw) == raw_length


def test_a_frame_that_expands_without_end_stops_at_the_stated_length() -> None:
    bomb = encode_block(ChunkKind.DATA, bytes(32 * 1024 * 1024), [1], bytes(32), level=3)
    block = Block(ChunkKind.DATA, Codec.ZSTD, 0, len(bomb.stored), 1000, b"", b"")
    assert _value_or_error(lambda data: decode_block(block, data), bomb.stored) is None


@pytest.mark.parametrize("name", [*MAGICS, "tree"])
@pytest.mark.parametrize("head", [kind + b"\xff\xff\xff\xff" for kind in (b"\xdd", b"\xdf", b"\xc6")])
@pytest.mark.parametrize("times", [1, 1000, 20_000])
def test_claims_of_huge_lengths_take_no_memory(name: str, head: bytes, times: int) -> None:
    """Nested arrays, maps and strings that say they are gigabytes long."""
    body = head * times
    _value_or_error(DECODERS[name], add_prefix(MAGICS[name], body) if name in MAGICS else body)


@pytest.mark.parametrize("name", [*MAGICS, "tree"])
@pytest.mark.parametrize("kind", [b"\xdd", b"\xdf"])
def test_claims_that_could_just_be_true_take_no_memory(name: str, kind: bytes) -> None:
    """Each of a thousand nested arrays says it holds as many values as there are bytes."""
    body = b"".join(kind + (100_000).to_bytes(4, "big") for _ in range(1000)).ljust(100_100, b"\xc0")
    _value_or_error(DECODERS[name], add_prefix(MAGICS[name], body) if name in MAGICS else body)


@pytest.mark.parametrize("count", [0, 1, 5000, 2**20, 2**32 - 1])
def test_a_pack_full_of_false_block_headers_is_scanned_in_time(count: int) -> None:
    """Every header claims many chunks, so each would take a long hash to disprove."""
    head = BLOCK_MAGIC + bytes([1, 1, 0, 0]) + b"".join(n.to_bytes(4, "little") for n in (10, 2**25, count))
    assert list(scan_blocks(head * 200_000)) == []


@given(data=st.binary(max_size=100), position=st.integers(0, 60), length=st.integers(0, 3))
def test_a_block_whose_chunks_do_not_add_up_is_not_found(data: bytes, position: int, length: int) -> None:
    """A proven header has to agree with itself, or ids of bytes that are not there would be indexed."""
    raw = data or b"x"
    sound = encode_block(ChunkKind.DATA, raw, [max(1, len(raw) - length)], bytes(32), level=3)
    found = list(scan_blocks(bytes(position) + sound.header + sound.stored))
    assert [block.chunk_ids for block in found] == ([chunk_id(raw)] if length == 0 or len(raw) == 1 else [])


@given(data=st.binary(max_size=300), before=st.integers(0, 50))
def test_rescue_of_any_manifest(data: bytes, before: int) -> None:
    store = base()
    sound = store.objects[store.keys["snapshot"]]
    reference = SnapshotReference(decode_snapshot(sound, "x").taken_at, "00" * 8, ObjectName("0" * 64))
    rescue_manifest(data + sound[before:], reference, lambda root: ())
    assert rescue_manifest(data, reference, lambda root: ()) is None
