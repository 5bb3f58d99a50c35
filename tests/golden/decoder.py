"""An independent reader of store format 1, written from docs/format.md; nothing of chatcask is imported.

It favours plainness over speed: the whole store is read into memory, every statement of the format that a
reader can check is checked with an assertion, and chunks can be found in three ways, as section 5 promises:
by the indexes, by the packs' footers, and by the headers of the blocks alone.
"""

from __future__ import annotations

import json
import struct
import sys
from pathlib import Path

import msgpack
from blake3 import blake3

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

KNOWN_FORMAT = 1
DATA, LIST, TREE = 1, 2, 3
FILE, FOLDER, LINK = 0, 1, 2


def digest(data, length=32):
    return blake3(data).digest(length)


def read_config(data):
    """Section 4."""
    document = json.loads(data)
    assert document["format"] <= KNOWN_FORMAT, f"format {document['format']} is newer"
    claimed = document.pop("checksum")
    canonical = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    assert digest(canonical.encode()).hex() == claimed, "config was changed"
    assert document["features"] == [], "unknown features"
    return document


def after_prefix(magic, data):
    """Sections 8 to 10: magic (8), version (u32), then the rest."""
    assert data[:8] == magic, f"no {magic!r}"
    assert struct.unpack_from("<I", data, 8)[0] == 1
    return data[12:]


def unpack(data):
    return msgpack.unpackb(data, raw=False, strict_map_key=True)


def decode_block(kind, codec, stored, raw_length, lengths):
    """Section 5: the chunks of a block; each is named by hashing it."""
    assert kind in {DATA, LIST, TREE}
    assert raw_length <= 64 * 1024 * 1024
    assert 1 <= len(lengths) <= 2**20
    if codec == 1:
        assert zstd.get_frame_info(stored).decompressed_size == raw_length
        raw = zstd.decompress(stored)
    else:
        assert codec == 0
        raw = stored
    assert len(raw) == raw_length == sum(lengths)
    chunks, start = {}, 0
    for length in lengths:
        assert 1 <= length <= 16 * 1024 * 1024
        chunk = raw[start : start + length]
        chunks[digest(chunk)] = (kind, chunk)
        start += length
    return chunks


def decode_rows(pack, rows):
    """Section 5, the footer's array, which indexes repeat."""
    chunks = {}
    for kind, codec, offset, stored_length, raw_length, lengths, ids in rows:
        stored = pack[offset : offset + stored_length]
        assert len(stored) == stored_length
        assert len(lengths) // 4 == len(ids) // 32
        found = decode_block(
            kind, codec, stored, raw_length, struct.unpack(f"<{len(lengths) // 4}I", lengths)
        )
        assert set(found) == {ids[n : n + 32] for n in range(0, len(ids), 32)}
        chunks |= found
    return chunks


def footer_of(pack):
    """Section 5: header, trailer, footer."""
    magic, version = struct.unpack_from("<8sI", pack)
    assert (magic, version) == (b"CASKPACK", 1)
    length, check, tail = struct.unpack("<I16s8s", pack[-28:])
    assert tail == b"CASKTAIL"
    footer = pack[-28 - length : -28]
    assert digest(footer, 16) == check
    return unpack(footer)


def scan(pack):
    """Section 5: find blocks by their magic and prove their headers, without footer, trailer or index."""
    chunks, position = {}, pack.find(b"BLCK")
    while position >= 0:
        end = position + 1
        if position + 20 <= len(pack):
            _, kind, codec, zero, stored_length, raw_length, count = struct.unpack_from(
                "<4sBBHIII", pack, position
            )
            head_end = position + 20 + 4 * count
            offset = head_end + 16
            if digest(pack[position:head_end], 16) == pack[head_end:offset] and not zero:
                lengths = struct.unpack_from(f"<{count}I", pack, position + 20)
                chunks |= decode_block(
                    kind, codec, pack[offset : offset + stored_length], raw_length, lengths
                )
                end = offset + stored_length
        position = pack.find(b"BLCK", end)
    return chunks


