"""Build the golden store of format 1, and say what every snapshot in it must give back.

    python tests/golden/make.py FOLDER

writes the store to FOLDER, which must not exist. Times, names and the random bytes in packs are fixed, so
two builds with the same compressor are equal byte for byte. The checked-in store was built once and never
changes: a new format gets a folder and a script of its own.
"""

from __future__ import annotations

import os
import sqlite3
import sys
import tempfile
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from chatcask.assistants.base import Platform, RunningEditor, Source
from chatcask.assistants.vscode.places.locate import source_for
from chatcask.format.binary import add_prefix, pack_value
from chatcask.format.config import BlockParameters, ChunkerParameters, Config
from chatcask.ids import ObjectName, object_name
from chatcask.monitor import NullMonitor
from chatcask.ops.snapshot.capture_sources import Request
from chatcask.ops.snapshot.manifest import Identity
from chatcask.ops.snapshot.take import SnapshotOptions, take_snapshot
from chatcask.repository.chunk_writer import ChunkWriter
from chatcask.repository.keys import condemned_key
from chatcask.repository.repository import Repository
from chatcask.transport import LocalTransport

CONFIG = Config(
    store_id="c0ffee00" * 4,
    created_at="2026-11-01T09:00:00Z",
    chunker=ChunkerParameters(minimum=64, average=256, maximum=1024),
    blocks=BlockParameters(size=4096),
)
ORIGIN_ADA, ORIGIN_GRACE = "ada0" * 4, "9ace" * 4
START = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)
LATIN_NAME = b"caf\xe9.jsonl"
CONDEMNED = ObjectName("ab" * 32)

_WORKSPACE = "User/workspaceStorage/11111111111111111111111111111111"
_LONG_LOG = b"".join(
    b'{"kind":1,"k":["requests",%d],"v":{"text":"keeper %d saw %d ships"}}\n' % (n, n % 7, n * n % 1013)
    for n in range(2000)
)


