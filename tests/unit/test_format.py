"""Codecs give back what they were given and refuse what was changed."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from blake3 import blake3
from hypothesis import given
from hypothesis import strategies as st

from chatcask.advice import Advice, AdviceCode
from chatcask.errors import DamagedError, UnsupportedFormatError
from chatcask.format.chunker import Chunker, cut_list
from chatcask.format.config import ChunkerParameters, Config, decode_config, encode_config
from chatcask.format.index import PackIndex, decode_index, encode_index
from chatcask.format.new_pack import build_pack, encode_block
from chatcask.format.pack import TRAILER_SIZE, ChunkKind, Codec, decode_block, footer_length, read_footer
from chatcask.format.pack_scan import scan_blocks
from chatcask.format.tree import EMPTY, Content, Entry, EntryKind, decode_tree, encode_tree
from chatcask.ids import ChunkId, chunk_id
from support.effort import effort

SMALL = ChunkerParameters(minimum=64, average=256, maximum=1024)


class Trickle(io.RawIOBase):
    """A stream that gives a few bytes at a time, as pipes and network mounts do."""

    def __init__(self, data: bytes, step: int) -> None:
        self._stream = io.BytesIO(data)
        self._step = step

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self._stream.read(min(self._step, len(buffer)))
        buffer[: len(data)] = data
        return len(data)


def _cut(chunker: Chunker, data: bytes, step: int = 1 << 20) -> list[bytes]:
    return [bytes(chunk) for chunk in chunker.cut(Trickle(data, step))]


@effort(0.6)
@given(st.binary(max_size=300), st.integers(1, 60), st.binary(max_size=500))
def test_cuts_join_to_the_whole_and_survive_an_append(piece: bytes, times: int, tail: bytes) -> None:
    chunker = Chunker(SMALL)
    data = b"".join(piece + bytes([n % 256]) for n in range(times * 5))
    before, after = _cut(chunker, data), _cut(chunker, data + tail)
    assert b"".join(before) == data
    assert b"".join(after) == data + tail
    assert all(len(chunk) <= SMALL.maximum for chunk in after)
    assert after[: max(0, len(before) - 1)] == before[:-1]


def test_cuts_do_not_depend_on_how_the_stream_is_read() -> None:
    data = b"".join(b"%d\n" % (n * n) for n in range(700_000))
    assert len(data) > 2 * 4 * 1024 * 1024 - 1
    chunker = Chunker(ChunkerParameters())
    whole = _cut(chunker, data)
    assert _cut(chunker, data, step=65_537) == whole
    # One pass over everything at once, without segments, gives the same cuts.
    from pyfastcdc import FastCDC

    cutter = FastCDC(16384, min_size=4096, max_size=131072)
    assert [bytes(chunk.data) for chunk in cutter.cut_buf(data)] == whole


def test_lists_are_cut_by_their_ids_so_an_append_changes_only_the_last() -> None:
    ids = [chunk_id(b"%d" % n) for n in range(5000)]
    lists = list(cut_list(ids))
    assert b"".join(lists) == b"".join(ids)
    assert all(32 * 32 <= len(joined) <= 512 * 32 for joined in lists[:-1])
    assert list(cut_list([*ids, chunk_id(b"new")]))[: len(lists) - 1] == lists[:-1]
    assert len(lists) > 20


def _pack(chunks: list[bytes], per_block: int = 3, kind: ChunkKind = ChunkKind.DATA):
    blocks = []
    for start in range(0, len(chunks), per_block):
        group = chunks[start : start + per_block]
        ids = b"".join(chunk_id(chunk) for chunk in group)
        blocks.append(encode_block(kind, b"".join(group), [len(c) for c in group], ids, level=3))
    return build_pack(blocks, b"n" * 16)


@given(st.lists(st.binary(min_size=1, max_size=400), min_size=1, max_size=12))
def test_a_pack_gives_back_its_chunks_by_footer_and_by_scan(chunks: list[bytes]) -> None:
    pack = _pack(chunks)
    data = b"".join(pack.parts)
    assert len(data) == pack.size
    trailer = data[-TRAILER_SIZE:]
    tail = data[-TRAILER_SIZE - footer_length(trailer, "pack") :]
    assert read_footer(trailer, tail, "pack") == pack.blocks
    found = []
    for block in pack.blocks:
        raw = decode_block(block, data[block.offset : block.offset + block.stored_length])
        for identifier, offset, length in block.chunks():
            assert chunk_id(raw[offset : offset + length]) == identifier
            found.append(raw[offset : offset + length])
    assert found == chunks
    without_footer = data[: pack.blocks[-1].offset + pack.blocks[-1].stored_length]
    assert tuple(scan_blocks(without_footer)) == pack.blocks


def test_bytes_that_do_not_shrink_are_stored_as_they_are() -> None:
    noise = b"".join(chunk_id(b"%d" % n) for n in range(100))
    (block,) = _pack([noise]).blocks
    assert block.codec is Codec.STORED
    (block,) = _pack([b"a" * 4000]).blocks
    assert block.codec is Codec.ZSTD


@given(st.data())
def test_a_scan_passes_over_a_damaged_block_and_finds_the_others(data: st.DataObject) -> None:
    chunks = [bytes([n]) * 50 + b"%d" % n for n in range(9)]
    pack = _pack(chunks)
    raw = bytearray(b"".join(pack.parts))
    victim = data.draw(st.sampled_from(pack.blocks))
    position = data.draw(st.integers(victim.offset, victim.offset + victim.stored_length - 1))
    raw[position] ^= data.draw(st.integers(1, 255))
    found = list(scan_blocks(bytes(raw[: pack.blocks[-1].offset + pack.blocks[-1].stored_length])))
    intact = [block for block in pack.blocks if block is not victim]
    assert [block for block in found if block in intact] == intact


@given(st.data())
def test_a_changed_footer_is_never_believed(data: st.DataObject) -> None:
    pack = _pack([b"x" * 100, b"y" * 100])
    raw = bytearray(b"".join(pack.parts))
    start = pack.blocks[-1].offset + pack.blocks[-1].stored_length
    position = data.draw(st.integers(start, len(raw) - 1))
    raw[position] ^= data.draw(st.integers(1, 255))
    trailer = bytes(raw[-TRAILER_SIZE:])
    with pytest.raises(DamagedError):
        length = footer_length(trailer, "pack")
        read_footer(trailer, bytes(raw[-TRAILER_SIZE - length :]), "pack")


def test_an_index_gives_back_its_packs() -> None:
    packs = [_pack([b"a" * 30, b"b" * 30]), _pack([b"c" * 99], kind=ChunkKind.TREE)]
    rows = [PackIndex(pack.name, pack.size, pack.blocks) for pack in packs]
    assert decode_index(encode_index(rows), "index") == tuple(rows)


_names = st.text(min_size=1, max_size=12).filter(
    lambda n: (
        n not in {".", ".."}
        and "/" not in n
        and "\0" not in n
        and not any("\ud800" <= c <= "\udfff" for c in n)
    )
)
_contents = st.one_of(
    st.just(EMPTY),
    st.builds(lambda d, i: Content(d, ChunkId(i)), st.integers(0, 8), st.binary(min_size=32, max_size=32)),
)
_entries = st.builds(
    Entry,
    _names,
    st.sampled_from(EntryKind),
    st.integers(0, 2**60),
    st.integers(-(2**60), 2**62),
    _contents,
    st.booleans(),
)


@given(st.lists(_entries, unique_by=lambda entry: entry.name, max_size=20))
def test_a_tree_gives_back_its_entries_sorted_by_bytes(entries: list[Entry]) -> None:
    decoded = decode_tree(encode_tree(entries), "tree")
    assert set(decoded) == set(entries)
    assert [e.name.encode() for e in decoded] == sorted(e.name.encode() for e in entries)


def test_a_name_that_is_not_utf8_survives() -> None:
    entry = Entry(b"caf\xe9.jsonl".decode("utf-8", "surrogateescape"), EntryKind.FILE, 1, 2, EMPTY)
    assert decode_tree(encode_tree([entry]), "tree") == (entry,)


def test_a_windows_name_that_is_no_text_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot hold"):
        encode_tree([Entry("\ud800", EntryKind.FILE, 0, 0, EMPTY)])


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a\0b"])
def test_names_that_could_escape_are_refused_both_ways(name: str) -> None:
    entry = Entry(name, EntryKind.FILE, 0, 0, EMPTY)
    with pytest.raises(ValueError, match="cannot hold"):
        encode_tree([entry])
    import msgpack

    row = msgpack.packb([name.encode("utf-8", "surrogatepass"), 0, 0, 0, 0, None, 0])
    with pytest.raises(DamagedError):
        decode_tree(row, "tree")


@given(st.data())
def test_a_changed_config_is_named(data: st.DataObject) -> None:
    encoded = bytearray(encode_config(Config("ab" * 16, "2026-11-01T12:00:00Z")))
    position = data.draw(st.integers(0, len(encoded) - 1))
    encoded[position] ^= data.draw(st.integers(1, 127))
    changed = bytes(encoded)
    try:
        same = json.loads(changed) == json.loads(encode_config(Config("ab" * 16, "2026-11-01T12:00:00Z")))
    except ValueError:
        same = False
    if same:  # white space outside the values
        assert decode_config(changed).store_id == "ab" * 16
    else:
        with pytest.raises((DamagedError, UnsupportedFormatError)):
            decode_config(changed)


def test_a_newer_store_is_refused_with_its_number() -> None:
    document = json.loads(encode_config(Config("ab" * 16, "2026-11-01T12:00:00Z")))
    document["format"] = 7
    with pytest.raises(UnsupportedFormatError, match="format 7") as caught:
        decode_config(json.dumps(document).encode())
    assert caught.value.advice == Advice(AdviceCode.INSTALL_FOR_FORMAT, number=7)


@pytest.mark.parametrize(
    "change",
    [
        {"store_id": "/outside"},
        {"store_id": "../" * 10 + "ab"},
        {"store_id": "AB" * 16},
        {"store_id": "ab" * 16 + "\n"},
        {"store_id": ""},
        *({"chunker": {name: value}} for name in ("minimum", "average", "maximum") for value in (0, 1 << 40)),
        {"chunker": {"average": 1 << 20, "maximum": 4096}},
        {"chunker": {"minimum": 16384, "average": 16384}},
        {"chunker": {"normalization": 9}},
        *({"blocks": {"size": value}} for value in (0, 1 << 30, 1 << 70)),
        {"blocks": {"level": 9999}},
        {"blocks": {"level": 10**30}},
    ],
    ids=str,
)
def test_a_crafted_config_is_refused(change: dict[str, Any]) -> None:
    document = json.loads(encode_config(Config("ab" * 16, "2026-11-01T12:00:00Z")))
    del document["checksum"]
    for name, value in change.items():
        document[name] = {**document[name], **value} if isinstance(value, dict) else value
    canonical = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    document["checksum"] = blake3(canonical.encode()).hexdigest()
    with pytest.raises(DamagedError, match="impossible"):
        decode_config(json.dumps(document).encode())