class Store:
    """A store's folder, read whole. `by` is how chunks are found: `index`, `footer` or `scan`."""

    def __init__(self, folder, by="index"):
        self.objects = {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in sorted(Path(folder).rglob("*"))
            if path.is_file() and path.relative_to(folder).parts[0] != "tmp"
        }
        self.config = read_config(self.objects["config"])
        for key, data in self.objects.items():
            if key != "config":  # section 3: a name commits to the bytes
                assert key[-64:] == digest(data).hex(), f"{key} is damaged"
        self.packs = {key[-64:]: data for key, data in self.objects.items() if key.startswith("packs/")}
        for key in self.objects:
            assert not key.startswith("packs/") or key[6:8] == key[9:11]
        self.chunks = {"index": self._by_index, "footer": self._by_footer, "scan": self._by_scan}[by]()

    def _by_index(self):
        chunks = {}
        for key, data in self.objects.items():
            if key.startswith("index/"):
                for name, size, rows in unpack(after_prefix(b"CASKINDX", data)):
                    if name.hex() in self.packs:  # section 8: else the entry does not count
                        pack = self.packs[name.hex()]
                        assert len(pack) == size
                        chunks |= decode_rows(pack, rows)
        return chunks

    def _by_footer(self):
        chunks = {}
        for pack in self.packs.values():
            chunks |= decode_rows(pack, footer_of(pack))
        return chunks

    def _by_scan(self):
        chunks = {}
        for pack in self.packs.values():
            chunks |= scan(pack)
        return chunks

    def content(self, depth, identifier, kind):
        """Section 6."""
        assert 0 <= depth <= 8
        if identifier is None:
            assert depth == 0
            return b""
        found, chunk = self.chunks[identifier]
        if depth == 0:
            # Equal bytes are stored once, under the kind they were first met as.
            assert found in {kind, DATA, LIST, TREE}
            return chunk
        assert chunk, "a list has at least one id"
        assert len(chunk) % 32 == 0
        return b"".join(
            self.content(depth - 1, chunk[start : start + 32], kind) for start in range(0, len(chunk), 32)
        )

    def tree(self, depth, identifier):
        """Section 7."""
        data = self.content(depth, identifier, TREE)
        unpacker = msgpack.Unpacker(raw=False)
        unpacker.feed(data)
        rows = list(unpacker)
        assert unpacker.tell() == len(data)
        names = [row[0] for row in rows]
        assert names == sorted(set(names))
        for name in names:
            assert name not in {b"", b".", b".."}
            assert b"/" not in name
            assert b"\0" not in name
        return rows

    def files(self, snapshot):
        """Return every file and link of a snapshot: path -> (kind, bytes, mtime_ns, carried)."""
        return dict(self._walk(*snapshot["root"], b""))

    def _walk(self, depth, identifier, prefix):
        for name, kind, size, mtime_ns, child_depth, child, marks in self.tree(depth, identifier):
            if kind == FOLDER:
                yield from self._walk(child_depth, child, prefix + name + b"/")
            else:
                assert kind in {FILE, LINK}
                data = self.content(child_depth, child, DATA)
                assert len(data) == size
                yield prefix + name, (kind, data, mtime_ns, bool(marks & 1))

    def snapshots(self):
        """Section 9: every manifest, in the order of the keys, as (key, map)."""
        found = []
        for key, data in sorted(self.objects.items()):
            if key.startswith("snapshots/"):
                origin, name = key.split("/")[1:]
                assert len(origin) == 16
                assert name[:-65].endswith("Z")
                found.append((key, unpack(after_prefix(b"CASKSNAP", data))))
        return found

    def condemned(self):
        """Section 10."""
        names = set()
        for key, data in self.objects.items():
            if key.startswith("condemned/"):
                names |= {name.hex() for name in unpack(after_prefix(b"CASKCOND", data))}
        return names
