"""Every kind of damage to every kind of object, what each command makes of it, and the table of that.

    PYTHONPATH=store:cli:tests python tests/damage/matrix.py

prints the table that docs/damage.md shows. Each cell starts from the same small store: two runs of one
editor's folder, with one chat that grew, one that was deleted and one that stayed between them.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from unittest import mock

from chatcask.assistants.base import Platform, Source
from chatcask.assistants.vscode.places.locate import source_for
from chatcask.errors import ChatcaskError
from chatcask.format.condemned import encode_condemned
from chatcask.format.config import Config
from chatcask.format.pack import HEADER_SIZE, TRAILER_SIZE, footer_length, read_footer
from chatcask.format.tree import Entry, EntryKind
from chatcask.ids import chunk_id, object_name
from chatcask.monitor import NullMonitor
from chatcask.ops.files.restore_files import restore_files
from chatcask.ops.integrity.check import check
from chatcask.ops.integrity.findings import EVERYTHING
from chatcask.ops.integrity.mend_config import apply_config, plan_config
from chatcask.ops.integrity.repair import RepairHelpers, apply_repair, plan_repair
from chatcask.repository.keys import CONFIG, INDEXES, PACKS, condemned_key
from chatcask.repository.repository import Repository
from chatcask.transport import MemoryTransport, Transport
from support.worlds import SMALL, START, World

A, B, C = "w1/chatSessions/a.jsonl", "w1/chatSessions/b.jsonl", "w1/chatSessions/c.jsonl"
D = "w2/chatSessions/d.json"


def _text(name: str, lines: int) -> bytes:
    return b"".join(b'{"kind":1,"v":"%s, line %d of %d"}\n' % (name.encode(), n, n * n) for n in range(lines))


FIRST = {
    A: _text("Ada", 200),
    B: _text("Grace", 150),
    C: _text("lighthouse", 100),
    D: _text("beacon", 80),
    "w1/workspace.json": b'{"folder":"file:///home/ada/lighthouse"}',
}
SECOND = {**{name: data for name, data in FIRST.items() if name != B}, A: FIRST[A] + _text("Ada again", 120)}
THIRD = {**SECOND, D: SECOND[D] + _text("beacon again", 50)}


_CONDEMNED = encode_condemned([object_name(b"a pack that was")])


@dataclass(frozen=True)
class Base:
    """The undamaged store, and where its objects are."""

    objects: Mapping[str, bytes]
    keys: Mapping[str, str]


class Home(World):
    """A world whose editor folder is the usual one, so that its name does not depend on where it lies."""

    def __init__(self, folder: Path, transport: Transport) -> None:
        self.home = folder / "home"
        self.cache: Path | None = None  # in memory, which is quicker
        super().__init__(self.home / ".config", transport)

    @property
    def source(self) -> Source:
        return source_for(self.user_data_dir, "code", Platform("linux", self.home, {}))

    def date(self, path: Path) -> None:
        """Give a file a time that only its bytes decide."""
        seconds = int.from_bytes(chunk_id(path.read_bytes())[:2], "big")
        moment = int((START - timedelta(days=2)).timestamp() + seconds) * 1_000_000_000
        os.utime(path, ns=(moment, moment))

    def open(self, transport: Transport | None = None) -> Repository:
        return Repository.open(transport or self.transport, self.cache)


class Scene(Home):
    """One editor folder, the store to be damaged and a cache, fresh for every cell."""

    def __init__(self, folder: Path, objects: Mapping[str, bytes]) -> None:
        super().__init__(folder, _filled(objects))
        self.output = folder / "output"
        self.clock.now = START + timedelta(days=30)
        self.write(THIRD)


class _Filled(MemoryTransport):
    """Ignores the first wish to make a store, since it holds one, damaged as it may be."""

    def __init__(self) -> None:
        super().__init__()
        self._is_asked_first = True

    def put_new(self, key: str, *parts: bytes) -> None:
        if not self._is_asked_first:
            super().put_new(key, *parts)
        self._is_asked_first = False


def _filled(objects: Mapping[str, bytes]) -> Transport:
    transport = _Filled()
    for key, data in objects.items():
        transport.put(key, data)
    return transport


@cache
def base() -> Base:
    """Return the store of which every cell gets a damaged copy."""
    with tempfile.TemporaryDirectory() as folder:
        world = Home(Path(folder), MemoryTransport())
        world.write(FIRST)
        first = world.take()
        packs_of_first = set(_keys(world.transport, PACKS))
        index_of_first = _keys(world.transport, INDEXES)[0]
        world.replace_all(SECOND)
        second = world.take()
        assert first.reference is not None
        assert second.reference is not None
        objects = {info.key: world.transport.get(info.key) for info in world.transport.list("")}
    data, trees = sorted(packs_of_first, key=lambda key: _kind_of(objects[key]))
    later_data, later_trees = sorted(
        {key for key in objects if key.startswith(PACKS)} - packs_of_first,
        key=lambda key: _kind_of(objects[key]),
    )
    return Base(
        objects,
        {
            "config": CONFIG,
            "snapshot": second.reference.key,
            "other snapshot": first.reference.key,
            "tree pack": later_trees,
            "other tree pack": trees,
            "data pack": data,
            "other data pack": later_data,
            "index": index_of_first,
            "other index": next(k for k in objects if k.startswith(INDEXES) and k != index_of_first),
            "condemned": condemned_key(object_name(_CONDEMNED)),
        },
    )


def _keys(transport: Transport, prefix: str) -> list[str]:
    return [info.key for info in transport.list(prefix)]


def _kind_of(pack: bytes) -> int:
    return _blocks(pack)[0].kind


def _blocks(pack: bytes):  # type: ignore[no-untyped-def]
    trailer = pack[-TRAILER_SIZE:]
    return read_footer(trailer, pack[-TRAILER_SIZE - footer_length(trailer, "pack") :], "pack")


def _whole(data: bytes) -> tuple[int, int]:
    return 0, len(data)


def _header(data: bytes) -> tuple[int, int]:
    return 0, HEADER_SIZE


def _block(data: bytes) -> tuple[int, int]:
    block = _blocks(data)[1]
    return block.offset, block.offset + block.stored_length


def _block_header(data: bytes) -> tuple[int, int]:
    first, second = _blocks(data)[:2]
    return first.offset + first.stored_length, second.offset


def _footer(data: bytes) -> tuple[int, int]:
    end = len(data) - TRAILER_SIZE
    return end - footer_length(data[end:], "pack"), end


def _trailer(data: bytes) -> tuple[int, int]:
    return len(data) - TRAILER_SIZE, len(data)


Part = Callable[[bytes], tuple[int, int]]
TARGETS: dict[str, tuple[str, str, Part]] = {
    "config": ("config", "another store's config", _whole),
    "snapshot": ("snapshot", "other snapshot", _whole),
    "tree pack": ("tree pack", "other tree pack", _whole),
    "data pack": ("data pack", "other data pack", _whole),
    "data pack header": ("data pack", "other data pack", _header),
    "data pack block header": ("data pack", "other data pack", _block_header),
    "data pack block": ("data pack", "other data pack", _block),
    "data pack footer": ("data pack", "other data pack", _footer),
    "data pack trailer": ("data pack", "other data pack", _trailer),
    "index": ("index", "other index", _whole),
    "condemned": ("condemned", "another list", _whole),
    "cache": ("cache", "another store's cache", _whole),
}
DAMAGES = ("delete", "truncate", "flip", "swap", "zero")


def _damaged(data: bytes, other: bytes, part: Part, damage: str) -> bytes | None:
    """Return the damaged bytes; None for no object at all."""
    start, end = part(data)
    other_start, other_end = part(other)
    middle = (start + end) // 2
    match damage:
        case "delete":
            return data[:start] + data[end:] if part is not _whole else None
        case "truncate":
            return data[:middle]
        case "flip":
            return data[:middle] + bytes([data[middle] ^ 0x20]) + data[middle + 1 :]
        case "swap":
            return data[:start] + other[other_start:other_end] + data[end:]
    return data[:start] + bytes(end - start) + data[end:]


def damage_store(target: str, damage: str) -> dict[str, bytes]:
    """Return the objects of the store with one damage done."""
    store = base()
    objects = dict(store.objects)
    name, other_name, part = TARGETS[target]
    if name == "cache":
        return objects
    if name == "condemned":
        objects[store.keys[name]] = _CONDEMNED
    key, other_key = store.keys[name], store.keys.get(other_name)
    other = objects[other_key] if other_key else _strangers(name)
    damaged = _damaged(objects[key], other, part, damage)
    if damage == "swap" and other_key:
        objects[other_key] = _damaged(other, objects[key], part, damage) or b""
    if damaged is None:
        del objects[key]
    else:
        objects[key] = damaged
    return objects


def _strangers(name: str) -> bytes:
    """Return the bytes of a sound object of the same kind from another store."""
    if name == "condemned":
        return encode_condemned([object_name(b"one"), object_name(b"two")])
    from chatcask.format.config import encode_config

    return encode_config(Config("5" * 32, "2026-10-01T08:00:00Z"))


def damage_cache(scene: Scene, damage: str) -> None:
    """Fill the cache by reading everything, then damage its file."""
    scene.cache = scene.home / "cache"
    with scene.open() as repository:
        for reference in repository.snapshots():
            for _, entry in repository.walk(repository.load(reference).root):
                repository.reader.read_all(entry.content)
    (path,) = scene.cache.rglob("locations.sqlite")
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    data = path.read_bytes()
    if damage == "swap":
        with closing(sqlite3.connect(path)) as database, database:  # as if every place were another one's
            database.execute("UPDATE block SET offset = offset + 1")
        return
    if damage == "flip":
        with closing(sqlite3.connect(path)) as database, database:
            database.execute("UPDATE chunk SET length = 'x'")
        return
    damaged = _damaged(data, data, _whole, damage)
    path.unlink() if damaged is None else path.write_bytes(damaged)


def outcome_of_check(scene: Scene) -> str:
    """Check everything; say what was found."""
    try:
        with scene.open() as repository:
            result = check(repository, sample=EVERYTHING)
    except ChatcaskError as error:
        return f"refused: {error.kind}"
    if result.damage:
        return "damage: " + ", ".join(sorted({f.kind for f in result.damage}))
    kinds = {f.kind for f in result.leftovers} - {"condemned"}
    return f"leftover: {', '.join(sorted(kinds))}" if kinds else "sound"


def outcome_of_restore(scene: Scene) -> str:
    """Restore both snapshots; every file is right, or named, or the snapshot is refused by name."""
    try:
        repository = scene.open()
    except ChatcaskError as error:
        return f"refused: {error.kind}"
    outcomes = []
    with repository:
        keys = base().keys
        for key, files in ((keys["other snapshot"], FIRST), (keys["snapshot"], SECOND)):
            # A rescued manifest stands beside the damaged one, with the same time.
            places = [r for r in repository.snapshots() if r.key.startswith(key[:-64])]
            every = [restored(scene, repository, reference, files) for reference in places]
            outcomes.append(min(every, default="gone", key=len))
    if outcomes == ["all", "all"]:
        return "all"
    return f"{outcomes[0]}; {outcomes[1]}"


def restored(scene: Scene, repository: Repository, reference, files: Mapping[str, bytes]) -> str:  # type: ignore[no-untyped-def]
    """Restore one snapshot and compare every byte; say how much came back."""
    output = scene.output
    shutil.rmtree(output, ignore_errors=True)
    try:
        root = Entry("", EntryKind.FOLDER, 0, 0, repository.load(reference).root)
        # Syncing the whole machine's disks a thousand times proves nothing here.
        with mock.patch.object(os, "sync", create=True):
            done = restore_files(repository, root, output, overwrite=False, monitor=NullMonitor())
    except ChatcaskError as error:
        return f"refused: {error.kind}"
    top = output / scene.source.id / "workspaces"
    found = {p.relative_to(top).as_posix(): p.read_bytes() for p in top.rglob("*") if p.is_file()}
    named = [problem.path.partition("/workspaces/")[2] for problem in done.problems]
    for name, data in found.items():
        assert data == files[name], f"{name} came back with other bytes"
    missing = files.keys() - found.keys()
    for name in missing:
        assert any(name == path or name.startswith(f"{path}/") or not path for path in named), (
            f"{name} is silent"
        )
    return "all" if not missing else f"{len(found)} of {len(files)} files"


def outcome_of_snapshot(scene: Scene) -> str:
    """Take the next snapshot and restore it; what is wrong with it must be known to check."""
    try:
        result = scene.take()
    except ChatcaskError as error:
        return f"refused: {error.kind}"
    assert result.reference is not None
    with scene.open() as repository:
        text = restored(scene, repository, result.reference, THIRD)
        known = check(repository, sample=EVERYTHING).damage
    named = {problem.kind for problem in result.snapshot.problems}
    assert text == "all" or any(result.reference.id in f.affects.snapshots for f in known), "silent damage"
    return f"restores {text}" + (f", names {', '.join(sorted(named))}" if named else "")


def outcome_of_repair(scene: Scene, *, copy: bool) -> str:
    """Repair, with the closed editor and perhaps a copy of the store to ask; then check and restore."""
    transport = scene.transport
    try:
        new_config = plan_config(transport, SMALL)
        if new_config:
            apply_config(transport, new_config)
        before = {info.key for info in transport.list("")}
        with ExitStack() as stack, scene.open() as repository:
            donors = [stack.enter_context(Repository.open(_filled(base().objects)))] if copy else []
            helpers = RepairHelpers(donors, [scene.source], scene.guard)
            with plan_repair(repository, helpers, NullMonitor()) as plan:
                result = apply_repair(plan, NullMonitor())
    except ChatcaskError as error:
        return f"refused: {error.kind}"
    gone = {key for key in before - {i.key for i in transport.list("")} if not key.startswith(INDEXES)}
    assert not gone, f"repair deleted {gone}"
    assert not result.damage, result.damage
    with scene.open() as repository:
        after = check(repository, sample=EVERYTHING)
        assert not after.damage, after.damage
        with plan_repair(repository, RepairHelpers([], [], scene.guard), NullMonitor()) as again:
            assert not apply_repair(again, NullMonitor()).newly_lost
    did = "new config; " if new_config else ""
    text = outcome_of_restore(scene)
    if after.lost:
        return f"{did}lost: {', '.join(sorted({f.kind for f in after.lost}))}; restores {text}"
    return f"{did}restores {text}" if did or plan.has_work or text != "all" else "nothing to do"


COLUMNS: dict[str, Callable[[Scene], str]] = {
    "check --read-data": outcome_of_check,
    "restore first; second": outcome_of_restore,
    "next snapshot": outcome_of_snapshot,
    "repair": lambda scene: outcome_of_repair(scene, copy=False),
    "repair --from a copy": lambda scene: outcome_of_repair(scene, copy=True),
}


def row(target: str, damage: str) -> list[str]:
    """Do one damage and run every command on a fresh copy of it."""
    cells = []
    for run in COLUMNS.values():
        with tempfile.TemporaryDirectory() as folder:
            scene = Scene(Path(folder), damage_store(target, damage))
            if target == "cache":
                damage_cache(scene, damage)
            cells.append(run(scene))
    return cells


def line(target: str, damage: str) -> str:
    """Return one line of the table."""
    return f"| {target} | {damage} | {' | '.join(row(target, damage))} |"


def heading() -> list[str]:
    """Return the table's heading."""
    names = ["what", "damage", *COLUMNS]
    return [f"| {' | '.join(names)} |", "|" + "---|" * len(names)]


def main() -> None:
    """Print the table."""
    print(*heading(), sep="\n")
    for target in TARGETS:
        for damage in DAMAGES:
            print(line(target, damage), flush=True)


if __name__ == "__main__":
    main()