def _noise(seed: bytes, size: int) -> bytes:
    """Return bytes that do not compress, so that a block is stored as it is."""
    parts = [bytes.fromhex(object_name(seed, b"%d" % n)) for n in range(size // 32)]
    return b"".join(parts)


FIRST_DAY = {
    f"{_WORKSPACE}/workspace.json": b'{"folder":"file:///home/ada/lighthouse"}',
    f"{_WORKSPACE}/chatSessions/retry.jsonl": b'{"kind":0,"v":{"version":3}}\n' + _LONG_LOG,
    f"{_WORKSPACE}/chatSessions/empty.jsonl": b"",
    f"{_WORKSPACE}/chatSessions/torn.jsonl": b'{"kind":0,"v":{"version":3,"sessi',
    f"{_WORKSPACE}/chatEditingSessions/retry/contents/a1b2c3d": b"before\n",
    f"{_WORKSPACE}/GitHub.copilot-chat/transcripts/retry.jsonl": b'{"type":"session.start"}\n',
    "User/globalStorage/emptyWindowChatSessions/regex.json": b'{"version":3,"requests":[]}',
    "User/workspaceStorage/vscode-chat-images/lamp.png": _noise(b"lamp", 6000),
}
SECOND_DAY = {
    **FIRST_DAY,
    f"{_WORKSPACE}/chatSessions/retry.jsonl": FIRST_DAY[f"{_WORKSPACE}/chatSessions/retry.jsonl"]
    + b'{"kind":1,"k":["inputState"],"v":{}}\n',
    f"{_WORKSPACE}/chatSessions/beacon.json": b'{"version":3,"requests":[{"message":"hello, Grace"}]}',
}
del SECOND_DAY[f"{_WORKSPACE}/chatSessions/torn.jsonl"]
INDEX_ROW = b'{"version":1,"entries":{"retry":{"title":"Retry the lamp"}}}'
GRACES_FILE = b'{"version":3,"requests":[{"message":"tide tables for November"}]}'


def _logical(path: str) -> str:
    for place, name in (
        ("User/workspaceStorage/vscode-chat-images/", "images/"),
        ("User/workspaceStorage/", "workspaces/"),
        ("User/globalStorage/emptyWindowChatSessions/", "empty-window/chatSessions/"),
    ):
        if path.startswith(place):
            return name + path.removeprefix(place).replace("GitHub.copilot-chat/", "")
    raise AssertionError(path)


def _as_captured(files: dict[str, bytes], **more: bytes) -> dict[bytes, bytes]:
    ada = {f"code/{_logical(path)}".encode(): data for path, data in files.items()}
    sessions = f"code/{_logical(_WORKSPACE)}/chatSessions/".encode()
    ada[sessions + LATIN_NAME] = b"a name that is not UTF-8\n"
    ada[sessions + b"link.jsonl"] = b"retry.jsonl"
    ada[f"code/{_logical(_WORKSPACE)}/state/chat.ChatSessionStore.index.json".encode()] = INDEX_ROW
    return ada | {name.encode(): data for name, data in more.items()}


_GRACE = {"cursor/empty-window/chatSessions/tides.json": GRACES_FILE}
EXPECTED: list[dict[bytes, bytes]] = [
    _as_captured(FIRST_DAY),
    _as_captured(SECOND_DAY, **_GRACE),
    _as_captured(SECOND_DAY, **_GRACE),
    {name.encode(): data for name, data in _GRACE.items()},
]
"""What each snapshot holds, path -> bytes (a link's target for a link), in the order they were taken in.

They are Ada's first day; her second with another editor beside; a run while that editor ran and one chat
could not be read, so both were carried over; and Grace's only run.
"""


class _Guard:
    def __init__(self, running: frozenset[str] = frozenset()) -> None:
        self._running = running

    def running(self, source: Source) -> RunningEditor | None:
        if source.product.name not in self._running:
            return None
        return RunningEditor(source.product, source.user_data_dir, "process", 4711, "Cursor runs")

    def require_closed(self, source: Source) -> None:
        assert self.running(source) is None

    def watch(self, source: Source) -> None:
        assert self.running(source) is None


class _Repository(Repository):
    """A store whose packs begin with counted instead of random bytes."""

    packs_made = 0

    def writer(
        self, condemned: frozenset[ObjectName] = frozenset(), *, level: int | None = None
    ) -> ChunkWriter:
        return ChunkWriter(
            self._transport,
            self._locations,
            self._config,
            condemned=condemned,
            random_bytes=_Repository.count,
        )

    @staticmethod
    def count(size: int) -> bytes:
        _Repository.packs_made += 1
        return _Repository.packs_made.to_bytes(size, "big")


def _write(folder: Path, files: dict[str, bytes], moment: datetime) -> None:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.is_file() or path.read_bytes() != data:
            path.write_bytes(data)
            _date(path, moment)


def _date(path: Path | bytes, moment: datetime) -> None:
    ns = int(moment.timestamp()) * 1_000_000_000
    os.utime(path, ns=(ns, ns), follow_symlinks=False)


def _write_the_rest(code: Path, moment: datetime) -> None:
    sessions = os.fsencode(code / _WORKSPACE / "chatSessions")
    latin = os.path.join(sessions, LATIN_NAME)
    with open(latin, "wb") as file:
        file.write(b"a name that is not UTF-8\n")
    link = os.path.join(sessions, b"link.jsonl")
    os.symlink(b"retry.jsonl", link)
    state = code / _WORKSPACE / "state.vscdb"
    with closing(sqlite3.connect(state)) as database, database:
        database.execute("CREATE TABLE ItemTable (key TEXT UNIQUE ON CONFLICT REPLACE, value BLOB)")
        database.execute(
            "INSERT INTO ItemTable VALUES (?, ?)", ("chat.ChatSessionStore.index", INDEX_ROW.decode())
        )
    for path in (latin, link, os.fsencode(state)):
        _date(path, moment)


def build(store: Path, home: Path) -> None:
    """Build the store in a new folder; `home` is a folder to play the editors' home."""
    _Repository.packs_made = 0
    code, cursor = home / ".config" / "Code", home / ".config" / "Cursor"
    platform = Platform("linux", home, {})
    transport = LocalTransport(store)
    Repository.create(transport, CONFIG)

    def take(moment: datetime, *folders: Path, running: str = "", origin: str = ORIGIN_ADA) -> None:
        ticks = iter(range(1000))
        clock: Callable[[], datetime] = lambda: moment + timedelta(seconds=next(ticks))  # noqa: E731
        with _Repository.open(transport) as repository:
            take_snapshot(
                repository,
                [Request(source_for(folder, None, platform)) for folder in folders],
                SnapshotOptions(tags=("first",) if moment == START else ()),
                identity=Identity(origin, "lighthouse", "chatcask 0.1.0"),
                guard=_Guard(frozenset({running})),
                clock=clock,
                monitor=NullMonitor(),
            )

    day = timedelta(days=1)
    _write(code, FIRST_DAY, START - day)
    _write_the_rest(code, START - day)
    take(START, code)
    for name in FIRST_DAY.keys() - SECOND_DAY.keys():
        (code / name).unlink()
    _write(code, SECOND_DAY, START + day / 2)
    graces = {"User/globalStorage/emptyWindowChatSessions/tides.json": GRACES_FILE}
    _write(cursor, graces, START + day / 2)
    take(START + day, code, cursor)
    # A folder where a chat was cannot be taken, so the chat is carried over.
    (code / _WORKSPACE / "chatSessions" / "beacon.json").unlink()
    (code / _WORKSPACE / "chatSessions" / "beacon.json").mkdir()
    take(START + 2 * day, code, cursor, running="cursor")
    take(START + 3 * day, cursor, origin=ORIGIN_GRACE)
    condemned = add_prefix(b"CASKCOND", pack_value([bytes.fromhex(CONDEMNED)]))
    transport.put(condemned_key(object_name(condemned)), condemned)
    (store / "tmp").rmdir()


def main() -> None:
    """Build the store where the command line says."""
    with tempfile.TemporaryDirectory() as folder:
        build(Path(sys.argv[1]), Path(folder))


if __name__ == "__main__":
    main()
