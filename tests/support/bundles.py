"""Bundles in tests: written from a store, read into another, taken apart and damaged."""

from __future__ import annotations

import gzip
import io
import json
from datetime import UTC, datetime
from typing import Any

from blake3 import blake3

from chatcask.format.gzip_lines import HEADER
from chatcask.format.tree import Entry, EntryKind
from chatcask.ops.browse.selection import ChatSelection
from chatcask.ops.bundle.read_in import ImportOptions, ImportResult, import_bundle
from chatcask.ops.bundle.write import ExportOptions, ExportResult, export_bundle
from chatcask.repository.keys import SnapshotReference
from chatcask.repository.repository import Repository
from chatcask.transport import MemoryTransport, Transport
from support.monitors import RecordingMonitor
from support.worlds import SMALL, World

ADA = b'{"folder":"file:///home/ada/projects/lighthouse"}'
SPECIAL = {
    "w1/workspace.json": ADA,
    "w1/chatSessions/lf.jsonl": b'{"kind":0}\n{"kind":1}\n',
    "w1/chatSessions/crlf.jsonl": b'{"kind":0}\r\n\r\n{"kind":1}\r\n',
    "w1/chatSessions/torn.jsonl": b'{"kind":0}\n{"kind":1,"v":"\xc3',
    "w1/chatSessions/bytes.jsonl": bytes(range(256)) * 20,
    "w1/chatSessions/empty.jsonl": b"",
    "w1/chatSessions/zero.jsonl": b"\0" * 500,
    "w1/chatSessions/mark.json": b"\xef\xbb\xbf{}\n\n",
    "w1/chatSessions/bare.json": '{"é":"\u2028 \U0001f600"}'.encode(),
    "w2/chatSessions/same.jsonl": b'{"kind":0}\n{"kind":1}\n',
    "w2/chatEditingSessions/lf/contents/43b4aac": b"\x89PNG\r\n\x1a\n",
}
EXPORTED = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


def export(
    world: World, *, with_paths: bool = True, transport: Transport | None = None, **chosen: Any
) -> tuple[bytes, ExportResult]:
    """Return a bundle of a world's store: of all snapshots, unless others are chosen."""
    parts: list[bytes] = []
    with world.open(transport) as repository:
        selection = ChatSelection(**{"snapshots": tuple(repository.snapshots()), **chosen})
        options = ExportOptions(EXPORTED, "chatcask test", with_paths=with_paths)
        monitor = RecordingMonitor()
        done = export_bundle(repository, selection, parts.append, options, monitor=monitor)
    assert done.bytes_written == sum(map(len, parts))
    assert list(done.problems) == monitor.problems
    return b"".join(parts), done


def new_store() -> MemoryTransport:
    transport = MemoryTransport()
    Repository.create(transport, SMALL)
    return transport


def take_in(transport: Transport, data: bytes, tags: tuple[str, ...] = ()) -> ImportResult:
    """Import a bundle into a store."""
    with Repository.open(transport) as repository:
        return import_bundle(
            repository,
            io.BytesIO(data).read,
            ImportOptions("chatcask test", tags),
            clock=lambda: EXPORTED,
            monitor=RecordingMonitor(),
        )


Held = dict[str, tuple[EntryKind, bytes, int, bool]]
"""What a snapshot holds: kind, bytes, time and mark by path."""


def held(transport: Transport, reference: SnapshotReference) -> Held:
    with Repository.open(transport) as repository:
        root = repository.load(reference).root

        def data(entry: Entry) -> bytes:
            is_folder = entry.kind is EntryKind.FOLDER
            return b"%d" % entry.size if is_folder else repository.reader.read_all(entry.content)

        return {
            path: (entry.kind, data(entry), entry.mtime_ns, entry.carried)
            for path, entry in repository.walk(root)
        }


def lines_of(bundle: bytes) -> list[dict[str, Any]]:
    """Return every line of a bundle as any JSON reader sees it."""
    return [json.loads(line) for line in gzip.decompress(bundle).splitlines()]


def rebuilt(manifest: dict[str, Any], rows: list[bytes]) -> bytes:
    """Return a bundle with this manifest, its checksum made right, and these lines, one member each."""
    manifest.pop("checksum", None)
    body = json.dumps(manifest, ensure_ascii=False, separators=(",", ":")).encode()[:-1]
    line = body + b',"checksum":"' + blake3(body).hexdigest().encode() + b'"}'
    return b"".join(gzip.compress(data + b"\n", mtime=0) for data in [line, *rows])


def row_lines(bundle: bytes) -> list[bytes]:
    return gzip.decompress(bundle).split(b"\n")[1:-1]


def members(bundle: bytes) -> list[bytes]:
    """Return the gzip members of a bundle."""
    return [HEADER + part for part in bundle.split(HEADER)[1:]]
